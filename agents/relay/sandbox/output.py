"""A run's output: its beginning and its end are kept, what lies between is counted."""

import asyncio
import os
import re

from agents.relay.sandbox.contracts import KEPT_HEAD, KEPT_TAIL
from neutralise import for_terminal

_PIECE = 64 * 1_024
_SEQUENCE = re.compile(
    r"\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]"  # colours, cursor
    r"|\x1b\][^\x07\x1b]{0,2048}(?:\x07|\x1b\\)"  # titles, links
    r"|\x1b[PX^_][^\x1b]{0,2048}\x1b\\"
    r"|\x1b[ -/]{0,8}[0-~]"
)


class Output:
    """One pipe for standard output and error. Never holds more than head, tail and one piece."""

    def __init__(self, most_bytes: int) -> None:
        self._reading, self.writing = os.pipe()
        """``writing`` is for the child; ours is closed by `given`."""
        os.set_blocking(self._reading, False)
        self._given = False
        self._most = most_bytes
        self._head, self._tail = bytearray(), bytearray()
        self._total = 0
        self.ended, self.overflowed = asyncio.Event(), asyncio.Event()
        asyncio.get_running_loop().add_reader(self._reading, self._read)

    def given(self) -> None:
        """The child has its end; ours is closed, so that the pipe ends with the last process."""
        if not self._given:
            self._given = True
            os.close(self.writing)

    def close(self) -> None:
        """Stop reading."""
        self.given()
        asyncio.get_running_loop().remove_reader(self._reading)
        os.close(self._reading)

    def text(self) -> str:
        """Fit for a person and a prompt: no control characters, a line where something was left out."""
        missing = self._total - len(self._head) - len(self._tail)
        if missing <= 0:
            return plain(bytes(self._head + self._tail))
        return f"{plain(bytes(self._head))}\n[{missing:,} bytes left out]\n{plain(bytes(self._tail))}"

    def _read(self) -> None:
        try:
            piece = os.read(self._reading, _PIECE)
        except BlockingIOError:
            return
        if not piece:
            asyncio.get_running_loop().remove_reader(self._reading)
            self.ended.set()
            return
        self._add(piece)
        if self._total > self._most:
            self.overflowed.set()

    def _add(self, piece: bytes) -> None:
        self._total += len(piece)
        room = max(0, KEPT_HEAD - len(self._head))
        self._head += piece[:room]
        self._tail += piece[room:]
        del self._tail[: max(0, len(self._tail) - KEPT_TAIL)]


def plain(raw: bytes) -> str:
    """Text without escape sequences, control, hidden or direction characters; a bare return becomes a line feed."""
    text = raw.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    return for_terminal(_SEQUENCE.sub("", text))
