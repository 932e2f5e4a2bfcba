"""The plan of a commit: what its relay.toml says, or what is detected there. Kept by commit: those never change."""

import importlib.util
import shutil
import subprocess
import sys
from functools import cache, lru_cache
from pathlib import Path

import msgspec

from agents.relay.git_reader import file_text, files
from agents.relay.steps import Plan, plan_of

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"


@lru_cache(maxsize=64)
def plan_at(repo: str, commit: str) -> Plan:
    """What proves a step in a repository as of a commit; blocks. Raises UserMistake, GitFailed."""
    paths = [entry.path for entry in files(repo, commit)]
    known = set(paths)
    python, shown = _python()
    plan = plan_of(lambda path: file_text(repo, commit, path) if path in known else None, paths, python)
    if not plan.source.startswith("detected"):
        shown = _lent(plan)
    elif "pytest" not in plan.source:
        shown = ()
    return msgspec.structs.replace(plan, shown=(*plan.shown, *shown))


def _lent(plan: Plan) -> tuple[str, ...]:
    """Vespera's own environment, where a command names a tool (`python`, `pytest`) that only it has."""
    words = {word for step in plan.steps for word in step.script.split() if word.isidentifier()}
    missing = [word for word in words if not shutil.which(word, path=SYSTEM_PATH)]
    lends = any((Path(sys.prefix) / "bin" / word).is_file() for word in missing)
    return (sys.prefix,) if lends and sys.prefix != sys.base_prefix else ()


@cache
def _python() -> tuple[str, tuple[str, ...]]:
    """An interpreter that has pytest, and the folders it needs shown: the system's, else Vespera's own environment's.

    Empty where neither has it.
    """
    system = shutil.which("python3", path=SYSTEM_PATH)
    if system and subprocess.run([system, "-c", "import pytest"], capture_output=True, check=False).returncode == 0:
        return "python3", ()
    if importlib.util.find_spec("pytest"):
        return sys.executable, (str(Path(sys.prefix)),)
    return "", ()
