"""What is said of named things in words: schools, saves, places in and out of range, conditions, ways to move."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from truth_blocks.dnd5e.readers.matching import findall, finditer, search
from truth_blocks.dnd5e.readers.spells.figures import types_said
from truth_blocks.dnd5e.readers.sums.solving import Scene
from truth_blocks.dnd5e.vocabulary import CONDITION, DAMAGE, SCHOOL, SHORT_ABILITY


class Held(msgspec.Struct, frozen=True):
    """Whether the values of a statement are those of the things it names, and what they have instead."""

    holds: bool
    name: str
    field: str
    expected: str


PLACED = r"\b(?:in|out of|outside|inside|within|beyond|at (?:long|normal)) (?:(?:the|its|their|normal|long|maximum) )*(?:spell )?range\b|\bstanding\b|\b(?:creature|target|archer|bowman|enem(?:y|ies)|someone|somebody|foe|goblin|orc|caster|wizard) (?:that is |who is )?\d+ (?:feet|ft) (?:away|off)|\bout of reach"


def said_in_words(kind: str, row: Mapping[str, Any], told: Scene) -> Held | None:
    """What needs no matching of figures: places in and out of range, ability scores compared, conditions, ways to move."""
    if kind in ("spell", "weapon") and told.has(PLACED):
        return _placed(row, told)
    if kind != "creature":
        return None
    highest = search(r"\b(highest|best|greatest|strongest|lowest|worst|weakest)\b", told.text)
    abilities = {found[:3] for found in findall(rf"\b({SHORT_ABILITY})\b", told.text)}
    if (
        highest
        and len(abilities) == 1
        and told.has(r"\babilit|\bscore|\bstat\b")
        and not told.figs
        and not told.has(r"\bnot\b|n't\b|\bsav|\bskill")
    ):
        scores = {short: row[short] for short in ("str", "dex", "con", "int", "wis", "cha")}
        if None in scores.values():
            return None
        end = (max if highest[1] in ("highest", "best", "greatest", "strongest") else min)(scores.values())
        best = {short for short, value in scores.items() if value == end}
        return Held(abilities <= best, "", "ability", ", ".join(sorted(best)))
    conditions = set(findall(rf"\b({CONDITION})\b", told.text))
    if (
        len(conditions) == 1
        and row["condition_immunities"] is not None
        and not told.figs
        and not told.has(r"\bsave|\bdc\b|\battack|\bdeals?\b|\bcauses?|\bits target")
    ):
        immune = told.has(
            r"\bimmun|\b(?:can't|cannot|can not|can never|isn't|is not|unable)\b.*\b(?:be|suffer|given|become|affect|condition)"
        ) and not told.has(r"\b(?:not|n't|no) (?:\w+ )?immun|n't immun|\blacks? immun")
        open_ = told.has(
            r"\b(?:not|no) (?:\w+ )?immun|n't immun|\bcan (?:still )?(?:be|become|suffer)\b|\blacks? immun"
        )
        if immune != open_:
            known = {str(each) for each in row["condition_immunities"]}
            return Held((conditions <= known) == immune, "", "condition_immunities", ", ".join(sorted(known)) or "none")
    mode = search(r"\b(fly|flying|swim|swimming|climb|climbing|burrow|burrowing) speed\b", told.text)
    if mode and not told.figs and row["speed"] is not None and told.has(r"\bhas\b|\blacks?\b|\bwith\b|\bhave\b"):
        name = {"f": "fly", "s": "swim", "c": "climb", "b": "burrow"}[mode[1][0]]
        lacks = told.has(r"\bno\b|\bnot\b|n't\b|\blacks?\b|\bwithout")
        return Held((name in row["speed"]) != lacks, "", f"{name}_ft", f"{row['speed'].get(name, 0)}")
    return None


def _placed(row: Mapping[str, Any], told: Scene) -> Held | None:
    """Whether a place so many feet away is in range."""
    if (
        len(told.figs) != 1
        or told.figs[0].kind != "feet"
        or told.has(r"\bnot\b|n't\b|\bnever|\bno\b")
        or not row["range_ft"]
    ):
        return None
    far, near, long_ = float(told.figs[0].value), float(row["range_ft"]), float(row.get("long_range_ft") or 0)
    if told.has(r"\bat long range"):
        return Held(near < far <= long_, "", "range_ft", f"{near:g}/{long_:g} feet") if long_ else None
    if told.has(r"\bnormal range"):
        long_ = near
    outside = told.has(r"\bout of|\boutside|\bbeyond|\btoo far")
    if not outside and not told.has(r"\brange|\breach"):
        return None
    return Held(
        (far > max(near, long_)) == outside, "", "range_ft", f"{near:g} feet" + (f", long {long_:g}" if long_ else "")
    )


def word_groups(kind: str, rows: Sequence[Mapping[str, Any]], told: Scene) -> Iterator[tuple[str, set[str], set[str]]]:
    """Values said in words, with those that the things have."""
    if kind == "spell":
        schools = set(findall(rf"\b({SCHOOL})\b", told.text))
        if schools and all(row["school"] for row in rows):
            yield from _paired("school", schools, [{row["school"]} for row in rows], told, SCHOOL)
        times = set(findall(r"\b(bonus action|reaction|(?<!bonus )action)\b", told.text))
        if (
            len(times) == 1
            and len(rows) == 1
            and rows[0]["casting_time"]
            and not told.has(r"\bquicken|\bmetamagic|\bready|\breadied")
            and told.has(
                r"\bcasting time|\bto cast\b|\bis cast (?:as|with|using)|\bcast (?:as|with|using) (?:an?|your)|\bcan be cast (?:as|with|using)|\btakes? (?:an?|your) (?:bonus |re)?action|\bcosts? (?:an?|your) (?:bonus |re)?action"
            )
        ):
            yield "casting_time", times, {str(rows[0]["casting_time"]).replace("-", " ")}
        saves = {found[:3] for found in findall(rf"\b({SHORT_ABILITY})\b(?! (?:mod|score|check|bonus))", told.text)}
        if told.has(r"\bconcentrat"):
            saves -= {"con"}  # the save that keeps a spell up
        if (
            saves
            and told.has(r"\bsav(?:e|es|ing)\b|\bthrow\b")
            and all(row["save"] for row in rows)
            and not told.has(r"\bdc\b|\badvantage|\bbonus")
        ):
            yield "save", saves, {row["save"][:3] for row in rows}
    if kind in ("spell", "weapon"):
        said = types_said(told.text)
        if kind == "weapon":
            verbs = {"slash": "slashing", "pierc": "piercing", "bludgeon": "bludgeoning"}
            said = {verbs[each] for each in findall(r"\b(slash|pierc|bludgeon)", told.text)}
        if kind == "spell" and told.has(r"\bextra\b|\bhex\b|\badditional\b"):
            said = set()  # of what is dealt beside it
        if said and all(row["damage_type"] for row in rows) and (kind == "weapon" or len(rows) == 1):
            allowed = {
                each
                for row in rows
                for each in (row["damage_type"] if isinstance(row["damage_type"], list) else [row["damage_type"]])
            }
            if kind == "spell":  # of several kinds to choose from, the record has one
                parts = told.facts.entries(rows[0]["ed"], "spell", rows[0]["key"])
                allowed |= {each for part in parts for each in part.values.get("type", ())}
            if told.has(r"\bboth\b") and kind == "weapon":
                allowed = set.intersection(*[{row["damage_type"]} for row in rows])
            yield "damage_type", said, allowed
    if (
        kind == "armor"
        and len(rows) == 1
        and told.has(r"\bsneak|\bstealth")
        and rows[0]["stealth_disadvantage"] is not None
    ):
        harder = told.has(r"\bharder|\bdisadvantage|\bnois|\bdifficult|\bhamper|\bhinder")
        if told.has(r"\badvantage|\beasier"):
            yield (
                "stealth_disadvantage",
                {"advantage"},
                {"disadvantage"} if rows[0]["stealth_disadvantage"] else {"none"},
            )
        yield (
            "stealth_disadvantage",
            {"disadvantage"} if harder else set(),
            {"disadvantage"} if rows[0]["stealth_disadvantage"] else {"none"},
        )
    if kind == "creature" and len(rows) == 1:
        yield from _defences(rows[0], told)


def _paired(
    name: str, said: set[str], each: list[set[str]], told: Scene, words: str
) -> Iterator[tuple[str, set[str], set[str]]]:
    """With two things and two values, the first is said of the first where name and value take turns."""
    marks = [found[0] for found in finditer(rf"#[#]*|\b(?:{words})\b", told.text)]
    if len(each) == 2 and len(marks) == 4 and [mark[0] == "#" for mark in marks] in ([True, False, True, False],):
        yield name, {marks[1]}, each[0]
        yield name, {marks[3]}, each[1]
        return
    yield name, said, set.union(*each)


def _defences(row: Mapping[str, Any], told: Scene) -> Iterator[tuple[str, set[str], set[str]]]:
    for cue, field in ((r"\bimmun", "immunities"), (r"\bvulnerab", "vulnerabilities")):
        if (
            not told.has(cue)
            or row[field] is None
            or told.has(
                r"\bnonmagical|\bmagical|\bsilver|\badamant|\bdeals?\b|\bresist|\bdoes nothing|\bno damage|\bunaffected|\bignores?\b"
            )
        ):
            continue
        if told.has(r"\bimmun") and told.has(r"\bvulnerab"):
            continue
        said = (
            set(findall(rf"\b({DAMAGE})\b", told.text)) - {"force"}
            if not told.has(r"\bforce damage")
            else set(findall(rf"\b({DAMAGE})\b", told.text))
        )
        if said:
            yield field, said, {str(each) for each in row[field]}
