"""One line of the doctor."""

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """What was looked at, whether it is fine, and what to do when it is not."""

    name: str
    ok: bool
    text: str
    fix: str = ""
