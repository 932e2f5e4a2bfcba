"""What a spell rolls, restores and reaches with the slot it is cast with, as people say it over the table."""

from collections.abc import Sequence

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Facts, Row
from truth_blocks.dnd5e.mentions import Mentions
from truth_blocks.dnd5e.readers.figures import Figure, figures, plain
from truth_blocks.dnd5e.readers.matching import findall, match, search, sub
from truth_blocks.dnd5e.readers.records.values import terms
from truth_blocks.dnd5e.readers.spells.verbs import named_plainly, spells_named
from truth_blocks.dnd5e.readers.stated import verdict

MOST_TEXT = 240
_TURNS = (
    r"\b(?:unless|except|homebrew|house rules?|variant|metamagic|used to|would be|wish|myth|crit\w*|max\w*|averag\w*|twinned|empowered|compared?|scroll|instead of|rather than|disciple of life|natural"
    r"|vulnerab\w*|resist\w*|half|halves|save[sd]?|between|from \d+d\d+|both|targets?|creatures|secondary|each turn|per turn|times|casts? (?:it )?twice)\b|\bthan\b"
)
_OWN_BONUS = r"(?:,? and )?\b(?:adds?|plus|\+) (?:your|his|her|my|the|their) (?:\w+ )?(?:mod\w*|bonus)"
_DENIED = r"\bnot\b|n't\b|\bnever\b|\bno longer\b"
_HEALS = {
    "5.1": {"cure wounds": ("1d8", 1), "healing word": ("1d4", 1), "mass healing word": ("1d4", 1), "mass cure wounds": ("3d8", 1), "prayer of healing": ("2d8", 1)},
    "5.2": {"cure wounds": ("2d8", 2), "healing word": ("2d4", 2), "mass healing word": ("2d4", 1), "mass cure wounds": ("5d8", 1), "prayer of healing": ("2d8", 1)},
}  # fmt: skip
"""Dice that a spell restores at its own level, and how many more for each level of the slot above."""
_COUNTS = {
    "bless": (3, 1), "bane": (3, 1), "command": (1, 1), "hold person": (1, 1), "hold monster": (1, 1), "charm person": (1, 1), "fly": (1, 1), "invisibility": (1, 1),
    "banishment": (1, 1), "longstrider": (1, 1), "aid": (3, 0), "mass cure wounds": (6, 0), "mass healing word": (6, 0), "feather fall": (5, 0), "water breathing": (10, 0),
    "haste": (1, 0), "slow": (6, 0), "polymorph": (1, 0), "heroism": (1, 1), "blindness deafness": (1, 1), "animal friendship": (1, 1), "enhance ability": (1, 1),
    "mass suggestion": (12, 0), "greater invisibility": (1, 0), "levitate": (1, 0), "shield of faith": (1, 0), "barkskin": (1, 0), "mage armor": (1, 0), "stoneskin": (1, 0), "death ward": (1, 0),
}  # fmt: skip
"""How many a spell affects at its own level, and how many more for each level of the slot above."""
_RAYS = {"magic missile": (3, 1, "darts?|missiles?|bolts?"), "scorching ray": (3, 1, "rays?|beams?|bolts?")}
_SAID_SLOT = (
    r"\b(?:at|as an?|to|upcast(?:ing|ed)?(?: it)?(?: to| at)?|using an?|out of an?|from an?|with an?) (?:level )?$"
)


def said_of_slots(text: str, facts: Facts, edition: str, known: Mentions) -> list[Checked]:
    """Verdicts on dice, rays and numbers of creatures with a slot."""
    if len(text) > MOST_TEXT:
        return []
    text = named_plainly(text)
    named = spells_named(text, known)
    if len({m.key for m in named}) != 1:
        return []
    key, name = named[0].key, named[0].name
    for mention in reversed(named):
        text = text[: mention.start] + "###" + text[mention.end :]
    lowered = sub(r"(?<!level )(?<![\d.-])\b(\d+) d(4|6|8|10|12)s?\b", r"\1d\2", plain(text))
    row = facts.row("spell", edition, key)
    if row is None or row["level"] is None:
        return []
    figs = figures(lowered)
    slot = _slot(lowered, figs)
    if slot is not None and not row["level"] <= slot <= 9:
        return []
    found = _counted(lowered, key, row, slot)
    if not found and not search(_TURNS, lowered):
        found = (
            _aid(lowered, key, slot)
            or _rays(lowered, key, row, slot)
            or _dice(lowered, figs, key, row, slot, facts, edition)
        )
    return [verdict(found[0], f"spell.{found[1]}", found[2], edition, name)] if found else []


def _slot(text: str, figs: Sequence[Figure]) -> int | None:
    """The slot that is plainly meant; None where none is or several are."""
    slots = {f.whole for f in figs if f.kind == "slot"}
    beside = search(
        r"###,? (?:up)?(?:cast )?at (?:level (\d)|(\d)(?:st|nd|rd|th)[- ]level)\b(?! \w*(?:wizard|cleric|druid|bard|sorcerer|warlock|paladin|ranger|char))",
        text,
    )
    if not slots and beside:
        slots = {int(beside[1] or beside[2])}
    if not slots and search(r"cast|\bslot", text):
        slots = {f.whole for f in figs if f.kind in ("level", "ordinal") and search(_SAID_SLOT, text[max(f.start - 24, 0) : f.start])
                 and not match(r"(?:st|nd|rd|th)?[- ]level (?:\w+ )?(?:wizard|cleric|druid|bard|sorcerer|warlock|paladin|ranger|char|caster)", text[f.end :])}  # fmt: skip
    return next(iter(slots)) if len(slots) == 1 else None


