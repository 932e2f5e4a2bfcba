"""Reading a Dockerfile and a .dockerignore as the engine does, as far as ours go."""

import re
import shlex
import shutil
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

from settings import HOME


class Instruction(NamedTuple):
    """One instruction, its lines joined."""

    name: str
    text: str


class Stage(NamedTuple):
    """One image that is built."""

    base: str
    name: str
    instructions: list[Instruction]

    def of(self, name: str) -> list[str]:
        """What the instructions of a kind say."""
        return [one.text for one in self.instructions if one.name == name]


def stages(path: Path = HOME / "Dockerfile") -> dict[str, Stage]:
    """The stages by name, in their order."""
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    found: dict[str, Stage] = {}
    for line in filter(None, map(str.strip, joined.splitlines())):
        name, _, text = line.partition(" ")
        if name == "FROM":
            base, _, stage = text.partition(" AS ")
            found[stage] = Stage(base, stage, [])
        else:
            found[list(found)[-1]].instructions.append(Instruction(name, re.sub(r"\s+", " ", text)))
    return found


def ignored() -> list[str]:
    """The patterns of .dockerignore."""
    return [line for line in (HOME / ".dockerignore").read_text("utf-8").splitlines() if line and line[0] != "#"]


def is_ignored(path: Path) -> bool:
    """Whether a path (relative) stays out of the image: itself or a folder above it matches."""
    ways = [str(Path(*path.parts[: count + 1])) for count in range(len(path.parts))]
    return any(
        fnmatch(way, pattern) or (pattern.startswith("**/") and fnmatch(Path(way).name, pattern[3:]))
        for pattern in ignored()
        for way in ways
    )


def copy_context(tracked: list[str], target: Path) -> None:
    """The build's context, as `COPY . ./` gets it."""
    for name in tracked:
        if not is_ignored(Path(name)):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(HOME / name, target / name)


def words(run: str) -> list[list[str]]:
    """The commands of a RUN that are joined by &&."""
    return [shlex.split(part) for part in run.split("&&")]
