"""What is said of named things, held against their whole record: every value must be one that the fields spoken of have.

A value that some field in question has, of any of the things named, is never contradicted; one that none of them has is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.mentions import Mention, Mentions
from truth_blocks.dnd5e.readers.known import spell_text
from truth_blocks.dnd5e.readers.matching import findall, finditer, match, search, sub
from truth_blocks.dnd5e.readers.solving import Given, Scene, prepared, scene
from truth_blocks.dnd5e.readers.spell_figures import types_said
from truth_blocks.dnd5e.readers.stating import edition_of
from truth_blocks.dnd5e.readers.things import names_in
from truth_blocks.dnd5e.vocabulary import CONDITION, DAMAGE, SCHOOL, SHORT_ABILITY

_TURNED = (
    r"\b(?:not|never|without|neither|nor|cannot|no|lacks?|false|wrong|lost|dropped|unlike|myth|instead|except|unless|if|used to|would|could|might|may|should"
    r"|about|around|roughly|nearly|almost|approximately|some|suppose|imagine|homebrew|house[- ]rule\w*|variant|other edition|changed|became|whereas in|more than|less than|at least|at most|over(?= \d)|under(?= \d)|fewer|up from|down from|half|double|twice|resist\w*)\b|n't\b"
)
_HARMLESS = r"\bworth at least\b|\bat least (?=[\d,]+ gp)|\b(?:do not|don't|never|not) (?:use|bother|waste|try|throw)\b|\bno more(?:,)? (?:and )?no less\b|\bnot (?:only|just)\b|\bstudents often forget it,? but\b|\bdon't forget\b|\bdo not forget\b|\bwithout (?:a )?doubt\b|\bno doubt\b|\bno question\b"
_TOGETHER = r"\btogether|\btotal|\bsum\b|\bcombined|\bin all\b|\baltogether|\bboth\b.*\bworth"
_APART = r"\bdiffer|\bdifference|\bapart|\bmore\b|\bless\b|\bhigher|\blower|\bfarther|\bfurther|\bshorter|\blonger|\bgreater|\bgap\b|\bahead|\bbehind|\bby \d"
_SPELL_BLOCK = (
    r"\b(?:adds?|raising|raises?|number|maximum number|affects?|affect|each|every|per|extra|additional|another|higher slot|heal\w*|regain\w*|hit points|hp|temp\w*|speed|moves?|push\w*|pull\w*|creatures|targets|until|rest"
    r"|once|times|turns?|rounds? later|squares?|bonus to|increases?|fewer|fails?|shed\w*|dim|bright|walls?|high|thick|tall|wide|weigh\w*|pounds?|costs?|worth|age|days?|dc|ac)\b"
)


class Held(msgspec.Struct, frozen=True):
    """Whether the values of a statement are those of the things it names, and what they have instead."""

    holds: bool
    name: str
    field: str
    expected: str


_Values = Mapping[str, set[Any]]
Group = tuple[str, tuple[str, ...], Callable[[Mapping[str, Any], Scene, Facts], set[Any] | None]]


def records(text: str, facts: Facts, mentions: Mapping[str, Mentions], default: str) -> Held | None:
    """The verdict on what a text says of the things it names; None when that is not plain."""
    edition = edition_of(text, default)
    if edition is None or len(text) > 400:
        return None
    text = prepared(text)
    names = names_in(text, mentions[edition])
    kinds = {m.kind for m in names}
    if "creature" in kinds:
        names = [m for m in names if m.kind == "creature"]
    elif len(kinds) > 1:
        return None
    if not kinds and search(r"\bcosts?\b|\bgp\b|\bgold\b|\bweigh|\bpounds?\b|\blbs?\b", text.lower()):
        names = [m for m in mentions[edition].find(text, ("item",), any_case=True)]
    if kinds & {"weapon", "armor"} and search(
        r"\bcosts?\b|\bgp\b|\bgold\b|\bweigh|\bpounds?\b|\blbs?\b|\bprice", text.lower()
    ):
        names = [m for m in mentions[edition].find(text, ("item",), any_case=True)]
    if not names or len({m.key for m in names}) > 3:
        return None
    if "creature" in kinds and search(r"\bcr\b|\bchallenge", text.lower()):
        text = sub(r"(?<![\w/])(?:CR |cr )?1/([248])\b", lambda m: f"CR 1/{m[1]}", text)
        names = [m for m in names_in(text, mentions[edition]) if m.kind == "creature"]
    masked = text
    for mention in reversed(names):
        masked = masked[: mention.start] + "#" * (mention.end - mention.start) + masked[mention.end :]
    told = scene(masked, {}, edition, facts)
    rows = _rows(names, facts, edition)
    if not rows:
        return None
    if len(rows) == 1:
        said = _said_in_words(names[0].kind, rows[0], told)
        if said is not None:
            return msgspec.structs.replace(said, name=names[0].name)
    if search(_TURNED, sub(_HARMLESS, " ", told.text)) or (
        told.has(_PLACED) and not told.has(r"\brange of|\branges? (?:is|are)\b")
    ):
        return None
    return _held(names[0].kind, names, rows, told)


_PLACED = r"\b(?:in|out of|outside|inside|within|beyond|at (?:long|normal)) (?:(?:the|its|their|normal|long|maximum) )*(?:spell )?range\b|\bstanding\b|\btarget \d+ feet away|\bout of reach"


def _said_in_words(kind: str, row: Mapping[str, Any], told: Scene) -> Held | None:
    """What needs no matching of figures: places in and out of range, ability scores compared, conditions, ways to move."""
    if kind in ("spell", "weapon") and told.has(_PLACED):
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
    outside = told.has(r"\bout of|\boutside|\bbeyond")
    return Held(
        (far > max(near, long_)) == outside, "", "range_ft", f"{near:g} feet" + (f", long {long_:g}" if long_ else "")
    )


def _rows(names: Sequence[Mention], facts: Facts, edition: str) -> list[Mapping[str, Any]]:
    found = {m.key: facts.row(m.kind, edition, m.key) for m in names}
    return [row for row in found.values() if row] if all(found.values()) else []


def _held(kind: str, names: Sequence[Mention], rows: Sequence[Mapping[str, Any]], told: Scene) -> Held | None:
    right: Held | None = None
    wrong: Held | None = None
    open_ = False
    for figure_kinds, values, sets in _figure_groups(kind, rows, told):
        figs = [_with_unit(f) for f in told.figs if f.kind in figure_kinds]
        allowed = values
        if not figs or all(f.value == 1 and f.kind == "number" for f in figs):
            continue
        if allowed is None:
            open_ = True
            continue
        if len(rows) == 1 and told.has(r"\bformer\b|\blatter\b|\bcompared?\b|\bbetween\b|\bwhereas\b"):
            return None
        if (
            len(rows) == 2
            and told.has(r"\bdifference|\bdiffer|\bby \d")
            and len(figs) == 1
            and figs[0].start == told.figs[-1].start
            and len(told.figs) != 2
        ):
            allowed = _apart(sets)
        left = [f.value for f in figs if not _among(f, allowed) and not (f.value == 1 and f.kind == "number")]
        if (
            not left
            and len(figs) == len(sets) == 2
            and None not in sets
            and not told.has(rf"{_TOGETHER}|{_APART}")
            and _in_turn(names, figs, told)
        ):
            left = [f.value for f, values in zip(figs, sets, strict=True) if not _among(f, values)]
        if left:
            wrong = wrong or Held(False, names[0].name, figure_kinds[0], ", ".join(sorted(map(_shown, allowed))[:6]))
        else:
            right = right or Held(True, names[0].name, figure_kinds[0], "")
    known = {kind for kinds in _COVERED[kind] for kind in kinds}
    if open_ or any(f.kind not in known for f in told.figs):
        wrong = right = None
    for name, said, allowed_words in _word_groups(kind, rows, told):
        if told.has(r"\bformer\b|\blatter\b|\bonly (?:the|one)\b"):
            return wrong or (None if open_ else right)
        if said - allowed_words:
            wrong = wrong or Held(False, names[0].name, name, ", ".join(sorted(allowed_words)))
        else:
            right = right or Held(True, names[0].name, name, "")
    return wrong or (None if open_ else right)


def _with_unit(figure: Given) -> Given:
    """A span of time as ``10 minute``; every other figure as it is."""
    if figure.kind not in _SPANS:
        return figure
    return msgspec.structs.replace(figure, value=f"{figure.value:g} {figure.kind}")


def _apart(sets: Sequence[set[Any] | None]) -> set[Any]:
    """The differences between the values of two things."""
    numbers = [[v for v in values or () if isinstance(v, int | float)] for values in sets]
    return {abs(a - b) for a in numbers[0] for b in numbers[1]}


def _in_turn(names: Sequence[Mention], figs: Sequence[Given], told: Scene) -> bool:
    """Whether two names and two figures take turns, or are called the first and the second."""
    if told.has(r"\bfirst\b.*\bsecond\b|\bformer\b.*\blatter\b|\brespectively"):
        return True
    marks = sorted(
        [(m[0], "#") for m in ((found.start(), 0) for found in finditer(r"#+", told.text))]
        + [(f.start, "f") for f in figs]
    )
    return [mark for _, mark in marks] == ["#", "f", "#", "f"]


def _among(figure: Given, allowed: set[Any]) -> bool:
    return figure.value in allowed or (
        isinstance(figure.value, str) and figure.value.lstrip("1") in {str(a).lstrip("1") for a in allowed}
    )


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


_SPANS = ("minute", "hour", "round", "day")
_NUMBERS = ("number", "hp", "ac", "score", "mod", "max", "target", "ordinal")
_COVERED: dict[str, tuple[tuple[str, ...], ...]] = {
    "spell": (("feet", "mile"), ("level",), ("minute", "hour", "round", "day"), ("dice", "slot"), _NUMBERS, ("gp",)),
    "creature": (_NUMBERS, ("xp",), ("cr",), ("dice",), ("feet",)),
    "weapon": (("dice",), ("feet",), _NUMBERS),
    "armor": (_NUMBERS,),
    "item": (("gp",), ("pound",)),
}


def _figure_groups(
    kind: str, rows: Sequence[Mapping[str, Any]], told: Scene
) -> Iterator[tuple[tuple[str, ...], set[Any] | None, list[set[Any] | None]]]:
    maker = {
        "spell": _spell_values,
        "creature": _creature_values,
        "weapon": _weapon_values,
        "armor": _armor_values,
        "item": _item_values,
    }[kind]
    made = [maker(row, told) for row in rows]
    for place, kinds in enumerate(_COVERED[kind]):
        sets = [each[place] for each in made]
        if any(values is None for values in sets):
            yield kinds, None, sets
            continue
        allowed = {value for values in sets for value in values or ()}
        if len(sets) == 2:
            numbers = [[v for v in values or () if isinstance(v, int | float)] for values in sets]
            pairs = [(a, b) for a in numbers[0] for b in numbers[1]]
            allowed |= {a + b for a, b in pairs} if told.has(_TOGETHER) else set()
            allowed |= _apart(sets) if told.has(_APART) else set()
        yield kinds, allowed, sets


Sets = list[set[Any] | None]


def _unless_null(*values: Any) -> set[Any] | None:
    return None if any(value is None for value in values) else set(values)


def _terms(dice: str) -> tuple[int, int, int]:
    found = match(r"(\d*)d(\d+)(?:([+-])(\d+))?$", dice.replace(" ", ""))
    if not found:
        return 0, 0, 0
    return int(found[1] or 1), int(found[2]), int(found[4] or 0) * (-1 if found[3] == "-" else 1)


def _spread(dice: str, told: Scene) -> set[Any]:
    """The average, least and greatest of dice, where the statement speaks of them."""
    count, faces, bonus = _terms(dice)
    low, high = count + bonus, count * faces + bonus
    found: set[Any] = set()
    found |= (
        {(low + high) // 2, (low + high) / 2}
        if told.has(r"\baverag|\bmean\b|\bexpect|\bavg|\bdamage\b|\bdeals?\b|\bfrom which|\bhit points?|\bhp\b")
        else set()
    )
    found |= (
        {low, high}
        if told.has(r"\bmax|\bmin|\bmost|\bleast|\bbetween|\btheoretical|\bat best|\blowest|\bhighest")
        else set()
    )
    return found


def _spell_values(row: Mapping[str, Any], told: Scene) -> Sets:
    written = spell_text(row["key"], row["ed"])
    grown = _growth(row, told)
    if grown is not None:
        return grown
    if written is not None and not told.has(
        r"\badds?\b|\braising|\bslots? above|\bhigher|\bextra|\badditional|\bper\b|\bevery|\bfurther\b"
    ):
        return _written_values(row, told, written)
    if told.has(_SPELL_BLOCK) and told.figs:
        return [None] * 6
    feet: set[Any] | None = None
    if told.has(
        r"\brange|\breach|\bfar\b|\bdistan|\baway|\bwithin|\bradius|\bcone\b|\bcube\b|\bsphere|\bline\b|\bcylinder|\bfrom\b"
    ):
        feet = {row["range_ft"], row["shape_ft"]} - {None} if row["range_ft"] is not None else None
        shaped = told.has(r"\bradius|\bcone\b|\bcube\b|\bsphere|\bline\b|\bcylinder|\bfills?\b")
        feet = None if shaped and row["shape_ft"] is None else feet
    dice, slots = _spell_dice(row, told)
    if (
        told.has(r"\blowest|\bminimum|\bat least|\bsmallest|\bleast\b")
        and told.has(r"\bslot")
        and row["level"] is not None
        and not any(f.kind == "dice" for f in told.figs)
    ):
        dice = {float(row["level"])}
    level: set[Any] | None = None if row["level"] is None else {row["level"]}
    if level is not None and row["level"] == 0 and any(f.kind == "dice" for f in told.figs):
        level |= {f.value for f in told.figs if f.kind == "level"}
    elif (
        level is not None
        and dice
        and any(f.kind == "dice" for f in told.figs)
        and told.has(r"\bcaster|\bcharacter|\bcast|\bslot|\bat (?:the )?\w+(?:-| )level|\bat level|\blevel \d|\bupcast")
    ):
        level |= {f.value for f in told.figs if f.kind == "level"}
    times = _times(row, told)
    numbers: set[Any] | None = None
    if dice and told.has(r"\baverag|\bmean\b|\bexpect|\bmax|\bmin|\bmost|\bleast"):
        numbers = {value for each in dice for value in _spread(each, told)}
    elif row["level"] is not None and told.has(_APART):
        numbers = {row["level"], row["range_ft"]}
    if dice is not None and slots:
        dice = {*dice, *slots}
    return [feet, level, times, dice, numbers, None]


def _growth(row: Mapping[str, Any], told: Scene) -> Sets | None:
    """What a higher slot adds in dice, and how many a spell can affect with a slot."""
    steps = {step["slot"]: step for step in told.facts.scaling(row["ed"], row["key"]) if step["slot"]}
    ranks = sorted({int(f.value) for f in told.figs if f.kind in ("slot", "level")})
    if (
        told.has(r"\badds?\b|\bincreas|\bmore\b")
        and len(ranks) == 2
        and row["damage"]
        and told.has(r"\braising|\bfrom\b|\binstead of")
    ):
        dice = [
            _terms(row["damage"] if rank == row["level"] else (steps.get(rank) or {}).get("damage") or "")
            for rank in ranks
        ]
        if not all(count for count, _, _ in dice) or dice[0][1] != dice[1][1]:
            return None
        more = f"{dice[1][0] - dice[0][0]}d{dice[1][1]}"
        return [None, {float(rank) for rank in ranks}, None, {more, *map(float, ranks)}, None, None]
    if (
        told.has(
            r"\bnumber of|\bhow many|\bup to \d+ (?:creatures|humanoids|targets|beasts)|\btargets? \d|\baffects? \d|\btargeted|\bcreatures (?:that|which)"
        )
        and len(ranks) == 1
        and not any(f.kind == "dice" for f in told.figs)
    ):
        targets = (steps.get(ranks[0]) or {}).get("targets")
        base = {
            "bless": 3,
            "bane": 3,
            "hold person": 1,
            "hold monster": 1,
            "charm person": 1,
            "fly": 1,
            "invisibility": 1,
            "aid": 3,
            "banishment": 1,
        }.get(row["key"])
        if base is not None and ranks[0] >= row["level"]:
            targets = base + ranks[0] - row["level"] if row["key"] != "aid" else 3
        if not isinstance(targets, int):
            return [None] * 6
        return [None, {float(ranks[0])}, None, {float(ranks[0])}, {targets, float(targets)}, None]
    return None


def _written_values(row: Mapping[str, Any], told: Scene, written: Mapping[str, Any]) -> Sets:
    """The values of a spell all of whose figures are known: a figure that stands neither in its record nor in its text is wrong."""
    slots = {int(f.value) for f in told.figs if f.kind == "slot"} | (
        {int(f.value) for f in told.figs if f.kind == "level"}
        if told.has(r"\bcast|\bslot|\bupcast|\bat (?:the )?\w+(?:-| )level")
        else set()
    )
    feet = {row["range_ft"], row["shape_ft"], *written.get("feet", ())} - {None} if "feet" in written else None
    if (
        told.has(r"\brange")
        and row["range_ft"] is not None
        and not told.has(r"\bradius|\bcone|\bcube|\bsphere|\bsquare|\bmove")
    ):
        feet = {row["range_ft"]}
    dice = {*written.get("dice", ()), *([row["damage"]] if row["damage"] else [])} or None
    count, faces, _ = _terms(written.get("grows", ""))
    for slot in slots:
        if dice and count and slot > row["level"]:
            first = _terms(written["dice"][0])
            dice = {f"{first[0] + count * (slot - row['level'])}d{faces}"}
        elif dice and slot > row["level"]:
            dice = None
    if dice is not None:
        dice = {*dice, *(float(slot) for slot in slots)}
    numbers = {*written["number"], 1} if "number" in written else None
    if "each_slot" in written and slots:
        numbers = {written["each_slot"] * (max(slots) - row["level"]) + max(written["number"])}
    elif numbers and any(slot > row["level"] for slot in slots):
        numbers = None
    times = _times(row, told)
    for unit in ("day", "minute"):
        if f"{unit}s" in written and told.has(r"\bdead\b|\bdie[ds]?\b|\bdeath\b|\bcorpse|\bpast\b"):
            times = {f"{n} {unit}" for n in written[f"{unit}s"]}
    gold: set[Any] | None = set(written["gp"]) if "gp" in written else None
    return [feet, {row["level"], *(slots - {row["level"]} if slots and dice else set())}, times, dice, numbers, gold]


def _times(row: Mapping[str, Any], told: Scene) -> set[Any] | None:
    """The casting time, the duration or both, as the words say."""
    casts = told.has(
        r"\bcasting time|\bto cast\b|\bcasting (?:it|this|#+)\b|\btakes? .* (?:to )?cast|\bis cast\b|\bcast (?:in|over)\b"
    )
    lasts = told.has(
        r"\blasts?\b|\bduration|\bgoes on|\bpersist|\bfor (?:up to )?\d|\bup to \d|\bremains?\b|\bstays?\b|\bends? after|\bkeeps? going|\bis over\b|\bafter \d|\bruns? (?:for|out)|\bexpires?|\bholds? (?:for|out)|\bkeeps? up"
    )
    fields = [name for name, said in (("casting_time", casts), ("duration", lasts)) if said]
    if not fields or any(row[name] is None for name in fields):
        return None
    found = [match(r"(\d+)[- ]([a-z]+?)s?\b", str(row[name]).lower()) for name in fields]
    return {f"{each[1]} {each[2]}" for each in found if each} or {"none"}


def _spell_dice(row: Mapping[str, Any], told: Scene) -> tuple[set[Any] | None, set[Any]]:
    """The dice of a spell at the slot or level said, and the slots said."""
    if row["damage"] is None or "+" in row["damage"].replace("+MOD", "+"):
        return None, set()
    slots = {int(f.value) for f in told.figs if f.kind == "slot"}
    levels = {int(f.value) for f in told.figs if f.kind in ("level", "ordinal")}
    steps = told.facts.scaling(row["ed"], row["key"])
    wanted = slots | (
        levels
        if row["level"] and told.has(r"\bcast|\bslot|\bupcast|\bat (?:the )?\w+(?:-| )level|\bat level")
        else set()
    )
    found = {s["damage"] for s in steps if s["slot"] in wanted and s["damage"]}
    if row["level"] == 0 and levels:
        reached = [s for s in steps if s["caster_level"] and s["caster_level"] <= max(levels)]
        found = {reached[-1]["damage"] if reached else row["damage"]}
        return found, slots
    if wanted and not wanted <= {row["level"], *(s["slot"] for s in steps)}:
        return None, slots
    grows = told.has(
        r"\bfrom \d+d|\binstead|\bnormal|\busual|\bbase|\bgrow|\brises?|\bup to\b|\bbasic|\brather|\blowest"
    )
    if not (wanted - {row["level"]}) or grows:
        found |= {row["damage"]}
    if told.has(r"\bcrit"):
        doubled = [_terms(each) for each in found]
        found |= {f"{2 * n}d{faces}" + (f"+{bonus}" if bonus else "") for n, faces, bonus in doubled}
    return found, {float(s) for s in slots}


def _creature_values(row: Mapping[str, Any], told: Scene) -> Sets:
    numbers: set[Any] = set()
    unknown = False
    for cue, field in (
        (r"\bac\b|armou?r class|\barmou?red", "ac"), (r"\bhp\b|hit points?|\bhealth", "hp"), (r"\bproficiency", "pb"),
        (r"\bpassive|\bnotice|\bperceive", "passive_perception"), (r"\bxp\b|experience|\bworth", "xp"), (r"\bcr\b|\bchallenge", "cr"),
    ):  # fmt: skip
        if told.has(cue):
            unknown |= row[field] is None
            numbers |= {row[field]}
    for short in {found[:3] for found in findall(rf"\b({SHORT_ABILITY})\b", told.text)}:
        if row[short] is None:
            unknown = True
            continue
        numbers |= {row[short], (row[short] - 10) // 2}
        saved = (row["saves"] or {}).get(short)
        if told.has(r"\bsav"):
            numbers |= {saved, (row[short] - 10) // 2 + (row["pb"] or 0)}
    for skill, bonus in (row["skills"] or {}).items():
        if skill.replace("_", " ") in told.text:
            numbers |= {bonus}
    if told.has(
        r"\b(?:acrobatics|arcana|athletics|deception|history|insight|intimidation|investigation|medicine|nature|perception|persuasion|religion|stealth|survival)\b(?! score)"
    ) and not told.has(r"\bpassive"):
        unknown |= not row["skills"]
    if told.has(r"\binitiative"):
        unknown |= row["initiative"] is None
        numbers |= {row["initiative"], 10 + (row["initiative"] or 0)}
    attacks = told.facts.attacks(row["ed"], row["key"])
    dice: set[Any] = set()
    speeds = {mode: value for mode, value in (row["speed"] or {}).items() if isinstance(value, int)}
    modes = [
        mode
        for cue, mode in (
            (r"\bwalk|\bon foot|\bon land", "walk"),
            (r"\bfl(?:y|ies|ying)\b", "fly"),
            (r"\bswim", "swim"),
            (r"\bclimb", "climb"),
            (r"\bburrow", "burrow"),
        )
        if told.has(cue)
    ]
    feet: set[Any] = {speeds.get(mode, 0) for mode in modes} if modes else set(speeds.values())
    if told.has(r"\battack|\bto hit|\bhits?\b(?! points?| di)|\bhitting|\bdamage|\bdeals?|\bmakes?|\breach|\brange"):
        for attack in attacks:
            numbers |= (
                {attack["to_hit"]}
                if told.has(
                    r"\bto hit|\bbonus|\bhit(?:s|ting)? with|\badds?\b|\bmodifier|\battacks? (?:at|with)|\bplus|\+"
                )
                else set()
            )
            feet |= {attack["reach_ft"], attack["range_ft"]}
            for each in (attack["damage"], attack["extra_damage"]):
                if each:
                    dice |= {each}
                    numbers |= _spread(each, told) if "d" in str(each) else {each}
        unknown |= not attacks or any(a["damage"] is None or a["to_hit"] is None for a in attacks)
    if row["hit_dice"] and told.has(r"\bhit di[ce]|\bhp\b|\bhit points?|\baverag"):
        dice |= {row["hit_dice"]}
        numbers |= _spread(row["hit_dice"], told)
    if told.has(
        r"\blegendary|\brecharge|\btimes\b|\bper day|\bdc\b|\bsave (?:dc|for)|\bregenerat|\bmultiattack|\bspell|\bcasts?\b|\bfeet of\b|\bbreath|\bdarkvision|\bblindsight|\btruesight|\btremorsense|\baura|\bwithin|\brounds\b|\bleft\b|\bremain|\bstill has|\bafter \d|\bdealt to|\barrows|\btakes? \d|\bgrappl|\btotal (?:of|would)|\broll(?:s|ed) (?:an? )?\d|\bbeat\b|\bstealth total|\bturn|\bkill(?:s|ed)? (?:\d|by)|\blevel\b|\bplayers?\b|\bparty\b|\bsplit|\bshare|\beach\b|\bapiece|\bgroup of|\btwo #|\b(?:[2-9]|1\d) (?:\w+ )?#"
    ):
        return [None] * 5
    if told.has(r"\breach|\brange|\blong\b") and not attacks:
        feet = set()
    known = {value for value in numbers if value is not None}
    return [
        None if unknown or not known else known,
        None if row["xp"] is None else {row["xp"]},
        None if row["cr"] is None else {row["cr"]},
        None if unknown or not dice else dice,
        None if not feet - {None} or row["speed"] is None else feet - {None},
    ]  # fmt: skip


def _weapon_values(row: Mapping[str, Any], told: Scene) -> Sets:
    if row["damage"] is None or told.has(
        r"\btwo[- ]hand|\b2[- ]hand|\bversatile|\bboth hands|\bcrit|\bmastery|\bbonus|\bstrength|\bdexterity|\bmagic|\blevel|\breach|\+ ?\d|\bfeet (?:farther|more)|\bcosts?\b|\bgp\b|\bweigh|\bpound|\bac\b|\bhit points|\brolls? (?:an? )?(?:total|\d+ (?:to|for|on|and))"
    ):
        return [None] * 3
    feet = {row["range_ft"], row["long_range_ft"]} - {None, 0}
    count, faces, _ = _terms(row["damage"])
    numbers = _spread(row["damage"], told)
    numbers |= {count, faces} if told.has(r"\bsides?|\bsided|\bfaces|\bdie\b|\bdice\b") else set()
    sides = {f"1d{faces}"} if told.has(r"\bsides?|\bsided|\bfaces|\bdie\b") else set()
    return [{row["damage"], *sides}, feet or None, numbers or None]


def _armor_values(row: Mapping[str, Any], told: Scene) -> Sets:
    if row["base_ac"] is None or told.has(
        r"\bmagic|\bshield|\bbracers|\bring of|\bcloak|\bcover|\bhit|\bmiss|\battack|\bcosts?|\bweigh|\bpound|\bminutes?|\bdon|\bdoff|\bspeed|\blevel"
    ):
        return [None]
    numbers: set[Any] = {row["base_ac"], (row["dex_cap"] or 0) if row["dex"] else 0}
    if row["dex_cap"] is None and row["dex"]:
        numbers -= {0}
    if told.has(r"\bstrength|\bstr\b"):
        if not row.get("strength"):
            return [None]
        numbers |= {row["strength"]}
    if told.has(r"\bdex"):
        for figure in told.figs:
            if (
                figure.kind in ("mod", "number", "score")
                and isinstance(figure.value, float)
                and -5 <= figure.value <= 10
                and figure.kind != "score"
            ):
                dex = int(figure.value)
                if told.has(r"\blargest|\bmax|\bmost\b|\bcap|\blimit|\ballows?\b") and len(told.figs) == 1:
                    return [{row["dex_cap"]} if row["dex_cap"] is not None else None]
                numbers |= {
                    figure.value,
                    row["base_ac"]
                    + (min(dex, row["dex_cap"]) if row["dex_cap"] is not None else dex if row["dex"] else 0),
                }
        for figure in (f for f in told.figs if f.kind == "score"):
            dex = (int(figure.value) - 10) // 2
            numbers |= {
                figure.value,
                row["base_ac"] + (min(dex, row["dex_cap"]) if row["dex_cap"] is not None else dex if row["dex"] else 0),
            }
            numbers -= {row["base_ac"]} if row["dex"] and dex else set()
    return [numbers]


def _item_values(row: Mapping[str, Any], told: Scene) -> Sets:
    if told.has(
        r"\b(?:two|three|\d+) #|\bhalf\b|\bsell|\beach\b|\bper\b|\bpair|\bset of|\bholds?\b|\bquarts?|\bcontains?"
    ):
        return [None, None]
    return [_unless_null(row["cost_gp"]), _unless_null(row["weight_lb"])]


def _word_groups(kind: str, rows: Sequence[Mapping[str, Any]], told: Scene) -> Iterator[tuple[str, set[str], set[str]]]:
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
            and told.has(
                r"\bcasting time|\bto cast\b|\bis cast (?:as|with|using)|\bcast (?:as|with|using) (?:an?|your)|\bcan be cast (?:as|with|using)|\btakes? (?:an?|your) (?:bonus |re)?action|\bcosts? (?:an?|your) (?:bonus |re)?action"
            )
        ):
            yield "casting_time", times, {str(rows[0]["casting_time"]).replace("-", " ")}
        saves = {found[:3] for found in findall(rf"\b({SHORT_ABILITY})\b(?! (?:mod|score|check|bonus))", told.text)}
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
        if said and all(row["damage_type"] for row in rows) and (kind == "weapon" or len(rows) == 1):
            allowed = {
                each
                for row in rows
                for each in (row["damage_type"] if isinstance(row["damage_type"], list) else [row["damage_type"]])
            }
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
            or told.has(r"\bnonmagical|\bmagical|\bsilver|\badamant|\bdeals?\b|\bresist")
        ):
            continue
        if told.has(r"\bimmun") and told.has(r"\bvulnerab"):
            continue
        said = (
            {each for each in findall(rf"\b({DAMAGE})\b", told.text)} - {"force"}
            if not told.has(r"\bforce damage")
            else set(findall(rf"\b({DAMAGE})\b", told.text))
        )
        if said:
            yield field, said, {str(each) for each in row[field]}
