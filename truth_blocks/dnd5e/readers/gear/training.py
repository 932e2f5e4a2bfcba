"""Which weapons and armour a class is trained in, held against the closed list of both editions."""

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.readers.figures import plain
from truth_blocks.dnd5e.readers.gear.names import gear_named
from truth_blocks.dnd5e.readers.matching import findall, finditer, search, split
from truth_blocks.dnd5e.readers.rules.known import weapon_words
from truth_blocks.dnd5e.readers.stated import denied, verdict
from truth_blocks.dnd5e.vocabulary import ANY_CLASS

MOST_TEXT = 200
_ALL = "light medium heavy shield"
_ARMOR = {
    "barbarian": "light medium shield", "bard": "light", "cleric": "light medium shield", "druid": "light medium shield", "fighter": _ALL, "monk": "", "paladin": _ALL,
    "ranger": "light medium shield", "rogue": "light", "sorcerer": "", "warlock": "light", "wizard": "",
}  # fmt: skip
_FEW = {"dagger", "dart", "sling", "quarterstaff", "light crossbow"}
_ROGUISH = {"hand crossbow", "longsword", "rapier", "shortsword"}
_DRUID = {"club", "dagger", "dart", "javelin", "mace", "quarterstaff", "scimitar", "sickle", "sling", "spear"}
_OLD = {"druid": _DRUID, "sorcerer": _FEW, "wizard": _FEW}
_MARTIAL = ("barbarian", "fighter", "paladin", "ranger")
_TRAINED = r"\bproficien|\btrain(?:ed|ing)\b|\bfamiliar with\b|\bknow how to (?:use|wield|handle|wear)|\bversed in"
_TURNS = r"\b(?:unless|except|if|multiclass\w*|feat|domain|college|circle|oath|subclass|origin|order|protector|warden|draconic|hexblade|valor|war\b|life\b|dwar(?:f|ves)|el(?:f|ves|ven)|race|species|background|skill|sav(?:e|es|ing)|tools?|instead|would|monster|level(?:s)? (?:[2-9]|1\d)|\d(?:nd|rd|th)|choose|either|homebrew|variant|only|that's|sole|whole|all of|bonus|who|whom|any(?:one|body)?|lacks? (?:the )?prof|without prof|not proficient (?:with|in) (?:armou?r|it|the)|property|finesse|disadvantage|cast)\b"


def gear_training(text: str, edition: str) -> list[Checked]:
    """Verdicts on statements that tie one class to its training."""
    lowered = plain(text)
    named = set(findall(rf"\b({ANY_CLASS})s?\b", lowered))
    if len(named) != 1 or len(text) > MOST_TEXT or not search(_TRAINED, lowered) or search(_TURNS, lowered):
        return []
    cls = named.pop()
    if cls not in _ARMOR:
        return []
    wrong, said = list[str](), False
    for clause in split(r"[.;:]|\b(?:because|since|so|which)\b", lowered):
        for what, right, start, end in _said(clause, cls, edition):
            said = True
            if right == _denied(clause, start, end):
                wrong.append(what)
    expected = f"armor: {_armor(cls, edition) or 'none'}; weapons: {_weapons(cls, edition)}"
    return [verdict(not wrong, "class.training", expected, edition, cls)] if said else []


def _denied(clause: str, start: int, end: int) -> bool:
    """Whether the training is denied, in front of the thing or by a verb that governs the whole list."""
    return denied(clause, start, end) or search(r"\b(?:not|n't|never|no|neither|lacks?|aren't|isn't|don't|doesn't)\b[^,]*$", clause[:start].rpartition(" but ")[2][-60:]) is not None  # fmt: skip


def _said(clause: str, cls: str, edition: str) -> list[tuple[str, bool, int, int]]:
    found = list[tuple[str, bool, int, int]]()
    armor = _armor(cls, edition).split()
    found += [
        (each[1], each[1] in armor, *each.span())
        for each in finditer(
            r"\b(light|medium|heavy)\b(?=(?:,| and| or| armou?r| nor|/)[^.;]{0,30}\barmou?r| armou?r)", clause
        )
    ]
    found += [("shield", "shield" in armor, *each.span()) for each in finditer(r"\bshields?\b(?! spell)", clause)]
    found += [
        ("all armor", "heavy" in armor, *each.span())
        for each in finditer(r"\b(?:all|every|any) (?:kinds? of |types? of )?armou?rs?\b", clause)
    ]
    for each in finditer(r"\b(simple|martial)\b(?= (?:and (?:simple|martial) )?(?:melee )?weapons?)", clause):
        right = each[1] in _weapons(cls, edition)
        if each[1] == "martial" and edition == "5.2" and cls in ("monk", "rogue"):
            continue  # only some of them
        found.append((each[1], right, *each.span()))
    for start, end, kind, key in gear_named(clause, edition):
        if kind == "weapon":
            found.append((key, _can_use(cls, key, edition), start, end))
    return found


def _armor(cls: str, edition: str) -> str:
    return "light shield" if edition == "5.2" and cls == "druid" else _ARMOR[cls]


def _weapons(cls: str, edition: str) -> str:
    if edition == "5.1" and cls in _OLD:
        return ", ".join(sorted(_OLD[cls]))
    if cls in _MARTIAL:
        return "simple and martial"
    if edition == "5.2":
        return {"monk": "simple, and martial with Light", "rogue": "simple, and martial with Finesse or Light"}.get(
            cls, "simple"
        )
    more = {"bard": _ROGUISH, "rogue": _ROGUISH, "monk": {"shortsword"}}.get(cls, set[str]())
    return ", ".join(["simple", *sorted(more)])


def _can_use(cls: str, key: str, edition: str) -> bool:
    words = weapon_words(key, edition)
    if edition == "5.1" and cls in _OLD:
        return key in _OLD[cls]
    if "simple" in words or cls in _MARTIAL:
        return True
    if edition == "5.1":
        return key in {"bard": _ROGUISH, "rogue": _ROGUISH, "monk": {"shortsword"}}.get(cls, set())
    return (cls == "monk" and "light" in words) or (cls == "rogue" and bool({"light", "finesse"} & set(words)))
