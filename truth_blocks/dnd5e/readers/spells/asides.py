"""What a sentence says right behind a spell's name, whatever else it goes on to say: *X is a 2nd-level abjuration, so …*."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.mentions import Mention, Mentions
from truth_blocks.dnd5e.readers.figures import plain
from truth_blocks.dnd5e.readers.matching import findall, match, search, sub
from truth_blocks.dnd5e.readers.spells.verbs import named_plainly, spells_named
from truth_blocks.dnd5e.readers.stated import verdict
from truth_blocks.dnd5e.vocabulary import SCHOOL

MOST_TEXT = 260
_TURNS = (
    r"\b(?:unless|except|homebrew|house rules?|variant|metamagic|copying|scribing|dead for|too late|quicken\w*|extended|used to|would be|wish|should|myth|twinned|if (?:it|you|they) (?:had|were)"
    r"|people (?:say|think)|according to|in the (?:old|new) rules|instead of|subtle|(?:only )?other spells?|scroll|potion|item|wand|staff|ring|trap|lair|in combat|as if|not like|unlike|than)\b"
)
_FILL = r"(?: (?:here|spell|cantrip|itself|alone|still|always|also|only|just|actually|really|simply|though|usually|even|now|then|currently))*"
_IS = rf"{_FILL}(?:'s| is| was| remains| counts as|:|,){_FILL}"
_SPANS = r"(?:(\d+|an?|1) (?:full |whole |entire |solid |complete )?(rounds?|minutes?|hours?|days?)\b)"
_COSTS = rf"{_FILL} (?:takes?|costs?|uses?(?: up)?|eats?(?: up)?|is|needs?|requires?|burns?|casts? as|is cast (?:as|with)|goes off as|comes out as){_FILL}"
_ACTION = r"(?: a| an| my| your| his| her| the| their| 1)*(?: full| whole| entire| main| normal| regular| single| standard)* (bonus action|reaction|action)s?\b(?! point)"
Found = tuple[bool, str, str]


def asides_of_spells(text: str, facts: Facts, edition: str, known: Mentions) -> list[Checked]:
    """Verdicts on the fields stated beside the names of spells."""
    if len(text) > MOST_TEXT or search(_TURNS, text.lower()):
        return []
    text = named_plainly(text)
    named = spells_named(text, known)
    found = []
    for place, mention in enumerate(named):
        row = facts.row("spell", edition, mention.key)
        if row is None or (place and search(r"\b(?:and|or|&)\W*$", text[named[place - 1].end : mention.start])):
            continue
        end = named[place + 1].start if place + 1 < len(named) else len(text)
        after = sub(r"^(?:'s|s)\b(?! (?:a|an|the)\b)", "", plain(text[mention.end : end]))
        found += _read(after, row, mention, edition)
        if len(named) == 1:
            whole = plain(text[: mention.start] + "###" + text[mention.end :])
            found += _told(_of_whole(whole, row), mention, edition)
    return found


def _read(after: str, row: Mapping[str, Any], mention: Mention, edition: str) -> list[Checked]:
    readers: Sequence[Callable[[str, Mapping[str, Any]], Found | None]] = (_level, _concentration, _action, _cantrip)
    return _told([each for reader in readers if (each := reader(after, row))], mention, edition)


def _told(found: Sequence[Found] | Iterator[Found], mention: Mention, edition: str) -> list[Checked]:
    return [verdict(right, f"spell.{name}", expected, edition, mention.name) for right, name, expected in found]


def _level(after: str, row: Mapping[str, Any]) -> Found | None:
    """*is a 2nd-level abjuration*, *: level 2 abjuration*."""
    said = match(
        rf"{_IS}(?: an?)? (?:(\d)(?:st|nd|rd|th)[- ]level|level[- ](\d)) (?:({SCHOOL})|spells?\b(?! slot)|\w+ spell\b)",
        after,
    )
    if said is None or row["level"] is None:
        return None
    right = int(said[1] or said[2]) == row["level"] and (not said[3] or row["school"] in (None, said[3]))
    return right, "level_and_school", f"level {row['level']} {row['school'] or ''}".strip()


def _cantrip(after: str, row: Mapping[str, Any]) -> Found | None:
    """*is a cantrip, so …*."""
    said = match(rf"{_IS}(?: an?)?(?: (?:\w+))? cantrip\b", after)
    if said is None or row["level"] is None or search(r"\bnot\b|n't\b|\bno\b", said[0]):
        return None
    return row["level"] == 0, "level", "a cantrip" if row["level"] == 0 else f"level {row['level']}"


def _concentration(after: str, row: Mapping[str, Any]) -> Found | None:
    """*isn't a concentration spell*, *needs concentration*."""
    if row["concentration"] is None:
        return None
    denied = match(
        rf"{_FILL} (?:is not|isn't|does not|doesn't|does n't|never|no longer){_FILL}(?: (?:need|require|take|use|cost|demand|a|an|even|any|your|my))* concentrat(?:ion|ing)\b(?! (?:check|sav))"
        rf"|{_FILL} (?:needs?|requires?|takes?|has|uses?|demands?) no concentration\b|{_FILL},? (?:with )?no concentration (?:needed|required|on it)",
        after,
    )
    claimed = match(
        rf"{_FILL} (?:is|needs?|requires?|takes?|demands?|wants?|eats?(?: up)?|uses?(?: up)?|holds?|costs?){_FILL}(?: an?| your| my| his| her)? concentration\b(?! (?:check|sav|free))",
        after,
    )
    if bool(denied) == bool(claimed):
        return None
    right = bool(row["concentration"]) == bool(claimed)
    return right, "concentration", "it needs concentration" if row["concentration"] else "no concentration"


