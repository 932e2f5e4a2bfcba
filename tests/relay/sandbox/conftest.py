"""A real sandbox, real programs in it. Attacks are Python programs that print ESCAPED when they get through."""

import os
import shutil
import sys
import textwrap
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.relay.sandbox.contracts import Limits, Outcome
from agents.relay.sandbox.sandbox import Sandbox
from tests.needs import NO_BUBBLEWRAP

SMALL = Limits(
    wall_s=20,
    cpu_s=10,
    memory_mb=128,
    processes=24,
    open_files=128,
    file_mb=8,
    output_kb=256,
    tmp_mb=8,
    workspace_mb=16,
)
PYTHON = Path(sys.base_prefix)
Attack = Callable[..., Awaitable[Outcome]]


@pytest.fixture
async def sandbox() -> Sandbox:
    if NO_BUBBLEWRAP:
        pytest.skip(NO_BUBBLEWRAP)
    return await Sandbox.open()


@pytest.fixture
async def weak(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Sandbox:
    """The weaker mode, as on a machine without bubblewrap: the controls that show an attack is one."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "prlimit").symlink_to(shutil.which("prlimit") or "/usr/bin/prlimit")
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(tools))
        return await Sandbox.open(allow_weak=True)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    return folder


@pytest.fixture
def attack(workspace: Path) -> Attack:
    """Runs a program in a sandbox; it must come to its end unless ``ends`` says how it is stopped."""

    async def run(sandbox: Sandbox, program: str, *arguments: object, ends: bool = True, **options: Any) -> Outcome:
        options.setdefault("limits", SMALL)
        (workspace / "attack.py").write_text(PRELUDE + textwrap.dedent(program) + "\nprint('came to its end')\n")
        outcome = await sandbox.run(
            [sys.executable if os.geteuid() == 0 else "python3", "-u", "attack.py", *map(str, arguments)],
            workspace,
            read_only=[PYTHON, Path(sys.prefix)],
            **options,
        )
        if ends:
            assert "came to its end" in outcome.output, outcome
        return outcome

    return run


PRELUDE = """\
import ctypes, errno, os, signal, socket, subprocess, sys, time
from pathlib import Path
libc = ctypes.CDLL(None, use_errno=True)
def tries(name, call):
    try:
        found = call()
    except OSError as error:
        print("held", name, errno.errorcode.get(error.errno, error.errno))
    else:
        print("ESCAPED", name, repr(found)[:200])
def syscall(number, *arguments):
    if libc.syscall(number, *arguments) == -1:
        raise OSError(ctypes.get_errno(), "refused")
"""


def held(outcome: Outcome) -> dict[str, str]:
    """What an attack could not do, with the error it met; fails when anything got through."""
    assert "ESCAPED" not in outcome.output, outcome.output
    lines = (line.split() for line in outcome.output.splitlines() if line.startswith("held "))
    return {name: error for _, name, error in lines}


@pytest.fixture
def listening() -> Iterator[int]:
    """A service of the host on loopback; its port."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def left_running(part: str) -> list[int]:
    """Processes of this machine, but this test's own, whose command line holds the text."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if part.encode() in path.read_bytes() and int(path.parent.name) != os.getpid():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found
