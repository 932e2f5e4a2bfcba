"""Which ability a skill goes with, however said, and how many targets or points a spell has with a higher slot."""

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.mentions import Mentions
from truth_blocks.dnd5e.readers.figures import figures, plain
from truth_blocks.dnd5e.readers.matching import findall, search
from truth_blocks.dnd5e.readers.spells.verbs import named_plainly, spells_named
from truth_blocks.dnd5e.readers.stated import verdict
from truth_blocks.dnd5e.readers.sums.solving import prepared

_SKILLS = {
    "athletics": "strength", "acrobatics": "dexterity", "sleight of hand": "dexterity", "stealth": "dexterity", "arcana": "intelligence", "history": "intelligence", "investigation": "intelligence",
    "nature": "intelligence", "religion": "intelligence", "animal handling": "wisdom", "insight": "wisdom", "medicine": "wisdom", "perception": "wisdom", "survival": "wisdom",
    "deception": "charisma", "intimidation": "charisma", "performance": "charisma", "persuasion": "charisma",
}  # fmt: skip
_SHORT = {
    "str": "strength",
    "dex": "dexterity",
    "con": "constitution",
    "int": "intelligence",
    "wis": "wisdom",
    "cha": "charisma",
}
_GOES = r"\b(?:skills?|ability behind|based|uses?|using|goes with|go with|go by|we take|keys? off|falls? under|belongs? to|runs? on|rolls? (?:with|on)|relies on|governed by|tied to|depends? on|checks? (?:is|are|use))\b"
_OTHER = r"\b(?:instead|variant|different|contest|sav(?:e|ing)|not|never|neither|nor|rather|unlike|dc|modifier of|score of|with (?:a|an) |\d+|can also|may|could|optional|expert\w*|proficien\w*|or|against|versus|feature|class)\b|n't\b|[+]"

_COUNTS: dict[str, tuple[str, int, int, int]] = {
    "bless": ("creature", 3, 1, 1), "bane": ("creature", 3, 1, 1), "charm person": ("humanoid", 1, 1, 1), "command": ("creature", 1, 1, 1), "hold person": ("humanoid", 1, 2, 1),
    "invisibility": ("creature", 1, 2, 1), "blindness deafness": ("creature", 1, 2, 1), "enhance ability": ("creature", 1, 2, 1), "fly": ("creature", 1, 3, 1), "banishment": ("creature", 1, 4, 1),
    "hold monster": ("creature", 1, 5, 1), "longstrider": ("creature", 1, 1, 1), "magic missile": ("dart", 3, 1, 1), "scorching ray": ("ray", 3, 2, 1), "aid": ("point", 5, 2, 5), "false life": ("extra", 0, 1, 5),
}  # fmt: skip
"""What a spell counts, how many at its own level, that level, and how many more for each level above (both SRDs)."""
_COUNTED = {
    "creature": r"creatures?|targets?|people|persons?|allies|friends|enemies|foes|humanoids?", "humanoid": r"humanoids?|creatures?|targets?|people|persons?|foes|enemies",
    "dart": r"darts?|missiles?", "ray": r"rays?", "point": r"hp|hit points?|(?<=by )",
}  # fmt: skip


def said_of_skills(text: str, edition: str) -> list[Checked]:
    """A verdict where skills and one ability stand in a plain statement."""
    lowered = plain(text)
    named = set(findall(rf"\b({'|'.join(_SKILLS)})\b", lowered))
    abilities = {
        _SHORT[each[:3]]
        for each in findall(r"\b(strength|dexterity|constitution|intelligence|wisdom|charisma)\b", lowered)
    }
    if not named or len(abilities) != 1 or len(lowered) > 110 or not search(_GOES, lowered) or search(_OTHER, lowered):
        return []
    ability = abilities.pop()
    right = all(_SKILLS[each] == ability for each in named)
    expected = ", ".join(f"{each} {_SKILLS[each]}" for each in sorted(named))
    return [verdict(right, "skill.ability", expected, edition, "skills")]


def said_of_counts(text: str, edition: str, known: Mentions) -> list[Checked]:
    """A verdict on how many targets, darts or points a spell has with the slot that a statement names."""
    if len(text) > 140:
        return []
    text = named_plainly(text)
    named = {mention.key: mention for mention in spells_named(text, known)}
    if len(named) != 1 or (key := next(iter(named))) not in _COUNTS:
        return []
    what, first, level, more = _COUNTS[key]
    mention = named[key]
    lowered = plain(prepared(text[: mention.start] + "###" + text[mention.end :]))
    if what == "extra" or search(
        r"\bnot\b|n't\b|\bno\b|\bat least|\bat most|\beach (?:slot )?level|\bper\b|\bmore than|\bextra\b|\badditional|\babove\b|\bhigher|\bdamage|\bd4\b|\bwithin|\bfeet\b",
        lowered,
    ):
        return []
    figs = figures(lowered)
    slots = [
        f.whole
        for f in figs
        if f.kind == "slot"
        or (
            f.kind in ("level", "ordinal")
            and search(r"\b(?:at|with|using|from|to|upcast|slot)\b[^.;]{0,24}$", lowered[: f.start])
        )
    ]
    counts = [
        f
        for f in figs
        if f.kind in ("number", "hp")
        and (
            search(rf"^ (?:\w+ )?(?:{_COUNTED[what]})", lowered[f.end :])
            or search(r"\b(?:is|are|number\b[^.;]*|by|until) $", lowered[: f.start])
            or f.kind == "hp"
        )
    ]
    if len(slots) != 1 or len(counts) != 1 or len(figs) != 2 or not level <= slots[0] <= 9:
        return []
    if what != "point" and not search(rf"\b(?:{_COUNTED[what]})\b", lowered):
        return []
    value = first + more * (slots[0] - level)
    return [
        verdict(
            counts[0].whole == value, "spell.count", f"{value} with a slot of level {slots[0]}", edition, mention.name
        )
    ]
