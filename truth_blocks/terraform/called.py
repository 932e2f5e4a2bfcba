"""Modules that a module calls: what a local one takes and gives, read from its folder."""

import re
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import msgspec

from syntax import MAX_BYTES
from truth_blocks.terraform.model import Block
from truth_blocks.terraform.parser import parse

_KEEP = 64
"""Interfaces kept in memory."""
_DECLARES = re.compile(rb"^\s*(?:variable|output)\b", re.M)
"""A file without either is not parsed: what a called module makes is its own business."""
_MAX_FILES = 200
"""Files read of one called module; one with more is not read at all."""


class Interface(msgspec.Struct, frozen=True):
    """What a module takes and gives."""

    variables: dict[str, bool]
    """Variable → True when a call must set it."""
    outputs: frozenset[str]


Called = Callable[[str], Interface | None]
"""From the ``source`` of a call to the module's interface; None where it is not at hand."""


def NO_MODULES(_source: str) -> None:
    """No called module is at hand."""


class LocalModules:
    """Reads local modules (``./`` and ``../`` sources) from disk, each once."""

    def __init__(self) -> None:
        self._known: OrderedDict[Path, Interface | None] = OrderedDict()

    def beside(self, folder: Path) -> Called:
        """The modules that a module in ``folder`` can call."""

        def called(source: str) -> Interface | None:
            return self._read((folder / source).resolve()) if source.startswith(("./", "../")) else None

        return called

    def _read(self, folder: Path) -> Interface | None:
        if folder not in self._known:
            try:
                self._known[folder] = _interface(folder)
            except (OSError, ValueError):
                self._known[folder] = None
            if len(self._known) > _KEEP:
                self._known.popitem(last=False)
        return self._known[folder]


def _interface(folder: Path) -> Interface | None:
    """None where the folder is not there or cannot be read as a whole."""
    if not folder.is_dir():
        return None
    names = sorted(folder.iterdir())
    if any(each.name.endswith((".tf.json", ".tofu")) for each in names):
        return None
    files = [each for each in names if each.suffix == ".tf" and each.is_file()]
    if not files or len(files) > _MAX_FILES or any(each.stat().st_size > MAX_BYTES for each in files):
        return None
    contents = [(each.name, each.read_bytes()) for each in files]
    parsed = [parse(name, content) for name, content in contents if _DECLARES.search(content)]
    if any(file.problem for file in parsed):
        return None
    blocks = [block for file in parsed for block in file.body.blocks if block.labels]
    variables = {block.labels[0]: _must_be_set(block) for block in blocks if block.type == "variable"}
    return Interface(variables, frozenset(block.labels[0] for block in blocks if block.type == "output"))


def _must_be_set(variable: Block) -> bool:
    return variable.attribute("default") is None
