"""git's own word on a well-formed diff, asked about a copy outside any repository: no hooks, filters or settings.

git sees neither the model's headers nor the real path: only numbered hunks for one file called `file`.
"""

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from agents.relay.patches.diffs import Hunk

_TIMEOUT_S = 10
HARDENED = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.attributesFile=/dev/null")


def git(
    *arguments: str, folder: Path, stdin: bytes = b"", alone: bool = False
) -> "subprocess.CompletedProcess[bytes] | None":
    """One hardened git command; None where git is missing or does not come back. `alone`: no repository further up."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull, "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_ATTR_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0", "GIT_CEILING_DIRECTORIES": str(folder.parent) if alone else "",
    }  # fmt: skip
    try:
        return subprocess.run(
            ["git", *HARDENED, *arguments], cwd=folder, env=environment, input=stdin, capture_output=True,
            timeout=_TIMEOUT_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None


def well_formed(hunks: Sequence[Hunk]) -> bool:
    """Whether every count and number is there and right, so that git may be asked."""
    return bool(hunks) and all(hunk.counted and (hunk.start or not hunk.old) for hunk in hunks)


def applied(before: bytes, hunks: Sequence[Hunk]) -> bytes | None:
    """The file as `git apply` leaves it, None where git refuses."""
    with tempfile.TemporaryDirectory(prefix="vespera-patch-") as name:
        folder = Path(name)
        target = folder / "file"
        target.write_bytes(before)
        patch = _canonical(hunks)
        done = git("apply", "--check", "--whitespace=nowarn", "-", folder=folder, stdin=patch, alone=True)
        if done is None or done.returncode != 0:
            return None
        done = git("apply", "--whitespace=nowarn", "-", folder=folder, stdin=patch, alone=True)
        return target.read_bytes() if done is not None and done.returncode == 0 and target.exists() else None


def _canonical(hunks: Sequence[Hunk]) -> bytes:
    out = ["diff --git a/file b/file", "--- a/file", "+++ b/file"]
    shift = 0
    for hunk in hunks:
        olds, news = len(hunk.old), sum(line.mark != "-" for line in hunk.lines)
        out.append(f"@@ -{hunk.start},{olds} +{hunk.start + shift},{news} @@")
        shift += news - olds
        last_old = max((at for at, line in enumerate(hunk.lines) if line.mark != "+"), default=-1)
        last_new = max((at for at, line in enumerate(hunk.lines) if line.mark != "-"), default=-1)
        for at, line in enumerate(hunk.lines):
            out.append(line.mark + line.text)
            if (at == last_old and hunk.ends_bare_old) or (at == last_new and hunk.ends_bare_new):
                out.append("\\ No newline at end of file")
    return ("\n".join(out) + "\n").encode("utf-8", "surrogateescape")
