"""What a sentence says of a creature, read from the values in it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from truth_blocks.dnd5e.facts import Row, key_of
from truth_blocks.dnd5e.readers.figures import Figure
from truth_blocks.dnd5e.readers.matching import findall, finditer, match, search
from truth_blocks.dnd5e.readers.stated import Fact, denied
from truth_blocks.dnd5e.vocabulary import CONDITION, DAMAGE, SHORT_ABILITY, SIZE, SKILL, TYPE

_SPEEDS = (
    ("fly_ft", r"fl(?:y|ies|ying|ight)|hover(?:s|ing)?"),
    ("swim_ft", r"swim(?:s|ming)?"),
    ("climb_ft", r"climb(?:s|ing)?"),
    ("burrow_ft", r"burrow(?:s|ing)?"),
)
_CHANGED = re.compile(
    r"\b(?:rag(?:e|ing)|shield spell|mage armor|haste|bloodied|buff|with (?:a |the )?(?:shield|cover|bless)|behind|temp\w*|after|drops? (?:it|to)|left|down to|takes?|took|regain\w*|restor\w*|heals?|per|each|every|total|both|2 of|plus|extra|bonus|average party|in lair|lair|if|unless|advantage|damage)\b"
)
_TYPES = {word: word for word in TYPE.split("|")}
_LIGHT = frozenset(
    ["has", "have", "is", "are", "was", "were", "isn't", "aren't", "wasn't", "a", "an", "the", "not", "really", "actually", "mechanically", "technically", "just", "still", "now", "cr", "considered", "counts", "count", "as", "classed", "typed", "type", "size", "creature", "tiny", "small", "medium", "large", "huge", "gargantuan", "in", "srd", "block", "and", "or", "its", "it's", "they're", "rated", "officially", "of", "kind", "both", "also", "simply", "plain", "true", "truly", "always", "never", "ac", "hp", "xp", "proficiency", "bonus", "s", "challenge", "rating", "monster", "being", "for", "most", "rules", "purposes", "per", "under", "by", "edition", "book", "terms"]
)  # fmt: skip
_LIST_DAMAGE = rf"((?:(?:and |or |, |to |both |from )*(?:{DAMAGE})(?: damage)?)+)"


def creature(text: str, figs: Sequence[Figure], row: Mapping[str, Any], attacks: Sequence[Row]) -> Iterator[Fact]:
    """The fields of a creature that a plain sentence states; the creature's name is masked."""
    attack = _attack_named(text, attacks)
    if attack:
        yield from _attack(text, figs, attack)
        return
    yield from _typed(text, figs)
    yield from _speeds(text, figs)
    yield from _abilities(text, figs)
    yield from _words(text)
    yield from _defences(text)


def _typed(text: str, figs: Sequence[Figure]) -> Iterator[Fact]:
    """AC, hit points, challenge rating, experience, hit dice: figures that say what they are."""
    counts = {kind: sum(f.kind == kind for f in figs) for kind in ("ac", "hp", "cr", "xp")}
    for figure in figs:
        if figure.kind in counts and counts[figure.kind] == 1:
            value = figure.value if figure.kind == "cr" else figure.whole
            risky = figure.kind in ("ac", "hp") and _CHANGED.search(text)
            if not risky and not (
                figure.kind == "xp" and search(r"\b(?:total|each|together|monsters|per|split|both|\d+ #|all)\b", text)
            ):
                yield Fact({figure.kind: value}, denied(text, figure.start, figure.end), (figure,))
        elif figure.kind == "dice" and (
            (search(r"\(\W*$|\baverage of\W*$", text[: figure.start]) and counts["hp"])
            or search(r"\bhit (?:dice|die)\b[^.;]{0,20}$", text[: figure.start])
            or match(r" (?:hit dice|hd)\b", text[figure.end :])
        ):
            yield Fact({"hit_dice": str(figure.value)}, False, (figure,))
        elif (
            figure.kind == "number"
            and counts["hp"] == 0
            and search(r"\b(?:hp|hit points?)\b", text)
            and _alone(figs, figure)
            and not _CHANGED.search(text)
        ):
            yield Fact({"hp": figure.whole}, denied(text, figure.start, figure.end), (figure,))
        elif (
            figure.kind == "number"
            and counts["ac"] == 0
            and search(r"\b(?:ac|armou?r class)\b", text)
            and _alone(figs, figure)
            and not _CHANGED.search(text)
        ):
            yield Fact({"ac": figure.whole}, denied(text, figure.start, figure.end), (figure,))
        elif figure.kind == "mod" and search(r"\bprof\w*(?: bonus)?\W*(?:\w+ )?\W*$", text[: figure.start]):
            yield Fact({"pb": figure.whole}, denied(text, figure.start, figure.end), (figure,))
        elif figure.kind in ("number", "score") and (
            search(r"\bpassive perception(?: score)?(?: of| is|:| =| at|,)*\W*$", text[: figure.start])
            or (search(r"\bpassive perception\b", text) and sum(f.kind in ("number", "score") for f in figs) == 1)
        ):
            yield Fact({"passive_perception": figure.whole}, denied(text, figure.start, figure.end), (figure,))


