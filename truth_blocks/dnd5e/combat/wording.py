"""The words in which fights are told: what asserts a hit, a miss, a death, and what takes the assertion back."""

import re
import tomllib
from pathlib import Path

_HERE = Path(__file__).parent
_TABLE = tomllib.loads((_HERE / "wording.toml").read_text("utf-8"))
_SMALL = (
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
    "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NTH = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
NUMBERS = {
    "one": 1,
    **{word: number for number, word in enumerate(_SMALL, 2)},
    **{word: 10 * number for number, word in enumerate(_TENS, 2)},
}
ORDINALS = {word: number for number, word in enumerate(_NTH, 1)}


def words(*patterns: str) -> re.Pattern[str]:
    """Any of some patterns, as whole words."""
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b")


_NOT = re.compile(rf"(?:{'|'.join(_TABLE['negations'])})(?:\s+\S+){{0,3}}\s*$")
_BREAK = re.compile(r"[.!?;:—]|,? but |,? yet |,? and |, then ")


def asserted(pattern: re.Pattern[str], text: str) -> tuple[bool, bool]:
    """Whether a text says it, and whether it says that it is not so."""
    said = denied = False
    for match in pattern.finditer(text):
        before = _BREAK.split(text[: match.start()])[-1]
        if _NOT.search(before):
            denied = True
        else:
            said = True
    return said, denied


MISS = words(*_TABLE["miss"])
MISS_TOO = words(*_TABLE["miss_too"])
"""What tells a miss where there was one, but says nothing against a hit."""
HIT = words(*_TABLE["hit"])
MADE = words(*_TABLE["made"])
FAILED = words(*_TABLE["failed"])
HEALS = words(*_TABLE["heals"])
LOSES = words(*_TABLE["loses"])
FULLY = words(*_TABLE["fully"])
FIZZLES = words(*_TABLE["fizzles"])
GOES_ON = words(*_TABLE["goes_on"])
RETURNS = words(*_TABLE["returns"])
HURTS = words(*_TABLE["hurts"])
IDIOMS = words(*_TABLE["idioms"])
FINAL = words(*_TABLE["final"])
DEATH = words(*_TABLE["death"])
DEATH_TOO = words(*_TABLE["death_too"])
"""What tells a death where somebody died, but says nothing elsewhere."""
FALL = words(*_TABLE["fall"])
ALIVE = words(*_TABLE["alive"])
DOWN = words(*_TABLE["down"])
CRIT = words(*_TABLE["crit"])
ENDED = words(*_TABLE["ended"])
KEPT_IT = re.compile("|".join(_TABLE["kept_it"]))
LOST_IT = re.compile("|".join(_TABLE["lost_it"]))
GOES_DOWN = words(*_TABLE["goes_down"])
NO_HARM = words(*_TABLE["no_harm"])
WAKES = words(*_TABLE["wakes"])
EVADES = "|".join(_TABLE["evades"])
KILLS = "|".join(_TABLE["kills"])
ARMS = words(*_TABLE["arms"])
AIMS_AT = "|".join(_TABLE["aims_at"])
STRIKES_BACK = words(*_TABLE["strikes_back"])
FAINT = words(*_TABLE["faint"])
LIMBS = re.compile(rf"(?:{'|'.join(_TABLE['limbs'])})\b(?! (?:{'|'.join(_TABLE['limb_strikes'])}))")
"""Parts of a body that strike no blow where they stand."""
GETS_PAST = words(*_TABLE["gets_past"])
UNHARMED = words(*_TABLE["unharmed"])
OTHER_HEALING = words(*_TABLE["other_healing"])
MADE_WHOLE = words(*_TABLE["made_whole"])
LIES_STILL = words(*_TABLE["lies_still"])
LETS_GO = _TABLE["lets_go"]
ESCAPES = words(*_TABLE["escapes"])
BURNS = words(*_TABLE["burns"])
HAPPENS = tuple((row["said"], frozenset(row["unless"]), words(*row["words"])) for row in _TABLE["happens"])
"""What would stand in the log had it come about, what makes it so, and the words for it."""
COLOUR = re.compile(rf"\b[23] (?:\w+ )?(?:{'|'.join(_TABLE['colour'])})\b")
CLAUSE = re.compile(
    rf"[,;:—–]|\b(?:{'|'.join(_TABLE['undergoes'])})\b| (?:{'|'.join(_TABLE['clauses'])}) | and (?!\S+$)"
)
"""What stands between two names when the first does not act on the second."""
IMAGES = {kind: words(*patterns) for kind, patterns in _TABLE["images"].items()}
"""What lets a reader think of a damage type without naming it."""
STRIKES = "|".join(_TABLE["strikes"])
"""What somebody does who attacks; whoever is attacked does none of it."""
ORDINARY = frozenset((_HERE / "ordinary.txt").read_text("utf-8").split())
"""Words a sentence may begin with though a verb follows: no names of somebody."""
