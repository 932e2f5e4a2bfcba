"""How long to wait for a model server and how much to take from it."""

import msgspec

MAX_REPLY_CHARACTERS = 256 * 1024
"""A longer reply is no draft; the connection is closed."""
MAX_WIRE_BYTES = 2 * 1024 * 1024
"""A streamed reply costs some 300 bytes on the wire per token, so this is wider than the bound on the text."""


class Patience(msgspec.Struct, frozen=True):
    """Seconds. ``connect_s`` bounds name look-up, TCP and TLS together, so that a dead server costs under 2 s."""

    connect_s: float = 1.5
    first_s: float = 30.0
    """Until the first piece of a streamed reply; a model may read or think for a while."""
    gap_s: float = 10.0
    """Between two pieces of a stream; longer is a stall."""
