"""Real edits to real files, with the result known: this repository's history, and pairs of releases of one library.

`pip` carries older releases of libraries that the environment holds in newer ones (requests, rich, pygments, urllib3,
packaging …): what changed between the two is what their authors committed. A few neighbouring changes make an edit.
"""

import ast
import hashlib
import random
import subprocess
import warnings
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple

import pip

from settings import HOME

SITE = Path(pip.__file__).resolve().parent.parent
VENDORED = SITE / "pip" / "_vendor"
LIBRARIES = (
    "requests", "rich", "pygments", "urllib3", "packaging", "tenacity", "distro", "idna", "certifi", "platformdirs",
    "typing_extensions.py",
)  # fmt: skip
TEXT = {".py", ".md", ".tf", ".toml", ".j2", ".txt", ".service", ".json", ".yml", ".cfg"}
MAX_BYTES = 120_000
MAX_CHANGED = 60


class Edit(NamedTuple):
    """One file before and after."""

    path: str
    before: str
    after: str
    origin: str

    @property
    def held_out(self) -> bool:
        """Half of all files are kept for the report and never looked at while the locator is made."""
        return hashlib.sha256(self.path.encode()).digest()[0] % 2 == 1


def history() -> Iterator[Edit]:
    """Every modified text file of every commit of this repository."""
    listing = _git("log", "--no-merges", "--diff-filter=M", "--name-only", "--pretty=%x00%H", "-z")
    for block in listing.split("\0\0"):
        commit, *paths = [part.strip() for part in block.strip("\0").split("\0") if part.strip()]
        for path in paths:
            if Path(path).suffix in TEXT:
                before, after = _git("show", f"{commit}^:{path}"), _git("show", f"{commit}:{path}")
                if before != after and _is_modest(before, after):
                    yield Edit(path, before, after, "history")


def births(seed: int) -> Iterator[Edit]:
    """Files that a commit of this repository added (no text before) or, as often, removed again (no text after)."""
    listing = _git("log", "--no-merges", "--diff-filter=A", "--name-only", "--pretty=%x00%H", "-z")
    chance = random.Random(seed)
    for block in listing.split("\0\0"):
        commit, *paths = [part.strip() for part in block.strip("\0").split("\0") if part.strip()]
        for path in paths:
            if Path(path).suffix in TEXT and not path.startswith("."):
                text = _git("show", f"{commit}:{path}")
                if 0 < len(text) < 12_000 and "\0" not in text and (not path.endswith(".py") or parses(text)):
                    yield Edit(path, text, "", "history") if chance.random() < 0.3 else Edit(path, "", text, "history")


def releases(seed: int) -> Iterator[Edit]:
    """A few edits for each file that changed between two releases of a library."""
    chance = random.Random(seed)
    for library in LIBRARIES:
        old = VENDORED / library
        for path in sorted(old.rglob("*.py")) if old.is_dir() else [old]:
            newer = SITE / path.relative_to(VENDORED)
            if newer.exists():
                before, after = path.read_text("utf-8"), newer.read_text("utf-8")
                if before != after and len(before) < MAX_BYTES:
                    yield from _some(str(path.relative_to(VENDORED)), before, after, chance)


def _some(path: str, before: str, after: str, chance: random.Random) -> Iterator[Edit]:
    """Up to three edits of one to four neighbouring changes each."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    changes = [code for code in SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if code[0] != "equal"]
    changes = [code for code in changes if code[2] - code[1] + code[4] - code[3] <= MAX_CHANGED]
    for _ in range(min(3, len(changes))):
        at = chance.randrange(len(changes))
        chosen = changes[at : at + chance.randint(1, 4)]
        lines = list(old)
        for _, a, b, c, d in reversed(chosen):
            lines[a:b] = new[c:d]
        if "".join(lines) != before and parses("".join(lines)):
            yield Edit(path, before, "".join(lines), "releases")


def parses(text: str) -> bool:
    """Whether Python can read it: a few of many changes may be half of one, which nobody commits."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _is_modest(before: str, after: str) -> bool:
    if not before or not after or max(len(before), len(after)) > MAX_BYTES or "\0" in before + after:
        return False
    codes = SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False).get_opcodes()
    changed = sum(b - a + d - c for what, a, b, c, d in codes if what != "equal")
    return 0 < changed <= 4 * MAX_CHANGED


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=HOME, capture_output=True, check=True).stdout.decode(
        "utf-8", "replace"
    )
