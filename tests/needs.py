"""What some tests need of the machine; without it they are skipped and say why."""

import shutil
import subprocess

import pytest


def _unusable() -> str:
    """Why bubblewrap cannot be had here; empty where it can."""
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed"
    tried = subprocess.run(
        ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"], capture_output=True, text=True, timeout=20
    )
    return f"bubblewrap cannot make a sandbox here: {tried.stderr.strip()[-120:]}" if tried.returncode else ""


NO_BUBBLEWRAP = _unusable()
needs_bubblewrap = pytest.mark.skipif(bool(NO_BUBBLEWRAP), reason=NO_BUBBLEWRAP or "bubblewrap is here")
