"""Dice: a small parser with bounds, exact least and greatest totals, and rolls that can be replayed from a seed.

``2d20kh1+5``, ``4d6dl1``, ``8d6!``, ``d20 adv``, ``2d6r<3[fire] + (1d4 - 1) * 2``. No recursion anywhere: an expression
becomes postfix order once, and that is walked with a stack.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol

import msgspec

from errors import UserMistake

MOST_CHARACTERS, MOST_DICE, MOST_FACES, MOST_EXPLOSIONS, MOST_TOTAL = 200, 1_000, 1_000, 100, 10**9

_SPELLINGS = str.maketrans({"−": "-", "–": "-", "×": "*", "x": "*", "÷": "/", "·": "*"})
_TOKEN = re.compile(
    r"(?P<dice>(?P<count>\d*)d(?P<faces>\d+|%)"
    r"(?P<mods>(?:kh\d*|kl\d*|k\d*|dh\d*|dl\d*|rr[<>]?\d+|ro?[<>]?\d+|mi\d+|ma\d+|!)*)"
    r"(?P<mode>\s*(?:advantage|adv|disadvantage|dis)(?![a-z]))?)"
    r"|(?P<alone>(?:advantage|adv|disadvantage|dis)(?![a-z]))"
    r"|(?P<number>\d+)|(?P<sign>[-+*/()])|(?P<label>\[[^\]\[]{0,40}\])"
)
_MODIFIER = re.compile(r"(kh|kl|k|dh|dl|rr|ro|r|mi|ma|!)([<>]?)(\d*)")
_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2, "neg": 3}
WORKS: dict[str, Callable[[int, int], int]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
Keep = Literal["", "kh", "kl", "dh", "dl"]


class Chance(Protocol):
    """Where chance comes from: `random.Random`, or anything that gives floats from 0 up to 1."""

    def random(self) -> float:
        """The next float in [0, 1)."""
        ...


class Dice(msgspec.Struct, frozen=True):
    """One dice term, for example ``4d6dl1``."""

    count: int
    faces: int
    text: str
    label: str = ""
    keep: Keep = ""
    keep_count: int = 0
    rerolled: frozenset[int] = frozenset()
    reroll_until: bool = False
    least: int = 0
    most: int = 0
    explodes: bool = False

    def shown_value(self, face: int) -> int:
        """A face after ``mi`` and ``ma``."""
        value = max(face, self.least) if self.least else face
        return min(value, self.most) if self.most else value

    def kept(self, rolled: int) -> int:
        """How many of ``rolled`` dice count."""
        if not self.keep:
            return rolled
        return min(self.keep_count, rolled) if self.keep[0] == "k" else max(rolled - self.keep_count, 0)

    @property
    def bounds(self) -> tuple[int, int]:
        """Least and greatest sum, explosions counted up to their limit."""
        faces = [f for f in range(1, self.faces + 1) if not (self.reroll_until and f in self.rerolled)]
        low, high = self.shown_value(faces[0]), self.shown_value(faces[-1])
        extra = MOST_EXPLOSIONS if self.explodes and faces[-1] == self.faces else 0
        return low * self.kept(self.count), high * self.kept(self.count + extra)


Step = Dice | int | str
"""Postfix order: dice and numbers are values, text is an operator (``+ - * / neg``)."""


class Expression(msgspec.Struct, frozen=True):
    """A parsed expression: the tokens as written, the postfix order, and the exact bounds of its total."""

    text: str
    written: tuple[Step, ...]
    postfix: tuple[Step, ...]
    low: int
    high: int


class Die(msgspec.Struct, frozen=True):
    """One die as it fell: the value that counts or not, and the faces rerolled before it."""

    value: int
    kept: bool
    before: tuple[int, ...] = ()
    exploded: bool = False


class Roll(msgspec.Struct, frozen=True):
    """A finished roll: every die of every term, in the order written."""

    expression: Expression
    total: int
    dice: tuple[tuple[Dice, tuple[Die, ...]], ...]


def _mistake(reason: str) -> UserMistake:
    return UserMistake(f"{reason} Nothing was rolled. Write dice like 2d20kh1+5 or 8d6.")


def _whole(text: str, most: int, what: str) -> int:
    """A number within bounds; long digit strings are refused before they are read."""
    if len(text) > 10 or int(text) > most:
        raise _mistake(f"{what} at most {most:,}.")
    return int(text)


def _advantage(count: int, mode: str, text: str) -> dict[str, Any]:
    if not mode:
        return {}
    if count != 1 or "k" in text or "dl" in text or "dh" in text:
        raise _mistake("Advantage and disadvantage go with a single die, for example d20 adv.")
    return {"count": 2, "keep": "kh" if mode.startswith("adv") else "kl", "keep_count": 1}


def _modifiers(text: str, count: int, faces: int) -> dict[str, Any]:
    """Read ``kh1``, ``r<3``, ``mi2``, ``!`` into fields of `Dice`."""
    found: dict[str, Any] = {}
    for name, compare, digits in _MODIFIER.findall(text):
        number = _whole(digits, MOST_FACES, "Numbers after a die are") if digits else 1
        kind = {"k": "keep", "d": "keep", "r": "rerolled", "m": "least", "!": "explodes"}[name[0]]
        if name == "ma":
            kind = "most"
        if kind in found:
            raise _mistake(f'"{text[:40]}" says the same kind of thing twice.')
        found[kind] = number
        if kind == "keep":
            found |= {"keep": "kh" if name == "k" else name, "keep_count": number}
            if number > count or number < 1:
                raise _mistake(f"You cannot keep or drop {number} of {count} dice.")
        elif kind == "rerolled":
            test = {"<": operator.lt, ">": operator.gt, "": operator.eq}[compare]
            faces_again = frozenset(face for face in range(1, faces + 1) if test(face, number))
            found |= {"rerolled": faces_again, "reroll_until": name == "rr"}
        elif kind == "explodes":
            found["explodes"] = True
        elif number < 1:
            raise _mistake("A least or greatest value starts at 1.")
    return found


def _dice(match: re.Match[str]) -> Dice:
    """One dice term from its token.

    Raises:
        UserMistake: too many dice, too many faces, or modifiers that leave no face to show.
    """
    count = _whole(match["count"] or "1", MOST_DICE, "The number of dice is")
    faces = 100 if match["faces"] == "%" else _whole(match["faces"], MOST_FACES, "The number of faces is")
    if count < 1 or faces < 1:
        raise _mistake("A roll needs at least one die with at least one face.")
    fields = _modifiers(match["mods"], count, faces)
    mode = (match["mode"] or "").strip()
    fields = {"count": count, "faces": faces, **fields, **_advantage(count, mode, match["mods"])}
    found = Dice(text=" ".join(match["dice"].split()), **fields)
    left = faces - (len(found.rerolled) if found.reroll_until else 0)
    if left < 1:
        raise _mistake(f"{found.text[:40]} would be rerolled for ever.")
    if found.explodes and (left == 1 or faces == 1):
        raise _mistake(f"{found.text[:40]} would explode for ever.")
    return found


def _tokens(text: str) -> list[Step]:
    """Split the text into dice, numbers and signs; a minus without a left side becomes ``neg``."""
    found: list[Step] = []
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        match = _TOKEN.match(text, place)
        if match is None:
            raise _mistake(f'I cannot read "{text[place : place + 20]}" as dice.')
        place = match.end()
        if match["label"]:
            if not found or not isinstance(found[-1], Dice):
                raise _mistake("A label in brackets follows a dice term, for example 2d6[fire].")
            found[-1] = msgspec.structs.replace(found[-1], label=match["label"][1:-1].strip())
        elif match["dice"]:
            found.append(_dice(match))
        elif match["alone"]:
            keep: Keep = "kh" if match["alone"].startswith("adv") else "kl"
            found.append(Dice(2, 20, f"d20 {match['alone']}", keep=keep, keep_count=1))
        elif match["number"]:
            found.append(_whole(match["number"], 1_000_000, "Numbers are"))
        else:
            before = found[-1] if found else "("
            unary = match["sign"] in "+-" and isinstance(before, str) and before != ")"
            found.append(("neg" if match["sign"] == "-" else "pos") if unary else match["sign"])
    return [step for step in found if step != "pos"]


def _postfix(tokens: Sequence[Step]) -> list[Step]:
    """Shunting-yard.

    Raises:
        UserMistake: unbalanced brackets, or two values or two operators side by side.
    """
    out: list[Step] = []
    waiting: list[str] = []
    value_next = True
    for step in tokens:
        opens = step in ("(", "neg")
        if value_next != (not isinstance(step, str) or opens):
            raise _mistake("The dice and signs do not form a sum.")
        if not isinstance(step, str):
            out.append(step)
            value_next = False
        elif opens:
            waiting.append(step)
        elif step == ")":
            while waiting and waiting[-1] != "(":
                out.append(waiting.pop())
            if not waiting:
                raise _mistake("A bracket is closed that was never opened.")
            waiting.pop()
        else:
            while waiting and waiting[-1] != "(" and _STRENGTH[waiting[-1]] >= _STRENGTH[step]:
                out.append(waiting.pop())
            waiting.append(step)
            value_next = True
    if value_next or "(" in waiting:
        raise _mistake("The sum is not finished: a value or a closing bracket is missing.")
    return out + waiting[::-1]


def divided(left: int, right: int) -> int:
    """Division as the game does it: rounded down."""
    if right == 0:
        raise _mistake("Division by zero has no result.")
    return left // right


def _span(postfix: Sequence[Step]) -> tuple[int, int]:
    """Exact bounds: every die stands in one place only, so the corners of each operation are its extremes."""
    stack: list[tuple[int, int]] = []
    for step in postfix:
        if isinstance(step, Dice):
            stack.append(step.bounds)
        elif isinstance(step, int):
            stack.append((step, step))
        elif step == "neg":
            low, high = stack.pop()
            stack.append((-high, -low))
        else:
            right, left = stack.pop(), stack.pop()
            if step == "/" and right[0] <= 0 <= right[1]:
                raise _mistake("Division by something that can be zero has no result.")
            work = WORKS.get(step, divided)
            corners = [work(a, b) for a in left for b in right]
            stack.append((min(corners), max(corners)))
        if max(abs(bound) for bound in stack[-1]) > MOST_TOTAL:
            raise _mistake(f"The total could pass {MOST_TOTAL:,}.")
    return stack[0]


OF_A_CHARACTER = "@level, @prof, @str, @dex, @con, @int, @wis and @cha"
_VARIABLE = re.compile(r"@([A-Za-z][A-Za-z_.]{0,39})")


def names_in(text: str) -> list[str]:
    """The ``@names`` of an expression, without the sign, in lower case, each once."""
    return list(dict.fromkeys(name.lower() for name in _VARIABLE.findall(text)))


def filled(text: str, variables: Mapping[str, int]) -> str:
    """The expression with ``@prof`` and the like replaced by a character's numbers; names in any case.

    Raises:
        UserMistake: a name is not among the variables; the text says which are, and both ways to give one.
    """
    if "@" not in text or len(text) > MOST_CHARACTERS:
        return text
    known = {name.lower().lstrip("@"): value for name, value in variables.items()}

    def number(match: re.Match[str]) -> str:
        value = known.get(match[1].lower())
        if value is None:
            names = ", ".join(f"@{name}" for name in sorted(known)[:12]) or "none"
            ways = f"Give it with values: {match[1].lower()}=3; {OF_A_CHARACTER} also come from your /dnd character."
            raise _mistake(f"@{match[1]} has no value here. Known: {names}. {ways}")
        return str(value) if value >= 0 else f"({value})"

    return _VARIABLE.sub(number, text)


def read_values(text: str) -> dict[str, int]:
    """``prof=3 dex=+2`` as variables.

    Raises:
        UserMistake: not of that form, or a value past ±1,000.
    """
    found: dict[str, int] = {}
    for part in re.split(r"[\s,;]+", text.strip()):
        match = re.fullmatch(r"@?([A-Za-z][A-Za-z_.]{0,39})[=:]([+-]?\d{1,4})", part)
        if match is None or abs(int(match[2])) > 1_000:
            raise _mistake(f'I cannot read "{part[:30]}" as a value; write prof=3 dex=2.')
        found[match[1].lower()] = int(match[2])
    return found


def parse(text: str) -> Expression:
    """Read an expression.

    Raises:
        UserMistake: not dice, or past a bound (200 characters, 1,000 dice, 1,000 faces, a total of 10⁹).
    """
    if len(text) > MOST_CHARACTERS:
        raise _mistake(f"That is {len(text):,} characters; at most {MOST_CHARACTERS} are read.")
    # Only plain ASCII digits: other scripts' digits and look-alikes would pass `\d`.
    plain = text.strip().lower().translate(_SPELLINGS) if "[" not in text else _outside_labels(text)
    if not plain.isascii() and re.search(r"[^\x00-\x7f]", re.sub(r"\[[^\]]*\]", "", plain)):
        raise _mistake("Only plain letters, digits and signs can be read as dice.")
    tokens = _tokens(plain)
    if not tokens:
        raise _mistake("There are no dice in that.")
    if sum(token.count for token in tokens if isinstance(token, Dice)) > MOST_DICE:
        raise _mistake(f"The number of dice is at most {MOST_DICE:,} in all.")
    postfix = _postfix(tokens)
    return Expression(" ".join(text.split()), tuple(tokens), tuple(postfix), *_span(postfix))


def _outside_labels(text: str) -> str:
    """Fold case and signs everywhere but inside bracketed labels."""
    pieces = re.split(r"(\[[^\]]*\])", text.strip())
    return "".join(p if p.startswith("[") else p.lower().translate(_SPELLINGS) for p in pieces)
