"""A second opinion on syntax from ``terraform fmt``, where Terraform is installed. Nothing else of it is ever run."""

import os
import shutil
import subprocess
from functools import lru_cache

MAX_SECONDS = 10.0
"""Longest time one file may take; a formatter that does not answer has no vote."""
_SYNTAX_ERROR = 2
"""Exit code of ``terraform fmt -check`` for a text that it cannot read; 0 and 3 are readable."""


@lru_cache(maxsize=1)
def _binary() -> str | None:
    return shutil.which("terraform")


def reads(content: bytes) -> bool | None:
    """Can ``terraform fmt`` read the text? None where it is not installed or does not answer."""
    binary = _binary()
    if binary is None:
        return None
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": os.devnull, "CHECKPOINT_DISABLE": "1"}
    try:
        done = subprocess.run(
            [binary, "fmt", "-check", "-no-color", "-"],
            input=content,
            capture_output=True,
            timeout=MAX_SECONDS,
            env=environment,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return {0: True, 3: True, _SYNTAX_ERROR: False}.get(done.returncode)
