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


@lru_cache(maxsize=64)
def plan_at(repo: str, commit: str) -> Plan:
    """What proves a step in a repository as of a commit; blocks. Raises UserMistake, GitFailed."""
    paths = [entry.path for entry in files(repo, commit)]
    known = set(paths)
    python, shown = _python()
    plan = plan_of(lambda path: file_text(repo, commit, path) if path in known else None, paths, python)
    return msgspec.structs.replace(plan, shown=(*plan.shown, *shown) if plan.source.endswith("pytest") else plan.shown)


@cache
def _python() -> tuple[str, tuple[str, ...]]:
    """An interpreter that has pytest, and the folders it needs shown: the system's, else Vespera's own environment."""
    system = shutil.which("python3", path="/usr/local/bin:/usr/bin:/bin")
    if system and subprocess.run([system, "-c", "import pytest"], capture_output=True, check=False).returncode == 0:
        return "python3", ()
    if importlib.util.find_spec("pytest"):
        return sys.executable, (str(Path(sys.prefix)),)
    return "python3", ()