def _alone(figs: Sequence[Figure], figure: Figure) -> bool:
    return sum(f.kind in ("number", "hp", "ac") for f in figs) == 1


def _speeds(text: str, figs: Sequence[Figure]) -> Iterator[Fact]:
    far = [
        f
        for f in figs
        if f.kind == "feet"
        or (
            f.kind == "number" and search(r"\b(?:speed|fl(?:y|ies|ying)|swims?|climbs?|burrows?|walks?|moves?)\b", text)
        )
    ]
    if search(
        r"\b(?:reach|range|darkvision|blindsight|truesight|tremorsense|within|radius|line|cone|jump|leap|teleport|long|half|double|dash|inch(?:es)?|narrow|decreas\w*|reduc\w*|increas\w*|for every|sheds?|light)\b",
        text,
    ):
        return
    taken: set[Figure] = set()
    for field, words in _SPEEDS:
        near = [
            f
            for f in far
            if search(rf"\b(?:{words})\b[^\d.;]{{0,18}}$", text[: f.start])
            or match(rf"[- ]*(?:feet|foot|ft)?\.?[- ]*(?:{words})\b", text[f.end :])
        ]
        if len(near) == 1:
            taken.add(near[0])
            yield Fact({field: near[0].whole}, denied(text, near[0].start, near[0].end), (near[0],))
    rest = [f for f in far if f not in taken]
    if (
        len(rest) == 1
        and search(r"\bspeed\b|\bwalk|\bmoves?\b|\bruns?\b|\bland\b|\bon foot|\bground", text)
        and not (search(r"fly|swim|climb|burrow|hover", text) and not taken)
    ):
        yield Fact({"speed_ft": rest[0].whole}, denied(text, rest[0].start, rest[0].end), (rest[0],))


def _abilities(text: str, figs: Sequence[Figure]) -> Iterator[Fact]:
    for figure in figs:
        window, behind = text[max(figure.start - 34, 0) : figure.start], text[figure.end : figure.end + 30]
        named = findall(rf"\b({SHORT_ABILITY})\b", window) or findall(
            rf"^ (?:in |to |on )?(?:its |the )?(?:plain )?({SHORT_ABILITY})\b", behind
        )
        if figure.kind == "score" and named:
            yield Fact({"ability": named[-1], "score": figure.whole}, denied(text, figure.start, figure.end), (figure,))
        elif figure.kind == "mod":
            skill = search(rf"\b({SKILL})\b[^\d+.;]{{0,14}}$", window) or match(
                rf"[^\d+.;]{{0,12}}\b({SKILL})\b", behind
            )
            save = search(rf"\b({SHORT_ABILITY})\b(?: saving throws?| saves?)[^\d+.;]{{0,14}}$", window) or match(
                rf"[^\d+.;]{{0,12}}\b({SHORT_ABILITY}) (?:saving throws?|saves?)\b", behind
            )
            plain = match(rf" to (?:plain |raw )?({SHORT_ABILITY}) checks?", behind) or search(
                rf"\b({SHORT_ABILITY}) (?:modifier|mod)\b[^\d.;]{{0,12}}$", window
            )
            if skill and not search(r"\bpassive", window):
                yield Fact(
                    {"skill": skill[1], "bonus": figure.whole}, denied(text, figure.start, figure.end), (figure,)
                )
            elif save:
                yield Fact({"save": save[1], "bonus": figure.whole}, denied(text, figure.start, figure.end), (figure,))
            elif plain:
                yield Fact(
                    {"ability": plain[1], "modifier": figure.whole}, denied(text, figure.start, figure.end), (figure,)
                )


def _words(text: str) -> Iterator[Fact]:
    """Size and type, where they stand as what the creature is."""
    said = r"(?:\b(?:is|are|isn't|aren't|it's|they're|as|an?|size|type|being|mechanically|just|not|the|really|actually|plain|medium-sized)|[,:(]) (?:\w+ly )?"
    sizes = list(
        finditer(
            rf"{said}({SIZE})\b(?=(?: |-sized )?(?:{TYPE}|creature|monster|category|size|in size|one)?s?\b|[,.;)]|$)",
            text,
        )
    )
    if len({found[1] for found in sizes}) == 1 and not search(
        r"\b(?:smaller|larger|or less|or bigger|or larger|grapple|up to|target|group|number|polymorph\w*|forms?|shapes?|openings?|spaces?|enlarged|while|purposes?)\b",
        text,
    ):
        yield Fact({"size": sizes[0][1]}, denied(text, sizes[0].start(1), sizes[0].end()))
    types = list(
        finditer(
            rf"(?:{said}(?:(?:{SIZE}) )?|\btypes? (?:is |of )?|\b(?:{SIZE}) )({TYPE})s?\b(?! (?:problem|pain|slayer|form|shape|companion|sense))",
            text,
        )
    )
    if len({found[1] for found in types}) == 1 and not search(
        r"\b(?:against|vs|charm|hold person|slayer|turn(?:s|ed)? undead|favored|bane|detect)\b.*\b(?:only|affects?|works?)\b",
        text,
    ):
        if not _is_said(text, types[0].start(1)):
            return
        yield Fact({"creature_type": types[0][1]}, denied(text, types[0].start(1), types[0].end()))


