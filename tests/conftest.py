"""Fixtures for every test."""

import importlib.util
import ipaddress
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from blockbuster import blockbuster_ctx

from tests.promises import promise

__all__ = ["promise"]

_ROOMS = ("agents", "blackboard", "cogs", "database", "llm", "memory", "owner_socket", "prompts", "truth_blocks")
OURS = [room for room in _ROOMS if importlib.util.find_spec(room)]

_outward: list[str] = []
_guarding = False


def _loopback(host: object) -> bool:
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False


def _refuse_the_outside(event: str, args: tuple[Any, ...]) -> None:
    """Audit hook: sees every connect and name look-up of this process, whichever library makes it."""
    if not _guarding or event not in ("socket.connect", "socket.sendto", "socket.getaddrinfo"):
        return
    host = args[0] if event == "socket.getaddrinfo" else args[1][0] if isinstance(args[1], tuple) else None
    if not _loopback(host):
        _outward.append(f"{event} {host!r}")
        raise OSError(f"tests reach loopback only, not {host!r}")


sys.addaudithook(_refuse_the_outside)


@pytest.fixture(autouse=True)
def outward_connections() -> Iterator[list[str]]:
    """Makes any connection beyond loopback an error, and fails the test even where the code swallowed it."""
    global _guarding
    _outward.clear()
    _guarding = True
    yield _outward
    _guarding = False
    assert not _outward, f"the test tried to leave this machine: {_outward}"


@pytest.fixture(autouse=True)
def blocked_loop() -> Iterator[None]:
    """Makes a blocking call (file, socket, SQLite, sleep) by our code on the event loop an error."""
    with blockbuster_ctx(OURS):
        yield
