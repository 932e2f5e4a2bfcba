"""The values that the fields and the text of a spell have, as far as a statement speaks of them."""

from collections.abc import Mapping
from typing import Any

from truth_blocks.dnd5e.combat.spells import spell
from truth_blocks.dnd5e.readers.matching import match
from truth_blocks.dnd5e.readers.records.values import APART, Sets, spread, terms
from truth_blocks.dnd5e.readers.rules.known import spell_text
from truth_blocks.dnd5e.readers.sums.solving import Scene
from truth_blocks.dnd5e.vocabulary import ANY_CLASS

_SPELL_BLOCK = (
    r"\b(?:adds?|raising|raises?|number|maximum number|affects?|affect|each|every|per|extra|additional|another|higher slot|heal\w*|regain\w*|hit points|hp|temp\w*|speed|moves?|push\w*|pull\w*|creatures|targets|until|rest"
    r"|once|times|turns?|rounds? later|squares?|bonus to|increases?|fewer|fails?|shed\w*|dim|bright|walls?|high|thick|tall|wide|weigh\w*|pounds?|costs?|worth|age|days?|dc|ac)\b"
)


def spell_values(row: Mapping[str, Any], told: Scene) -> Sets:
    """Feet, level, times, dice, numbers and gold of a spell."""
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
    if level is not None and told.has(r"#+ at (?:level \d|\d\w\w[- ]level)|\b(?:i|we|he|she|they|you) (?:up)?cast"):
        level |= {f.value for f in told.figs if f.kind == "level" and row["level"] <= f.value}  # the slot's
    if row["key"] in ("counterspell", "dispel magic") and sum(f.kind in ("level", "slot") for f in told.figs) > 1:
        level = None  # that of the other spell
    if (level is not None and row["level"] == 0 and any(f.kind == "dice" for f in told.figs)) or (
        level is not None
        and dice
        and any(f.kind == "dice" for f in told.figs)
        and told.has(r"\bcaster|\bcharacter|\bcast|\bslot|\bat (?:the )?\w+(?:-| )level|\bat level|\blevel \d|\bupcast")
    ):
        level |= {f.value for f in told.figs if f.kind == "level"}
    if told.has(rf"\b(?:{ANY_CLASS})s?\b") and told.has(r"\b(?:from|at|by|since) (?:\w+ )?level"):
        level = None  # the level of a class
    times = _times(row, told)
    numbers: set[Any] | None = None
    if dice and told.has(r"\baverag|\bmean\b|\bexpect|\bmax|\bmin|\bmost|\bleast"):
        numbers = {value for each in dice for value in spread(each, told)}
    elif row["level"] is not None and told.has(APART):
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
            terms(row["damage"] if rank == row["level"] else (steps.get(rank) or {}).get("damage") or "")
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
    if told.has(r"\b(?:since|because|as) (?:its|the) range|\bstill (?:gets|reach)|\bin range|\bjust reach"):
        feet = None  # how far somebody stands, beside the range
    dice = {*written.get("dice", ()), *([row["damage"]] if row["damage"] else [])} or None
    count, faces, _ = terms(written.get("grows", ""))
    for slot in slots:
        if dice and count and slot > row["level"]:
            first = terms(written["dice"][0])
            dice = {f"{first[0] + count * (slot - row['level'])}d{faces}"}
        elif dice and slot > row["level"]:
            dice = None
    if dice is not None and "grows" in written:  # with the caster's modifier
        dice |= {f.value for f in told.figs if f.kind == "dice" and str(f.value).partition("+")[0] in dice}
    if dice is not None:
        dice = {*dice, *(float(slot) for slot in slots)}
    numbers = {*written["number"], 1} if "number" in written else None
    if "each_slot" in written and slots:
        numbers = {written["each_slot"] * (max(slots) - row["level"]) + max(written["number"])}
    elif numbers and any(slot > row["level"] for slot in slots):
        numbers = None
    if (
        sum(f.kind in ("number", "ac", "hp", "mod", "score", "ordinal", "good") for f in told.figs) > 1
        or len(slots) > 1
    ):
        numbers = None
    if told.has(r"\bof (?:us|them|you)\b|\bleft\b|\bsurviv|\b12d12\b|\b(?:more|over|above|beyond)\b"):
        numbers = None  # the hit points of somebody whom a word of power does not kill
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
        fight = spell(row["ed"], row["key"])
        found |= {row["damage"], *(each.partition(" ")[0] for each in (fight.damage if fight else ()))}
    if told.has(r"\bcrit"):
        doubled = [terms(each) for each in found]
        found |= {f"{2 * n}d{faces}" + (f"+{bonus}" if bonus else "") for n, faces, bonus in doubled}
    return found, {float(s) for s in slots}