def _is_said(text: str, place: int) -> bool:
    """Whether what stands at a place is said of the creature: only light words lie between its name and there."""
    names = [found.end() for found in finditer(r"#+", text)]
    before = [end for end in names if end <= place]
    if not before:
        return search(r"#", text[place : place + 40]) is not None
    return all(word in _LIGHT for word in findall(r"[a-z']+", text[before[-1] : place]))


def _defences(text: str) -> Iterator[Fact]:
    """Resistances, immunities and vulnerabilities, to damage and to conditions."""
    for field, words in (
        ("resistances", r"resist(?:s|ant|ance|ances)?"),
        ("immunities", r"immun(?:e|ity|ities)"),
        ("vulnerabilities", r"vulnerab(?:le|ility|ilities)"),
    ):
        for said in finditer(
            rf"\b{words}\b(?: to| against| damage from| from|:)? ?{_LIST_DAMAGE}|\b{_LIST_DAMAGE} {words}\b", text
        ):
            listed = findall(rf"\b({DAMAGE})\b", said[1] or said[2])
            no = denied(text, said.start(), said.end()) or search(r"\bno\W*$", text[: said.start()]) is not None
            for each in listed:
                yield Fact({field: each}, no)
    found = search(
        rf"\b({DAMAGE})(?: damage)? (?:does nothing|doesn't (?:do anything|hurt|work|affect)|has no effect|is useless|won't (?:hurt|work))",
        text,
    )
    if found:
        yield Fact({"immunities": found[1]})
    for pattern in (
        rf"\bimmun\w+ to (?:being |the |getting )?(?:condition )?({CONDITION})\b(?!.*\bresist)",
        rf"\b(?:can't|cannot|can not|can never|impossible to)(?: be| make| get| render| leave| have| become)?(?: (?:a|an|the|it|him|her|them|#+))* ({CONDITION})\b",
    ):
        found = search(pattern, text)
        if found:
            yield Fact({"condition_immunities": found[1]})
            return


def _attack_named(text: str, attacks: Sequence[Row]) -> str:
    """The attack that a sentence names; none when it names two."""
    words = f" {key_of(text)} ".replace(" s ", " ")
    found = {
        a["name"]
        for a in attacks
        if f" {key_of(a['name'].partition('(')[0])} " in words or f" {key_of(a['name'].partition('(')[0])}s " in words
    }
    longest = [name for name in found if not any(name != other and key_of(name) in key_of(other) for other in found)]
    return longest[0] if len(longest) == 1 else ""


def _attack(text: str, figs: Sequence[Figure], attack: str) -> Iterator[Fact]:
    base = {"attack": attack}
    own = attack.partition("(")[0].strip().lower()
    text = text.replace(own, "@" * len(own))  # a lightning blade says nothing of lightning damage
    mods = [f for f in figs if f.kind == "mod"]
    dice = [f for f in figs if f.kind == "dice"]
    numbers = [f for f in figs if f.kind == "number"]
    if len(mods) == 1 and not search(r"damage\W*$", text[: mods[0].start]):
        yield Fact({**base, "to_hit": mods[0].whole}, denied(text, mods[0].start, mods[0].end), (mods[0],))
    if search(r"\bcrit|\bmax|\bmin\b|\bextra|\bif\b|\bversatile|two hands|\bhalf|\bsave", text):
        return
    if len(dice) == 1:
        yield Fact({**base, "damage": str(dice[0].value)}, denied(text, dice[0].start, dice[0].end), (dice[0],))
    elif (
        not dice
        and len(numbers) == 1
        and search(r"\bdamage\b|\bdeals?\b|\bdoes\b|\bhits for\b", text)
        and not search(r"\battacks?\b|\btimes\b", text[numbers[0].end : numbers[0].end + 12])
    ):
        yield Fact({**base, "damage": numbers[0].whole}, denied(text, numbers[0].start, numbers[0].end), (numbers[0],))
    named = {found[1] for found in finditer(rf"\b({DAMAGE})\b(?! (?:resist|immun|vulner))", text)}
    if len(named) == 1 and not search(r"\bplus\b|\band \d|\bresist|\bimmun", text):
        yield Fact({**base, "damage_type": next(iter(named))})
    feet = [f for f in figs if f.kind == "feet"]
    if len(feet) == 1 and search(r"\breach", text):
        yield Fact({**base, "reach_ft": feet[0].whole}, denied(text, feet[0].start, feet[0].end), (feet[0],))
