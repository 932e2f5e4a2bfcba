"""Runs the terminal front as people and scripts do: as a process of its own."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from settings import HOME

ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
ANSWER_KEYS = {
    "task_id", "status", "cached", "text", "files", "attempts", "provider", "model", "confidence", "citations",
    "violations", "tokens", "elapsed_ms",
}  # fmt: skip


class Done(NamedTuple):
    """A process that has ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Standard output as the one JSON document it must be."""
        (line,) = self.out.splitlines()
        document: dict[str, Any] = json.loads(line)
        return document


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    """A clean environment with its own data directory."""
    return {**ENVIRONMENT, "VESPERA_DATA_DIR": str(data_dir), **more}


def vespera(*arguments: str, data_dir: Path, stdin: str | None = None, **more: str) -> Done:
    """One command, to its end."""
    done = subprocess.run(
        [sys.executable, str(HOME / "cli.py"), *arguments],
        env=environment(data_dir, **more), input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


async def start(*arguments: str, data_dir: Path, **more: str) -> asyncio.subprocess.Process:
    """One command, begun."""
    return await asyncio.create_subprocess_exec(
        sys.executable, str(HOME / "cli.py"), *arguments, env=environment(data_dir, **more),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


async def finish(process: asyncio.subprocess.Process) -> Done:
    """The end of a command begun."""
    out, err = await asyncio.wait_for(process.communicate(), 60)
    return Done(process.returncode or 0, out.decode(), err.decode())
