"""The rarity of magic things and whether they want attunement, of things named in the plural or with their words turned."""

import re
from collections.abc import Iterator
from functools import lru_cache

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Facts, Row
from truth_blocks.dnd5e.readers.figures import plain
from truth_blocks.dnd5e.readers.matching import finditer, match, search, split
from truth_blocks.dnd5e.readers.stated import denied, verdict

MOST_TEXT = 220
_RARITY = ("very rare", "uncommon", "common", "rare", "legendary", "artifact")
_TURNS = r"\b(?:unless|except|if|would|homebrew|house[- ]rul\w*|variant|instead|rather|or|might|maybe|perhaps|myth|used to|than)\b|\?"
_LINK = r"\b(?:is|are|isn't|aren't|it's|they're|being|ranks?|rated|ranked|counts? as|listed as|rarity|a|an|of|as|merely|only|just|mere)[: ]+(?:an? |only |merely |just |mere |also |actually |considered |rated |ranked |listed as |of |not |even |a mere )*"
_FREE = r"\b(?:no|without|needs? no|requires? no) (?:need (?:for|of) |any )?attun|(?:\bnot|n't|\bnever) (?:\w+ )?(?:need|require|demand|want|ask|call|have to|must)\w*[^,;]{0,14}attun|\battun\w+ (?:is not|isn't|not) (?:\w+ )?(?:necessary|needed|required|involved)|\battunement[- ]free|\bno attunement"
_BOUND = r"\b(?:requires?|needs?|demands?|must be|has to be|have to be|calls? for|wants?|asks? for|requiring|needing)(?: \w+)?(?: an?| to be)? attun|\battunement (?:is )?(?:required|needed|necessary)|\bhas to be attuned|\bmust attune|\bneeds? to attune"


@lru_cache(maxsize=4)
def _names(facts: Facts, edition: str) -> tuple[re.Pattern[str], dict[str, Row]]:
    """A pattern of the magic things of an edition and their records by name."""
    rows: dict[str, Row] = {}
    for alias, key in facts.aliases("item", edition):
        row = facts.row("item", edition, key)
        if row and row["rarity"] and not search(r"\d", alias) and " " in alias:
            rows[alias] = row
            giant = match(r"belt of (?:giant strength )?(\w+)(?: giant strength)?$", alias)
            if giant and "giant" in alias:
                rows |= {
                    f"{giant[1]} giant strength belt": row,
                    f"{giant[1]} giant belt": row,
                    f"belt of {giant[1]} giant strength": row,
                }
    turned = sorted(rows, key=len, reverse=True)
    return re.compile(
        r"(?<![\w-])(?:" + "|".join(f"(?P<n{i}>{_spelt(name)})" for i, name in enumerate(turned)) + r")(?![\w-])"
    ), {f"n{i}": rows[name] for i, name in enumerate(turned)}


def _spelt(name: str) -> str:
    """A name with an *s* or an apostrophe where people put one."""
    words = name.split()
    head = words.index("of") - 1 if "of" in words[1:] else len(words) - 1
    return " ".join(
        re.escape(word[:-1]) + "'?s'?"
        if word.endswith("s") and place != head
        else re.escape(word) + ("s?" if place in (head, len(words) - 1) else "")
        for place, word in enumerate(words)
    )


def things_named(text: str, facts: Facts, edition: str) -> dict[str, Row]:
    """The records of the magic things that a text names, by their keys."""
    names, rows = _names(facts, edition)
    return {(row := rows[each.lastgroup or ""])["key"]: row for each in names.finditer(plain(text))}


def magic_things(text: str, facts: Facts, edition: str) -> list[Checked]:
    """Verdicts on rarity and attunement."""
    lowered = plain(text)
    if (
        len(text) > MOST_TEXT
        or search(_TURNS, lowered)
        or not search(r"\battun|\bcommon|\brare|\blegendary|\bartifact", lowered)
    ):
        return []
    return list(_clauses(lowered, facts, edition))


def _clauses(text: str, facts: Facts, edition: str) -> Iterator[Checked]:
    names, rows = _names(facts, edition)
    last: dict[str, Row] = {}
    for clause in split(r"[.;:!()]|,\s|\s(?:while|whereas|but|because|since|so|which|though|yet)\s", text):
        found = list(names.finditer(clause))
        here = {rows[each.lastgroup or ""]["key"]: rows[each.lastgroup or ""] for each in found}
        if (
            here
            or match(
                r"\W*(?:(?:and|also|just|still|plus|yet) )*(?:it|it's|they|they're|no|with|without|and|needs?|requires?|does|doesn't|don't|is|isn't|are|you|must|has|merely|only|an?)\b",
                clause,
            )
            is None
        ):
            last = here
        if len(last) == 1:
            masked = names.sub("#", clause)
            yield from _of_one(masked, next(iter(last.values())), edition)


def _of_one(text: str, row: Row, edition: str) -> Iterator[Checked]:
    name = str(row["name"])
    said = {
        each[1]: each
        for each in finditer(rf"{_LINK}({'|'.join(_RARITY)})\b(?! (?:to|for|that|find|sight|that|among|as)\b)", text)
    }
    if len(said) == 1:
        rarity, place = next(iter(said.items()))
        no = denied(text, place.start(), place.end()) or search(r"\bnot\b|n't\b", place[0]) is not None
        yield verdict((rarity == row["rarity"]) != no, "item.rarity", str(row["rarity"]), edition, name)
    if row["attunement"] is None:
        return
    free, bound = search(_FREE, text) is not None, search(_BOUND, text) is not None
    if free != bound:
        needs = bool(row["attunement"])
        yield verdict(
            needs == bound, "item.attunement", "requires attunement" if needs else "no attunement", edition, name
        )