def _action(after: str, row: Mapping[str, Any]) -> Found | None:
    """*takes your full action*, *costs only a bonus action*."""
    said = match(rf"{_COSTS}{_ACTION}", after)
    cast = row["casting_time"]
    if said is None or cast is None or search(r"\bnot\b|n't\b|\bno\b", said[0]):
        return None
    if match(r" (?:each|every|on (?:later|subsequent|your)|to (?!cast)|per|a turn)", after[said.end() :]):
        return None
    return said[1] == cast, "casting_time", str(cast)


def _of_whole(text: str, row: Mapping[str, Any]) -> Iterator[Found]:
    """Spans and ranges whose words leave no doubt, in a sentence about one spell."""
    if search(r"\bnot\b|n't\b|\bnever\b|\bupcast|\bslots?\b|\bhigher\b|\brituals?\b|\brest\b|\bno longer\b", text):
        return
    spans = findall(_SPANS, text)
    lasts = search(
        rf"\b(?:lasts?|lasting|duration (?:is|of|:)|holds? (?:it|###)?|keeps? (?:it|###)(?: up| going)?|stays? up|runs?|maximum|(?:stays|sticks) around)(?: (?:for|up to|at most|out|a|only|just|about))* {_SPANS}",
        text,
    )
    known = match(r"(\d+) (round|minute|hour|day)", str(row["duration"]))
    if (
        lasts
        and known
        and len(spans) == 1
        and not search(r"\bdarkvision|\blonger\b|\bcast(?:ing)? time|\bto cast", text)
    ):
        count = "1" if lasts[1] in ("a", "an") else lasts[1]
        same = (count, lasts[2].rstrip("s")) == (known[1], known[2]) or _minutes(count, lasts[2]) == _minutes(
            *known.groups()
        )
        yield same, "duration", str(row["duration"])
    reach = search(
        r"(?:\btops? out at|maxes out at|max(?:imum)? range (?:is|of)|\bits range (?:is|of)|\bhas a range of|out of its range of) (?:only |just )?(\d+)\b(?! (?:hit|hp|dice|creat|targ|mile))",
        text,
    )
    if (
        reach
        and row["range_ft"]
        and not search(r"\bspeed|\bradius|\bcone\b|\bline\b|\bsphere|\bdamage|\bd\d|\bhit points|\bac\b", text)
    ):
        yield int(reach[1]) in (row["range_ft"], row["shape_ft"]), "range", str(row["range_text"])


def _minutes(count: str, unit: str) -> float:
    return float(count) * {"round": 0.1, "minute": 1, "hour": 60, "day": 1_440}[unit.rstrip("s")]
