"""Runs bombs as the user nobody: gives up every right, prints the outcomes as JSON.

python -m tests.relay.sandbox.as_nobody FOLDER NAME…
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

import msgspec

from agents.relay.sandbox.sandbox import Sandbox
from tests.relay.sandbox import bombs

NOBODY = 65_534
INTERPRETER = "/usr/bin/python3"


async def outcomes(folder: Path, names: list[str]) -> dict[str, object]:
    """Each bomb's outcome by its name, and the probe."""
    sandbox = await Sandbox.open()
    found: dict[str, object] = {"probe": sandbox.probe}
    for name in names:
        tree = folder / name
        tree.mkdir()
        program = getattr(bombs, name) + f"\n# {os.getppid()}"
        limits = msgspec.structs.replace(bombs.SMALL, cpu_s=1) if name == "LOOP" else bombs.SMALL
        found[name] = await sandbox.run([INTERPRETER, "-u", "-c", program], tree, limits=limits)
    return found


def main() -> None:
    """Become nobody, then run."""
    folder = Path(sys.argv[1])
    if os.geteuid() == 0:
        # Once as root, so that everything is imported while the interpreter's files can still be read.
        with tempfile.TemporaryDirectory() as rehearsal:
            asyncio.run(outcomes(Path(rehearsal), ["ONE_FILE"]))
        os.chown(folder, NOBODY, NOBODY)
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(outcomes(folder, sys.argv[2:]))))


if __name__ == "__main__":
    main()
