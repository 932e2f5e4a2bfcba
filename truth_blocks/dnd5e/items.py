"""The critic alone on claims: what ``vespera check dnd FILE.json`` prints, one result per item."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from truth_blocks.dnd5e.calc_reading import calculations_in
from truth_blocks.dnd5e.claims import Checked, check_claim
from truth_blocks.dnd5e.facts import EDITIONS, Facts, key_of
from truth_blocks.dnd5e.mentions import Mentions
from truth_blocks.dnd5e.prose import normalised
from truth_blocks.dnd5e.readers.classes.fields import class_statements
from truth_blocks.dnd5e.readers.clauses import clauses_about
from truth_blocks.dnd5e.readers.entries.agreement import agreeing, outweighed
from truth_blocks.dnd5e.readers.figures import figures, plain
from truth_blocks.dnd5e.readers.matching import findall, match, search, sub
from truth_blocks.dnd5e.readers.readings import among_others, concentration_save, said_beside, said_of_any_rule
from truth_blocks.dnd5e.readers.records.comparisons import comparison
from truth_blocks.dnd5e.readers.records.records import records
from truth_blocks.dnd5e.readers.stating import GAME_WORDS, calculation, edition_of, stands_as_name, statement
from truth_blocks.dnd5e.readers.sums.consistency import as_checked, consistency, record_checked
from truth_blocks.dnd5e.readers.sums.solving import SITUATION
from truth_blocks.dnd5e.readers.things import SAYS_MORE, facts_in
from truth_blocks.dnd5e.reading import claims_in
from truth_blocks.dnd5e.rule_reading import rule_readings

MOST_TEXT = 20_000
_OF_THINGS = ("fact.", "spell.", "creature.", "weapon.", "armor.", "item.", "entry.", "class.")
_OF_ALL = ("calc.", "armor.worn")
"""Readings of all figures of a sentence together, whose clauses say nothing alone."""
_OF_CREATURES = ("fact.", "creature.")
_SEVERAL_EVENTS = r"\b(?:and|but|who) then\b|\bafter that\b|\bthen heals?\b|\bneither\b|\bexcept\b|\bunless\b"
_NO_MORE = r",? (?:and |but )?not (?:any |a level )?(?:later|earlier|sooner|before|after)(?=[.!]?$)"
"""Words behind a level that deny nothing of it."""
_OF_OTHERS = (
    r"\b(?:breaks?|disrupts?) (?:\w+ )?concentration|\bonly other spells?\b|\bspent an? \w+[- ]level slot|\bon top\b"
    r"|\blevel spells? (?:and|or) (?:lower|below)\b|\bcop(?:y|ying|ied)\b.*\bbook\b|\bscrib\w+|\bdead for\b"
    r"|\btoo late\b|\bstays? (?:up )?(?:at|with) \d|\bgoes up by\b|\bpermanent\b.*\bpenalty|\bsees? in the dark\b"
    r"|\bif (?:you|the caster) (?:maintains?|keeps?|holds?) (?:\w+ )?concentrat|\bquicken\w*|\bout of reach\b"
    r"|\bwho(?:ever)? (?:is |keeps? )?concentrat|\b(?:extended|distant|twinned|heightened|transmuted) spell\b"
    r"|\bto counter (?:an? )?\d|\b(?:light|heavy|hand|great|long|short|bigger|smaller) ones?\b"
    r"|\bfrom \d*d\d+ to \d*d\d+|\bbeyond (?:its|the|his|her|my|normal|long)\b"
    r"|\b(?:fighting|defen[cs]e|archery|dueling) style\b|\bextra \d*d\d+\b"
)
"""Words that give a value to somebody or to a moment, not to the thing that is named."""
_BELIEVED = (
    r"\b(?:lots? of|many|some|most) (?:folks?|people|players|tables) "
    r"(?:wrongly |still |mistakenly )?(?:think|believe|say|assume)"
)
"""What somebody holds to be so is no statement of it."""
_NARRATED = (
    r"\b(?:took|drank|rolled|killed|flew|went|came|fell|ran|moved|regained|burned|stopped|dropped|missed"
    r"|gave|(?<!'ve )got|spent|woke|stood|chose|pushed|threw|bit|walked|stabbed|had (?:dis)?advantage)\b"
)
"""What happened at a table: the figures of an event are no fields of a record."""
_EDITION_NAMES = {"5.1": "5.1", "5.2": "5.2", "5.2.1": "5.2", "2014": "5.1", "2024": "5.2"}
SUBJECTS = ("spell", "creature", "weapon", "armor", "item", "ability", "attack")
MOST_RULE_TEXT = 2_000
"""Characters of a text that is held against a whole topic of the rules."""


def check_items(
    document: Any, facts: Facts, mentions: Mapping[str, Mentions], default: str
) -> Iterator[dict[str, Any]]:
    """One result per item; what cannot be read gets a result that says so."""
    found = document.get("items") if isinstance(document, Mapping) else None
    if not isinstance(found, list):
        yield _failed(None, 'The document must be {"items": [...]}.')
        return
    for item in found:
        yield _item(item, facts, mentions, default)


def _item(item: Any, facts: Facts, mentions: Mapping[str, Mentions], default: str) -> dict[str, Any]:
    if not isinstance(item, Mapping):
        return _failed(None, "An item is an object with id, edition and claim or text.")
    name, edition = item.get("id"), item.get("edition")
    edition = default if edition is None else _EDITION_NAMES.get(str(edition), edition)
    if edition not in EDITIONS:
        return _failed(name, "The edition is 5.2 or 5.1.")
    if item.get("claim") is not None:
        return _judged(name, [(item["claim"], check_claim(facts, item["claim"], edition))])
    text = item.get("text")
    if not isinstance(text, str) or not text.strip():
        return _failed(name, "An item needs a claim or a text.")
    if len(text) > MOST_TEXT:
        return _failed(name, f"The text has {len(text):,} characters; at most {MOST_TEXT:,} are read.")
    text = normalised(text)
    found = _settled(_read(text, edition, facts, mentions))
    if not any(result.verdict == "contradicted" or result.rule.startswith(_OF_ALL) for _, result in found):
        found = _of_clauses(text, edition, facts, mentions) or found
    if any(result.verdict == "contradicted" and not result.rule.startswith("entry.") for _, result in found):
        agrees = agreeing(text, edition, facts, mentions[edition])
        found = [(claim, _opened(r) if outweighed(r, text, agrees) else r) for claim, r in found]
    if any(r.verdict == "contradicted" and r.rule.startswith(_OF_CREATURES) for _, r in found) and among_others(
        text, mentions[edition]
    ):
        found = [(claim, _opened(r) if r.rule.startswith(_OF_CREATURES) else r) for claim, r in found]
    return _judged(name, found)


def _of_clauses(text: str, edition: str, facts: Facts, mentions: Mapping[str, Mentions]) -> list[tuple[Any, Checked]]:
    """Contradictions of the clauses of a long sentence about one thing, each read alone."""
    own = edition_of(text, edition)
    for clause in (
        clauses_about(text, mentions[own])
        if own is not None
        and not search(r"\?", text)
        and not search(_NARRATED, text.lower())
        and not search(r"\bonly other spells?\b", text.lower())
        and not concentration_save(text)
        else []
    ):
        found = _settled(_read(clause, own or edition, facts, mentions))
        wrong = [each for each in found if each[1].verdict == "contradicted" and each[1].rule.startswith(_OF_THINGS)]
        if wrong:
            return wrong
    return []


def _settled(found: list[tuple[Any, Checked]]) -> list[tuple[Any, Checked]]:
    """Where one reading was left open because the sentence says more, the others alone do not make it true."""
    held = {result.rule for _, result in found if result.verdict == "ok" and result.rule.startswith("calc.xp_")}
    found = [(claim, _opened(result) if result.rule in held else result) for claim, result in found]
    open_ = any(result.message == SAYS_MORE for _, result in found)
    return [(claim, _half_read(result)) for claim, result in found] if open_ else found


def _read(text: str, edition: str, facts: Facts, mentions: Mapping[str, Mentions]) -> list[tuple[Any, Checked]]:
    """Claims read from a text: a calculation, else a comparison, else named things, else classes, else rules."""
    told = sub(_NO_MORE, "", statement(text))
    if not told or search(_BELIEVED, told.lower()):
        return []
    own = edition_of(told, edition)
    stated_rules: list[tuple[Any, Checked]] = []
    if own is not None:
        stated_rules = [(None, each) for each in said_beside(told, own, facts, mentions[own])]
    if any(result.verdict == "contradicted" for _, result in stated_rules):
        return [*stated_rules]
    fits = consistency(told, facts, mentions, edition)
    narrated = search(_NARRATED, told.lower()) is not None
    held = None if search(_OF_OTHERS, told.lower()) else records(told, facts, mentions, edition)
    calculated = calculation(told, facts, mentions, edition)
    if fits is not None and not fits.holds:
        explained = calculated is not None and calculated.verdict == "contradicted"
        return list(calculated.judged) if calculated and explained else [(None, as_checked(fits, edition))]
    if calculated is not None:
        counted: list[tuple[Any, Checked]] = list(calculated.judged)
        return [(claim, _opened(result)) for claim, result in counted] if fits is not None else counted
    if held is not None and not held.holds and not narrated and not (fits is not None and fits.holds):
        return [(None, record_checked(held, own or edition))]
    found: list[tuple[Any, Checked]] = comparison(told, facts, mentions, edition)
    if not found and own is not None:
        found = class_statements(told, facts, own)
        if len([f for f in figures(plain(told)) if f.kind in ("level", "ordinal")]) > 1:
            found = [
                (c, _opened(r) if r.rule == "class.feature_level" and not _at_its_level(c, told) else r)
                for c, r in found
            ]
    if not found:
        stated: list[tuple[Any, Checked]] = [
            (each.claim, each.result) for each in facts_in(told, facts, mentions, edition)
        ]
        whole = _whole(told, [claim for claim, _ in stated])
        found = list(stated) if whole else [(claim, _half_read(result)) for claim, result in stated]
        placed = (
            narrated or (search(r"\d", told) and search(SITUATION, told.lower())) or search(_OF_OTHERS, told.lower())
        )
        if held is not None or fits is not None or placed:
            found = [(claim, _opened(result)) for claim, result in found]
    if own is not None and not any(result.verdict != "unverifiable" for _, result in found):
        found = [(None, each) for each in said_of_any_rule(told, facts, own, mentions[own])] or found
    if found or stated_rules:
        return found or [*stated_rules]
    older = _by_patterns(told, edition, facts, mentions)
    plain_ = (
        not search(SITUATION, told.lower())
        and not search(_OF_OTHERS, told.lower())
        and held is None
        and fits is None
        and _each_figure(told, [claim for claim, _ in older])
    )
    return older if plain_ else [(claim, _opened(result)) for claim, result in older]


def _at_its_level(claim: Any, text: str) -> bool:
    """Whether a feature and its level stand side by side: *Extra Attack at 5th level and …*."""
    name, level = str((claim or {}).get("feature")), (claim or {}).get("level")
    return search(rf"\b{name} (?:at|from) (?:level )?{level}(?:st|nd|rd|th)?\b", plain(text)) is not None


def _by_patterns(text: str, edition: str, facts: Facts, mentions: Mapping[str, Mentions]) -> list[tuple[Any, Checked]]:
    """The older readings, whose contradictions count only where every figure of the text is in a claim."""
    if edition_of(text, edition) is None and search(r"\b(?:between|from) (?:srd )?5\.\d", text.lower()):
        return []
    readings = list(calculations_in(text, facts, edition)) or list(
        claims_in(text, facts, mentions[edition], edition, any_case=True, elsewhere=mentions)
    )
    readings = [each for each in readings if _named(text, each.claim, mentions[edition])]
    found: list[tuple[Any, Checked]] = [(each.claim, each.judged(facts, edition)) for each in readings]
    if found and (search(_SEVERAL_EVENTS, text.lower()) or not _whole(text, [claim for claim, _ in found])):
        return [(claim, _half_read(_opened(result))) for claim, result in found]
    if search(r"\b(?:from|at|by|since) (?:\w+ )?level", text.lower()):  # the level of a class, not the spell's own
        found = [(c, _opened(r) if c and "spell" in c and "level" in c else r) for c, r in found]
    if search(r"\bregain|\brestor|\bregenerat|\bheals?\b", text.lower()):  # points that come back are not its own
        found = [(c, _opened(r) if c and "creature" in c and "hp" in c else r) for c, r in found]
    if search(r"\bversatile|\b(?:two|2|both) hand|\bup to \d*d\d", text.lower()):
        found = [(c, _opened(r) if c and "weapon" in c and "damage" in c else r) for c, r in found]
    if found or len(text) > MOST_RULE_TEXT:
        return found
    return [(claim, _opened(result)) for claim, result in rule_readings(text, edition, facts, mentions[edition])]


def _named(text: str, claim: Mapping[str, Any], known: Mentions) -> bool:
    """Whether the spell or armour a claim is about stands in the text as a name, not as a plain word."""
    name = claim.get("spell", claim.get("armor"))
    if not isinstance(name, str) or key_of(name) not in GAME_WORDS:
        return True
    return any(m.name == name and stands_as_name(m, text) for m in known.find(text, ("spell", "armor"), any_case=True))


def _half_read(result: Checked) -> Checked:
    """What holds in a sentence with other figures left unread says nothing of the sentence."""
    if result.verdict != "ok":
        return result
    return msgspec.structs.replace(result, verdict="unverifiable", message="This holds, but the sentence says more.")


def _opened(result: Checked) -> Checked:
    """A contradiction that rests on half a sentence is none."""
    if result.verdict != "contradicted":
        return result
    return msgspec.structs.replace(result, verdict="unverifiable", message=SAYS_MORE)


def _whole(text: str, claims: list[dict[str, Any]]) -> bool:
    """Whether each figure of a text stands in one of the claims read from it."""
    said = {number for claim in claims for value in claim.values() for number in findall(r"\d+", str(value))}
    return all(set(findall(r"\d+", figure.text.replace(",", ""))) <= said for figure in figures(plain(text)))


def _each_figure(text: str, claims: list[dict[str, Any]]) -> bool:
    """Whether each figure of a text is a value of a claim of its own, dice as dice, and no field is stated twice."""
    stated = [sorted(claim) + [str(claim.get(kind, "")) for kind in SUBJECTS] for claim in claims if claim]
    if any(stated.count(each) > 1 for each in stated):
        return False
    left = [
        str(value).lower().replace(" ", "").lstrip("+") for claim in claims if claim for value in _flat(claim.values())
    ]
    for figure in figures(plain(text)):
        shown = figure.text.replace(",", "").replace(" ", "").lstrip("+")
        number = next(iter(findall(r"^-?[\d.]+", shown)), shown)
        spans = figure.kind in ("time", "dice")
        own = next(
            (v for v in left if v in (shown, number) or (spans and number in v) or match(rf"{number}(?!d\d)[a-z]", v)),
            None,
        )
        if own is None:
            return False
        left.remove(own)
    return True


def _flat(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            yield from value
        else:
            yield value


def _judged(name: Any, checked: list[tuple[Any, Checked]]) -> dict[str, Any]:
    """The item's verdict: contradicted if any claim is, ok if all that could be decided hold."""
    if not checked:
        return {**_failed(name, "No claim could be read from the text."), "error": ""}
    order = {"contradicted": 0, "ok": 1, "unverifiable": 2}
    worst = min(checked, key=lambda pair: order[pair[1].verdict])[1]
    claims = [_line(claim, result) for claim, result in checked]
    result = {
        "id": name,
        "verdict": worst.verdict,
        "expected": worst.expected,
        "source": worst.source,
        "claims": claims,
    }
    return {**result, "error": worst.message} if worst.rule == "claim.malformed" else result


def _line(claim: Any, result: Checked) -> dict[str, Any]:
    line = {"claim": claim, "verdict": result.verdict, "rule": result.rule, "expected": result.expected}
    return {**line, "source": result.source, "message": result.message}


def _failed(name: Any, reason: str) -> dict[str, Any]:
    plain = name if isinstance(name, str | int | float) else None
    return {"id": plain, "verdict": "unverifiable", "expected": None, "source": "", "claims": [], "error": reason}
