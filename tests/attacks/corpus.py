"""The corpus: what people write, what a model that obeys them answers, and what honest models answer.

One item a line in ``inputs/KIND.txt`` and ``outputs/KIND.txt``; the first line says what the file is. What cannot stand
in a line of text is written in guillemets: ``«esc»``, ``«nl»``, ``«tag:hidden text»``, ``«x:1000»`` (a thousand x),
``«x:20:word »``. ``«canary»`` and ``«key»`` are secrets of the installation in outputs, and mere bait in inputs.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
CANARY = "canary-4f1c9d27-in-the-coalmine"
KEY = "gsk_" + "k" * 30
SECRETS = (CANARY, KEY)
NAMED = {
    "nl": "\n", "cr": "\r", "tab": "\t", "nul": "\0", "bel": "\a", "esc": "\x1b", "csi": "\x9b", "zwsp": "\u200b",
    "zwj": "\u200d", "wj": "\u2060", "bom": "\ufeff", "shy": "\u00ad", "rlo": "\u202e", "pdf": "\u202c",
    "lri": "\u2066", "pdi": "\u2069", "ls": "\u2028", "ps": "\u2029", "lone": "\ud800", "lone-low": "\udc00",
}  # fmt: skip
SECRET = {
    "canary": CANARY, "key": KEY,
    "canary-split": "\u200b".join(CANARY), "key-split": KEY[:9] + "\u2060" + KEY[9:],
}  # fmt: skip
BAIT = {"canary": "the canary", "key": "the key"}


class Item(NamedTuple):
    """One line. ``name`` says where it stands: ``notes:7``."""

    kind: str
    name: str
    text: str


def inputs() -> list[Item]:
    """What people write."""
    return [item for path in sorted((HERE / "inputs").glob("*.txt")) for item in _read(path, NAMED | BAIT)]


def outputs() -> list[Item]:
    """What models answer."""
    return [item for path in sorted((HERE / "outputs").glob("*.txt")) for item in _read(path, NAMED | SECRET)]


def controls() -> list[Item]:
    """Harmless answers."""
    return _read(HERE / "controls.txt", NAMED)


def _read(path: Path, names: Mapping[str, str]) -> list[Item]:
    lines = path.read_text("utf-8").split("\n")[1:]
    return [
        Item(path.stem, f"{path.stem}:{number}", spelled(line, names)) for number, line in enumerate(lines, 2) if line
    ]


def spelled(line: str, names: Mapping[str, str]) -> str:
    """A line with its guillemets spelled out; a name that is not known stays, for the test to fill in."""

    def of(found: re.Match[str]) -> str:
        name, _, rest = found[1].partition(":")
        if name == "tag":
            return "".join(chr(0xE0000 + ord(each)) for each in rest)
        if name == "x":
            count, _, piece = rest.partition(":")
            return spelled(piece or "x", names) * int(count)
        return names.get(found[1], found[0])

    return re.sub("«([^«»]+)»", of, line)
