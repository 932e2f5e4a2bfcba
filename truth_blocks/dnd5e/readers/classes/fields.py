"""Sentences about classes, feats and skills: hit dice, saves, features by level, the columns of the class tables."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from truth_blocks.dnd5e.claims import Checked, check_claim
from truth_blocks.dnd5e.facts import Facts, Row, key_of
from truth_blocks.dnd5e.ledgers import slots
from truth_blocks.dnd5e.readers.classes.feats import feat, skill
from truth_blocks.dnd5e.readers.figures import Figure, figures, plain
from truth_blocks.dnd5e.readers.matching import compiled, findall, match, search, sub
from truth_blocks.dnd5e.readers.stated import DENIAL
from truth_blocks.dnd5e.vocabulary import ANY_CLASS, SHORT_ABILITY

Judged = list[tuple[Any, Checked]]
_HEADS = (
    r"\b\d+ ((?:more |other |willing )?(?:of (?:us|them|you)|targets|creatures|people|allies|friends|companions))\b"
)
"""How many are meant, which is no level."""
_NICKS = {"barb": "barbarian", "sorc": "sorcerer", "lock": "warlock", "pally": "paladin", "wiz": "wizard"}
_CLASSES = re.compile(rf"\b({ANY_CLASS}|{'|'.join(_NICKS)})s?\b")
_COLUMNS = (
    ("sneak_attack", r"\bsneak", "rogue"), ("martial_arts", r"\bmartial arts?\b", "monk"), ("bardic_die", r"\bbardic|\binspiration di[ce]", "bard"),
    ("rage_damage", r"\brag(?:e|es|ing)\b.*\b(?:damage|adds?|bonus)", "barbarian"), ("rages", r"\brages\b|\btimes\b.*\brage|\brage\b.*\b(?:times|uses)", "barbarian"),
    ("ki_points", r"\bki\b", "monk"), ("focus_points", r"\bfocus points?", "monk"), ("sorcery_points", r"\bsorcery points?", "sorcerer"),
    ("channel_divinity", r"\bchannel divinity", ""), ("invocations", r"\binvocations?", "warlock"), ("wild_shapes", r"\bwild shapes?", "druid"), ("second_wind", r"\bsecond wind", "fighter"),
    ("indomitable", r"\bindomitable", "fighter"), ("attacks", r"\battacks?\b.*\battack action|\battacks? (?:per|a|each|with) (?:the |its |their )?(?:attack|action|turn)|\bmakes? \d attacks", ""), ("unarmored_movement_ft", r"\bunarmou?red movement", "monk"),
    ("weapon_mastery", r"\bmaster(?:y|ies)\b", ""), ("cantrips", r"\bcantrips?\b", ""), ("spells_known", r"\bspells known|\bknows? \d+ spells|\bknown spells", ""), ("prepared_spells", r"\bprepar", ""),
    ("song_of_rest", r"\bsong of rest", "bard"), ("brutal_critical", r"\bbrutal critical", "barbarian"),
)  # fmt: skip
"""Columns of the class tables, the words for each, and the only class that has it."""

_SUBCLASS = {"5.1": {"cleric": 1, "sorcerer": 1, "warlock": 1, "druid": 2, "wizard": 2}, "5.2": {}}
_ORDERS = "circle|school|archetype|arcane tradition|tradition|college|primal path|divine domain|domain|sacred oath|oath|otherworldly patron|patron"
_GAINS = compiled(
    r"\b(?:gains?|gets?|learns?|receives?|acquires?|unlocks?|comes? (?:in|online|at)|arrives?|at|online|picks? up|starts?|grants?|earns?|kicks? in|until|by|obtains?|appears?|is (?:a |an )?level|level \d+ feature)\b"
)

_ARMED = r"\b(?:with|using|by|from|off) (?:an?|the|his|her|their|my|your) (?:\+\d )?(?:shortsword|rapier|dagger|scimitar|whip|shortbow|longbow|hand crossbow|light crossbow|sling|dart|bow|crossbow)\b"
"""Weapons of a sneak attack."""


def class_statements(text: str, facts: Facts, edition: str) -> Judged:
    """Claims about classes, feats and skills in a statement, judged."""
    lowered = sub(r"\ball \d+ (?!\w*slots|spell)", "all ", sub(_HEADS, r"some \1", plain(text)))
    figs = figures(lowered)
    named = list(dict.fromkeys(_NICKS.get(found[1], found[1]) for found in _CLASSES.finditer(lowered)))
    claims = list(skill(lowered)) or list(feat(lowered, figs, facts, edition))
    if claims:
        return _judged(claims, facts, edition)
    columns = [each for each in _COLUMNS if search(each[1], lowered)]
    column = columns[0] if columns and not search(r"\bcrit", lowered) else None
    if len(columns) > 1 and len(figs) > 1:
        column = None  # whose figure is whose is not plain
    if not named and column and column[2]:
        named = [column[2]]
    if not named or len(named) > 6:
        return []
    rows = [row for name in named if (row := facts.row("class", edition, name)) is not None]
    if len(rows) == 1:
        claims = list(_of_class(lowered, figs, rows[0], column, edition))
        if claims:
            return _judged(claims, facts, edition)
        special = _special(lowered, figs, rows[0], edition)
        if special:
            return special
    return _features(text, lowered, figs, rows, facts, edition)


def _judged(claims: list[dict[str, Any]], facts: Facts, edition: str) -> Judged:
    return [(claim, check_claim(facts, claim, edition)) for claim in claims]


def _direct(right: bool, rule: str, expected: str, edition: str, subject: str) -> Judged:
    message = "" if right else f"{subject}: {expected} (SRD {edition})."
    return [
        (
            None,
            Checked("ok" if right else "contradicted", rule, expected, f'SRD {edition}, "{subject}"', message, subject),
        )
    ]


def _of_class(
    text: str, figs: Sequence[Figure], row: Row, column: tuple[str, str, str] | None, edition: str
) -> Iterator[dict[str, Any]]:
    base = {"type": "fact", "class": row["key"]}
    dice = [f for f in figs if f.kind == "dice"]
    abilities = findall(rf"\b({SHORT_ABILITY})\b", text)
    if (
        search(r"\bsav(?:e|es|ing)\b", text)
        and abilities
        and not (search(r"\bconcentrat", text) and not search(r"\bproficien", text))
        and not search(r"\bdc\b|\bsucce|\bfail|\brolls?\b|\baura|\badds? (?!(?:\w+ )?proficien)", text)
        and not DENIAL.search(text)
    ):
        yield {**base, "saves": abilities}
        if dice and search(r"\bhit (?:point )?di[ce]", text):
            yield {**base, "hit_die": _faces(dice[0])}
        return
    if (
        len(dice) == 1
        and search(r"\bhit (?:point )?di[ce]|\bhd\b|\bfor (?:its |their )?hit points", text)
        and not search(r"\blevel", text)
    ):
        yield {**base, "hit_die": _faces(dice[0])}
        return
    if (
        column is None
        or column[0] not in row["columns"]
        or DENIAL.search(text)
        or search(r"\buntil\b|\bbefore level|\blevels \d+ and|\banother\b|\bwhen you reach|\bas shown", text)
    ):
        return
    levels, rest = _levels(text, figs)
    known = row["columns"][column[0]]
    of_dice = search(r"\dd?\d*d\d|^\d*d\d", str(known[-1])) is not None
    values = (
        [f for f in rest if f.kind == "dice"] if of_dice else [f for f in rest if f.kind in ("number", "mod", "feet")]
    )
    if column[0] == "second_wind" and search(r"\bregain\w*|\brecover", text):
        return  # those that come back
    if (
        column[0] == "sneak_attack"
        and search(_ARMED, text)
        and not search(r"\bsneak attack(?:s|'s)? (?:dice|die|damage|bonus)|\bextra\b|\balone\b|\bjust\b", text)
    ):
        return  # the weapon's dice are among them
    if len(levels) == 1 and len(values) == 1 and 1 <= levels[0].whole <= 20:
        value: Any = values[0].value if of_dice else values[0].whole
        if of_dice and str(known[-1]).startswith("d"):
            value = sub(r"^1(?=d)", "", str(value))
        yield {**base, "level": levels[0].whole, column[0]: value}


def _faces(dice: Figure) -> int:
    """The faces of the dice: 8 of ``1d8+2``."""
    found = search(r"d(\d+)", str(dice.value))
    return int(found[1]) if found else 0


def _levels(text: str, figs: Sequence[Figure]) -> tuple[list[Figure], list[Figure]]:
    """Figures that name a level, and the others: ``level 5``, ``rogue 5``, ``at 5``, ``18 rogue levels``."""
    levels = [
        f for f in figs
        if f.kind == "level" or (f.kind in ("number", "ordinal") and search(rf"\b(?:{ANY_CLASS}|{'|'.join(_NICKS)}|at|level|lvl|from)s? $", text[max(f.start - 14, 0) : f.start]))
    ]  # fmt: skip
    return levels, [f for f in figs if f not in levels]


def _special(text: str, figs: Sequence[Figure], row: Row, edition: str) -> Judged:
    """Subclass levels, the first slots, Unarmored Defense."""
    levels, _ = _levels(text, figs)
    name = row["key"]
    if (ranked := _spell_rank(text, levels, row, edition)) is not None:
        return ranked
    if name == "warlock" and (pact := _pact_slots(text, figs, row, edition)):
        return pact
    if (
        search(
            rf"\bsubclass|\b(?:choos\w*|pick\w*|get\w*|take\w*|gain\w*|swear\w*|join\w*) (?:\w+ ){{0,2}}(?:{_ORDERS})\b",
            text,
        )
        and len(levels) == 1
        and not DENIAL.search(text)
        and not search(r"\bfeature", text)
    ):
        wanted = _SUBCLASS[edition].get(name, 3)
        return _direct(
            levels[0].whole == wanted,
            "class.subclass_level",
            f"the subclass comes at level {wanted}",
            edition,
            row["name"],
        )
    if (
        search(
            r"\bspell slots?\b|\bspellcasting\b|\bcast(?:s|ing)? (?:\w+ )?spells?\b|\b(?:starts?|begins?) (?:to cast|casting)",
            text,
        )
        and len(levels) == 1
        and not [f for f in figs if f.kind == "slot"]
        and search(r"\bfrom\b|\bstart|\bfirst|\bat level|\bbegin|\bgets?\b", text)
        and not DENIAL.search(text)
    ):
        first = next((level for level in range(1, 21) if any(slots(row, level, rank) for rank in range(1, 10))), None)
        if first is not None and not search(r"\b\d+ spell slots", text):
            return _direct(
                levels[0].whole == first,
                "class.first_slots",
                f"the first slots come at level {first}",
                edition,
                row["name"],
            )
    if search(r"\bunarmou?red defen[cs]e", text) and name in ("monk", "barbarian"):
        named = set(findall(rf"\b({SHORT_ABILITY})\b", text))
        short = {each[:3] for each in named} - {"dex"}
        if len(short) == 1 and not DENIAL.search(text):
            wanted_ability = "con" if name == "barbarian" else "wis"
            return _direct(
                short == {wanted_ability},
                "class.unarmored_defense",
                f"10 + Dexterity + {'Constitution' if name == 'barbarian' else 'Wisdom'}",
                edition,
                row["name"],
            )
    return []


def _spell_rank(text: str, levels: Sequence[Figure], row: Row, edition: str) -> Judged | None:
    """Which spells a level of a class brings: *a level 5 wizard casts 3rd-level spells*, *they get them at level 5*."""
    ranks = [f for f in levels if match(r"(?:st|nd|rd|th)?[- ]level (?:spells?|magic)\b", text[f.end :])]
    own = [f for f in levels if f not in ranks]
    if len(ranks) != 1 or len(own) != 1 or row["key"] == "warlock" or DENIAL.search(text) or ranks[0].whole > 9:
        return None
    rank, level = ranks[0].whole, own[0].whole
    first = next((each for each in range(1, 21) if slots(row, each, rank)), None)
    if search(r"\bscroll|\bmulticlass|\bmagical secrets|\bitem|\bhigher|\bor above|\bup to|\bbelow|\bbefore", text):
        return None
    expected = f"{rank} comes at level {first}" if first else f"no spells of level {rank}"
    if search(r"\b(?:at|until|from|reach(?:es)?|be|for)\b[^.;]{0,12}$", text[: own[0].start]) and own[0].start > 12:
        if not search(r"\b(?:gets?|gains?|learns?|unlocks?|come|comes|need\w*|access|start\w*|reach\w*|first)\b", text):
            return None
        return _direct(level == first, "class.spell_rank", expected, edition, row["name"])
    return _direct(first is not None and level >= first, "class.spell_rank", expected, edition, row["name"])


def _pact_slots(text: str, figs: Sequence[Figure], row: Row, edition: str) -> Judged:
    """How many slots a warlock has at a level; the slots of all ranks are one column."""
    levels, rest = _levels(text, figs)
    ranks = [f for f in figs if f.kind == "slot"]
    own = [f for f in levels if f not in ranks]
    if len(own) == len(ranks) == 1 and len(figs) == 2 and 1 <= own[0].whole <= 20 and not DENIAL.search(text):
        rank = row["slot_level"][own[0].whole - 1]
        told = f"slots of level {rank}"
        return _direct(ranks[0].whole == rank, "class.pact_slot_level", told, edition, row["name"])
    counts = [
        f
        for f in rest
        if f.kind == "number" and match(r" (?:\w+[- ]level |pact |spell |warlock )*slots?\b", text[f.end :])
    ]
    if len(levels) != 1 or len(counts) != 1 or len(rest) > 1 or DENIAL.search(text) or not 1 <= levels[0].whole <= 20:
        return []
    wanted = row["slots"][levels[0].whole - 1]
    return _direct(counts[0].whole == wanted, "class.pact_slots", f"{wanted} slots", edition, row["name"])


def _features(
    text: str, lowered: str, figs: Sequence[Figure], rows: Sequence[Row], facts: Facts, edition: str
) -> Judged:
    """Features with the levels they come at, or a feature that the class does not have."""
    lowered = sub(r"\b(?:a|the|their|its) second attack\b", "extra attack", lowered)
    lowered = sub(r"(?<!eldritch )\binvocations\b", "eldritch invocations", lowered)
    lowered = sub(
        r"\b(?:don't|doesn't|do not|does not|(?:can't|cannot|not)(?= (?:\w+ )?(?:get|gain|learn|have|take|pick|choose|unlock)))\b(?=[^.;]{0,60}\buntil\b)",
        "",
        lowered,
    )
    if (
        not _GAINS.search(lowered)
        or DENIAL.search(lowered)
        or search(r"\bgrows? (?:to|in)\b|\bexpands? to|\bextends? to|\bincreases? to", lowered)
        or search(r"\bslots?\b|\btimes\b|\bonce\b|\btwice\b|\buses?\b|\bpoints?\b|\bdice\b", lowered)
    ):
        return []
    levels, rest = _levels(lowered, figs)
    if not levels or any(f.kind in ("dice", "slot", "hp", "xp", "dc", "ac") for f in rest):
        return []
    words = key_of(lowered)
    known = {feature for row in rows for feature in row["features"]}
    everyone = {
        feature
        for name in ANY_CLASS.split("|")
        if (row := facts.row("class", edition, name))
        for feature in row["features"]
    }
    named = sorted((f for f in known | everyone if search(rf"\b{re.escape(f)}\b", words)), key=lambda f: words.index(f))
    named = [f for f in named if not any(f != other and f in other for other in named)]
    if not named or len(named) not in (1, len(levels)):
        return []
    pairs = [(named[0], level) for level in levels] if len(named) == 1 else list(zip(named, levels, strict=True))
    found: Judged = []
    for row in rows:
        for feature, level in pairs:
            if feature in row["features"]:
                claim = {"type": "fact", "class": row["key"], "feature": feature, "level": level.whole}
                found.append((claim, check_claim(facts, claim, edition)))
            elif feature in everyone and feature not in ("expertise", "fighting style", "weapon mastery"):
                found += _direct(
                    False, "class.feature", f"the {row['name'].lower()} has no {feature}", edition, row["name"]
                )
    return found
