"""`./vespera bench`: lists and runs the modules under ``benchmarks/``."""

import ast
import subprocess
import sys
from collections.abc import Sequence

from errors import UserMistake
from settings import HOME

FOLDER = HOME / "benchmarks"


def names() -> dict[str, str]:
    """Every benchmark with the first line of its documentation."""
    found = {}
    for path in sorted(FOLDER.glob("*.py")):
        text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        if not path.name.startswith("_") and "__main__" in path.read_text("utf-8"):
            found[path.stem] = text.partition("\n")[0]
    return found


def bench(name: str | None, arguments: Sequence[str]) -> int:
    """Run one benchmark; without a name, list them all.

    Raises:
        UserMistake: there is no such benchmark.
    """
    known = names()
    if name is None:
        for each, text in known.items():
            sys.stdout.write(f"{each:<12} {text}\n")
        return 0
    if name not in known:
        raise UserMistake(f'There is no benchmark "{name}". Known: {", ".join(known) or "none"}.')
    return subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *arguments], cwd=HOME, check=False).returncode
