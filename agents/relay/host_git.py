"""git on the host, for repositories nobody vouches for: no hooks, filters, fsmonitor, helpers or user config.

A repository's own config may name programs (a filter driver, fsmonitor, an ssh command). Those that our commands would
reach are switched off on the command line, which outranks every file.
"""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from errors import GitFailed

GIT_S = 60.0
"""Seconds one git command may take; the slowest here checks a tree out."""
_SAFE = (
    "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.attributesFile=/dev/null", "core.excludesFile=/dev/null",
    "core.autocrlf=false", "core.safecrlf=false", "core.untrackedCache=false", "core.sshCommand=false",
    "core.pager=cat", "core.editor=false", "credential.helper=", "commit.gpgSign=false", "tag.gpgSign=false",
    "diff.external=", "gc.auto=0", "maintenance.auto=false", "protocol.allow=never", "submodule.recurse=false",
    "core.symlinks=true", "advice.detachedHead=false", "safe.directory=*", "log.showSignature=false",
)  # fmt: skip
_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C", "TZ": "UTC",
    "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_ATTR_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_REPLACE_OBJECTS": "1", "GIT_NO_LAZY_FETCH": "1", "GIT_PAGER": "cat",
}  # fmt: skip


def git(
    repo: str | Path,
    *arguments: str,
    feed: bytes | None = None,
    environment: Mapping[str, str] | None = None,
    fine: Sequence[int] = (0,),
    config: str = "",
) -> bytes:
    """Run one git command in `repo` and return what it printed; blocks, so it belongs into a thread.

    `config`: the repository whose config applies, where `repo` is one of its other working trees.

    Raises:
        GitFailed: it ended with a code that is not `fine`, or took longer than a minute.
    """
    command = ["git", *_switches(config or str(repo)), "-C", str(repo), *arguments]
    try:
        done = subprocess.run(
            command,
            input=feed,
            stdin=subprocess.DEVNULL if feed is None else None,
            capture_output=True,
            env={**_ENVIRONMENT, **(environment or {})},
            timeout=GIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise GitFailed(f"git {arguments[0]} took longer than {GIT_S:g} s in {repo}. Nothing was kept.", -1) from None
    except FileNotFoundError:
        raise GitFailed("git is not installed here. Nothing was changed. Install it: apt install git.", -1) from None
    if done.returncode not in fine:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitFailed(
            f"git {arguments[0]} failed in {repo}: {said[-1] if said else done.returncode}", done.returncode
        )
    return done.stdout


def text(repo: str | Path, *arguments: str, config: str = "") -> str:
    """What a command printed, without the last line's end."""
    return git(repo, *arguments, config=config).decode("utf-8", "replace").rstrip("\n")


def _switches(repo: str) -> tuple[str, ...]:
    """Every switch as ``-c``; the config is read anew when it was written since."""
    try:
        written = Path(repo, ".git", "config").stat().st_mtime_ns
    except OSError:  # a bare repository, or a working tree of another one
        written = time.monotonic_ns()
    return _switches_as_of(repo, written)


@lru_cache(maxsize=64)
def _switches_as_of(repo: str, written: int) -> tuple[str, ...]:
    """Every switch as ``-c``, the repository's own filter and diff drivers among them."""
    base = [part for switch in _SAFE for part in ("-c", switch)]
    listed = subprocess.run(
        ["git", *base, "-C", repo, "config", "--name-only", "--get-regexp", r"^(filter|diff|merge)\..*\."],
        capture_output=True, env=_ENVIRONMENT, timeout=GIT_S, check=False,
    )  # fmt: skip
    for name in sorted(set(listed.stdout.decode("utf-8", "replace").split())):
        base += ["-c", f"{name}={'false' if name.endswith('.required') else ''}"]
    return tuple(base)
