"""Writes requirements.lock and requirements-dev.lock: every pinned package with the SHA-256 of each of its files.

`./vespera` installs from them with hashes checked, so that a registry cannot give anything else than what was tested.
Run it after a change of requirements*.txt; it needs `uv` on the path (pip install uv):

python -m tools.lock
"""

import shutil
import subprocess
import sys
from hashlib import sha256

from settings import HOME

SETS = {
    "requirements.lock": ("requirements.txt",),
    "requirements-dev.lock": ("requirements.txt", "requirements-dev.txt"),
}
"""Each lock with the files it is made from; `./vespera` holds the same digest against them."""
OLDEST = "3.11"


def digest(lock: str) -> str:
    """SHA-256 over the files a lock is made from."""
    return sha256(b"".join((HOME / name).read_bytes() for name in SETS[lock])).hexdigest()


def first_line(lock: str) -> str:
    """By which `./vespera` sees that a lock is not out of date."""
    return f"# of {digest(lock)}"


def write(uv: str, lock: str) -> None:
    """Ask the registry for the digests of every file of every pin."""
    done = subprocess.run(
        [uv, "pip", "compile", SETS[lock][-1], "--generate-hashes", "--no-deps", "--universal", "--python-version",
         OLDEST, "--no-header", "--no-annotate", "-q"],
        cwd=HOME, capture_output=True, text=True, check=True,
    )  # fmt: skip
    about = "# Written by tools/lock.py: every file of every pinned package, by its SHA-256."
    (HOME / lock).write_text(f"{first_line(lock)}\n{about}\n{done.stdout}", "utf-8")


if __name__ == "__main__":
    found = shutil.which("uv")
    if found is None:
        sys.exit("tools.lock needs uv: pip install uv")
    for name in SETS:
        write(found, name)
