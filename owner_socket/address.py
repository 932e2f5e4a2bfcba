"""Where the socket of a data directory is, and how to bind and connect to it whatever the length of its path."""

import asyncio
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "vespera.sock"
_LONGEST_PATH = 107
"""Bytes of ``sun_path`` on Linux, without its closing zero (unix(7))."""


@contextmanager
def short_path(data_dir: Path) -> Iterator[str]:
    """A path of the socket that fits into an address; a long one goes by way of an open folder."""
    path = str(data_dir / NAME)
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        yield path
        return
    folder = os.open(data_dir, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{NAME}"
    finally:
        os.close(folder)


def listen(data_dir: Path) -> socket.socket:
    """A listening socket that only this user can open. The caller owns the data directory, so an old one is stale."""
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        (data_dir / NAME).unlink(missing_ok=True)
        with short_path(data_dir) as path:
            server.bind(path)
        (data_dir / NAME).chmod(0o600)  # nobody can connect before listen()
        server.listen(512)
        server.setblocking(False)
    except BaseException:
        server.close()
        raise
    return server


async def connect(data_dir: Path) -> socket.socket:
    """A connection to the owner.

    Raises:
        OSError: nobody listens there.
    """
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.setblocking(False)
    try:
        with short_path(data_dir) as path:
            await asyncio.get_running_loop().sock_connect(client, path)
    except BaseException:
        client.close()
        raise
    return client


def same_user(connection: socket.socket) -> bool:
    """True when the other end runs as this user or as root (SO_PEERCRED)."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, user, _ = struct.unpack("3i", credentials)
    return user in (0, os.getuid())
