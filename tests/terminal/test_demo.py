"""`./vespera demo` and `console`."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

from settings import HOME
from tests.needs import NO_BUBBLEWRAP
from tests.terminal.running import environment, vespera


def test_the_tour_ends_well_and_touches_no_data_directory(tmp_path: Path) -> None:
    began = time.monotonic()
    done = vespera("demo", data_dir=tmp_path / "data")
    assert done.code == 0, done.err
    assert time.monotonic() - began < 60
    assert done.err == ""
    for part in (
        "looked up",
        "claims hold",
        "from cache",
        "main.tf",
        "bucket_acl",
        "✗ rejected",
        *(
            ()
            if NO_BUBBLEWRAP
            else ("✗ try 1: unittest failed", "1 checkpoint, 2 tries, 1 defect", "✓ every one holds")
        ),
        "Why the answers can be trusted",
    ):
        assert part in done.out
    assert not (tmp_path / "data").exists()


def test_the_console_answers_one_line_after_another(tmp_path: Path) -> None:
    lines = "/dnd rule grappled\n/dnd spel x\n/why\n/quit\n"
    done = vespera("console", data_dir=tmp_path, stdin=lines)
    assert done.code == 0, done.err
    assert "Grappled" in done.out
    assert "claims hold" in done.out
    assert "/dnd spell" in done.err


def test_the_console_ends_at_the_end_of_its_input(tmp_path: Path) -> None:
    assert vespera("console", data_dir=tmp_path, stdin="").code == 0


def test_the_console_completes_commands_and_names_on_a_terminal(tmp_path: Path) -> None:
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, str(HOME / "cli.py"), "console"],
        stdin=terminal, stdout=terminal, stderr=terminal, env={**environment(tmp_path), "TERM": "xterm"},
    )  # fmt: skip
    os.close(terminal)
    try:
        assert b"vespera>" in _until(controller, b"vespera> ")
        os.write(controller, b"/dnd sp\tname:firebal\t\n")
        shown = _until(controller, b"task 1") + _until(controller, b"vespera> ")
        assert b"/dnd spell name:" in shown
        assert b"looked up" in shown
        os.write(controller, b"\x04")
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
        os.close(controller)


def _until(controller: int, wanted: bytes, seconds: float = 15) -> bytes:
    seen = b""
    ends = time.monotonic() + seconds
    while wanted not in seen and time.monotonic() < ends:
        try:
            if select.select([controller], [], [], 0.2)[0]:
                seen += os.read(controller, 65_536)
        except OSError:
            break
    return seen