def _dice(
    text: str, figs: Sequence[Figure], key: str, row: Row, slot: int | None, facts: Facts, edition: str
) -> tuple[bool, str, str] | None:
    """The last dice of a sentence, where they are what is rolled in the end."""
    dice = [f for f in figs if f.kind == "dice"]
    wanted = _known(key, row, slot, facts, edition)
    if not dice or wanted is None:
        return None
    if search(_DENIED, text[: dice[-1].end + 10]):
        return None
    rolled = str(dice[-1].value)
    told = search(
        r"\b(?:so|total|altogether|grab|makes?|comes to|that's|for a|equals|in all|adds up to)\b[^.;]{0,30}$|= ?$",
        text[: dice[-1].start],
    )
    if len(dice) > 1 and not (told and slot):
        return None
    if len(dice) == 1 and search(
        r"\b(?:extra|additional|another|more|per|each|every|adds?|increas\w*|plus an?|bonus|higher|above)\b",
        sub(_OWN_BONUS, "", text),
    ):
        return None
    if search(r"\bfrom \d*d\d+ to \d*d\d+", text):
        return None  # before and after
    if slot is None and (
        key not in _HEALS[edition] or search(r"\bslots?\b|\bupcast|\blevels?\b|\d(?:st|nd|rd|th)\b", text)
    ):
        return None
    if key in _HEALS[edition] and not search(
        r"\bheal|\brestor|\bregain|\bgives? back|\bhit points|\bhp\b|\bcur(?:e|es|ing)\b|\bmod|\brecover|\bslot", text
    ):
        return None
    count, faces, _ = terms(rolled)
    if not count or not faces:
        return None
    return (count, faces) == wanted, "dice_with_slot", f"{wanted[0]}d{wanted[1]}"


def _known(key: str, row: Row, slot: int | None, facts: Facts, edition: str) -> tuple[int, int] | None:
    """How many dice of how many faces a spell has with a slot."""
    level = slot or row["level"]
    healed = _HEALS[edition].get(key)
    if healed is not None:
        count, faces, _ = terms(healed[0])
        return count + healed[1] * (level - row["level"]), faces
    damage = row["damage"]
    if slot is not None and slot > row["level"]:
        damage = next((each["damage"] for each in facts.scaling(edition, key) if each["slot"] == slot), None)
    if not damage or not match(r"^\d+d\d+$", damage) or key in _RAYS or row["level"] == 0:
        return None
    count, faces, _ = terms(damage)
    return count, faces


def _aid(text: str, key: str, slot: int | None) -> tuple[bool, str, str] | None:
    """The hit points that aid adds: five, and five more for each level of the slot."""
    said = findall(r"\b(\d+) (?:extra |more |additional |bonus |maximum )?(?:hit points|hp)\b", text)
    if (
        key != "aid"
        or len(said) != 1
        or (slot is None and search(r"\bslot|\bupcast|\blevel|\bhigher|\d(?:st|nd|rd|th)\b", text))
    ):
        return None
    if search(_DENIED + r"|\bmore for\b|\beach\b.*\babove|\bfrom \d|\bnow\b|\bhas\b|\bat \d|\bto \d+ h", text):
        return None
    wanted = 5 * ((slot or 2) - 1)
    return int(said[0]) == wanted, "aid", f"{wanted} hit points"


def _rays(text: str, key: str, row: Row, slot: int | None) -> tuple[bool, str, str] | None:
    """Darts of magic missile, rays of scorching ray."""
    if key not in _RAYS or (slot is None and search(r"\bslot|\bupcast|\blevel|\bhigher|\d(?:st|nd|rd|th)\b", text)):
        return None
    first, more, word = _RAYS[key]
    said = findall(rf"\b(\d+) (?:\w+ )?(?:{word})\b", text)
    if len(said) != 1 or search(
        _DENIED
        + r"|\bextra|\badditional|\bmore\b|\bper\b|\beach level|\badds?\b|\bone of|\ball but|\bremaining|\bfirst \d|\bat (?:the |him|her|it|one)|\bof the",
        text,
    ):
        return None
    wanted = first + more * ((slot or row["level"]) - row["level"])
    return int(said[0]) == wanted, "rays_with_slot", f"{wanted}"


def _counted(text: str, key: str, row: Row, slot: int | None) -> tuple[bool, str, str] | None:
    """How many creatures a casting affects: more than it can is wrong, as is a *most* that is none."""
    if key not in _COUNTS or (
        slot is None and search(r"\bslot|\bupcast|\blevels?\b|\bhigher|\d(?:st|nd|rd|th)\b", text)
    ):
        return None
    if search(
        r"\bnot\b|n't\b|\bnever\b|\bcannot\b|\btwice\b|\bcastings?\b|\bcasters\b|\bunless|\bmore\b|\badditional|\bextra|\bper\b|\bevery level|\bnor\b|\bonly (?:one|1|\d) of|\btwin|\brounds?\b.*\brounds?\b",
        text,
    ):
        return None
    said = findall(
        r"(\bup to |\bat most |\bas many as |\bmaximum of |\bonly )?\b(\d+) (?:of (?:us|them|you|the party|his|her|my|our|your)|(?:willing |falling |different |other )?(?:creatures|allies|targets|people|friends|humanoids|party members|companions|characters|enemies|foes|bandits|guards|goblins|orcs|beasts))\b",
        text,
    )
    if len(said) != 1:
        return None
    first, more = _COUNTS[key]
    wanted = first + more * ((slot or row["level"]) - row["level"])
    bound, count = said[0][0].strip(), int(said[0][1])
    if count > wanted or (bound and count != wanted and bound != "only"):
        return False, "number_affected", f"at most {wanted}"
    return (True, "number_affected", f"at most {wanted}") if count == wanted else None
