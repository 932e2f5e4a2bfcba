"""What each of the fourteen conditions does, as a closed list, and the words that stand beside one without changing it."""

_INCAPACITATED = {
    "5.1": "no action; no reaction; no bonus action; no attack; no cast; no concentration",
    "5.2": "no action; no reaction; no bonus action; no attack; no cast; no concentration; no speech; initiative disadvantage",
}
_SAVES = "fail strength; fail dexterity; saves changed"
EFFECTS: dict[str, dict[str, str]] = {
    "blinded": {"both": "no sight; fail sight; own disadvantage; against advantage"},
    "charmed": {"both": "no attack on charmer; social advantage"},
    "deafened": {"both": "no hearing; fail hearing"},
    "frightened": {"both": "own disadvantage; checks disadvantage; no approach"},
    "grappled": {"both": "speed 0; no move?", "5.2": "others disadvantage"},
    "incapacitated": {"both": "", **_INCAPACITATED},
    "invisible": {"both": "own advantage; against disadvantage", "5.2": "initiative advantage"},
    "paralyzed": {"both": f"{_SAVES}; against advantage; crit near; incapacitated", "5.1": f"no move; no speech; speed 0?; {_INCAPACITATED['5.1']}", "5.2": f"speed 0; no move; {_INCAPACITATED['5.2']}"},
    "petrified": {"both": f"{_SAVES}; against advantage; resist all; incapacitated; unaware", "5.1": f"no move; no speech; speed 0?; immune poison; {_INCAPACITATED['5.1']}", "5.2": f"speed 0; no move; immune poison?; {_INCAPACITATED['5.2']}"},
    "poisoned": {"both": "own disadvantage; checks disadvantage"},
    "prone": {"both": "own disadvantage; near advantage; far disadvantage; against disadvantage?; against advantage?"},
    "restrained": {"both": "speed 0; no move; own disadvantage; against advantage; saves dexterity disadvantage; saves changed"},
    "stunned": {"both": f"{_SAVES}; against advantage; incapacitated", "5.1": f"no move; speed 0?; falters; no speech?; {_INCAPACITATED['5.1']}", "5.2": _INCAPACITATED["5.2"]},
    "unconscious": {"both": f"{_SAVES}; against advantage; crit near; incapacitated; prone; drops; unaware", "5.1": f"no move; no speech; speed 0?; {_INCAPACITATED['5.1']}", "5.2": f"speed 0; no move; {_INCAPACITATED['5.2']}"},
}  # fmt: skip
"""What each condition does, in both editions and in one; a ``?`` marks what the text leaves to be inferred."""

IMPLIED = frozenset(["saves changed", "no attack", "no cast"])
"""Effects that follow from others of the list."""

NOUNS = {
    "paralysed": "paralyzed", "petrification": "petrified", "incapacitation": "incapacitated", "paralysis": "paralyzed",
    "blindness": "blinded", "deafness": "deafened", "unconsciousness": "unconscious", "invisibility": "invisible",
}  # fmt: skip
LONG = {
    "str": "strength",
    "dex": "dexterity",
    "con": "constitution",
    "int": "intelligence",
    "wis": "wisdom",
    "cha": "charisma",
}
LIGHT = frozenset(
    ["in", "under", "by", "per", "rules", "srd", "the", "a", "an", "all", "any", "being", "when", "while", "if", "you're", "you", "are", "your", "he's", "she's", "it's", "they're", "someone", "somebody", "creature", "creatures", "is", "target", "targets", "attack", "attacks", "attacking", "attacker", "attackers", "roll", "rolls", "against", "hit", "hits", "on", "from", "feet", "foot", "away", "within", "shooting", "hitting", "made", "at", "melee", "ranged", "condition", "text", "as", "printed", "read", "to", "letter", "new", "old", "and", "your", "be", "who", "whoever", "anyone", "person", "people", "guys", "enemy", "enemies", "foe", "foes", "becoming", "getting", "technically", "actually", "so", "ok", "yes", "no", "note", "that", "remember", "under", "of", "for", "with", "edition", "document", "rule", "nearby", "adjacent", "being's", "its", "it", "them", "him", "her", "his", "character", "characters", "monster", "monsters", "player", "players", "pc", "pcs", "get", "gets", "gain", "gains", "have", "has", "had", "up", "wake", "waking"]
)  # fmt: skip
