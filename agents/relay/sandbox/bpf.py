"""The few instructions of classic BPF that a seccomp filter needs, as the bytes the kernel takes.

Source: Linux ``Documentation/userspace-api/seccomp_filter.rst`` and ``include/uapi/linux/{filter,seccomp}.h``.
"""

import struct
from collections.abc import Iterable, Sequence

Instruction = bytes
NUMBER, ARCH, ARGUMENTS = 0, 4, 16
"""Where the call's number, the processor and the six 64-bit arguments stand in the filter's input."""

_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_EQUAL, _AT_LEAST, _ANY_BIT = 0x15, 0x35, 0x45
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000


def load(offset: int) -> Instruction:
    """Take 32 bits of the input."""
    return _one(_LOAD, offset)


def load_argument(index: int) -> Instruction:
    """Take the lower half of an argument: the kernel itself reads flags, modes and requests as 32 bits."""
    return load(ARGUMENTS + 8 * index)


def keep_bits(mask: int) -> Instruction:
    """Clear all other bits of what was taken."""
    return _one(_AND, mask)


def if_equal(value: int, then: Sequence[Instruction]) -> list[Instruction]:
    """Do ``then`` when what was taken equals the value, else go on behind it."""
    return [_one(_EQUAL, value, 0, len(then)), *then]


def unless_equal(value: int, then: Sequence[Instruction]) -> list[Instruction]:
    """Do ``then`` when what was taken differs from the value, else go on behind it."""
    return [_one(_EQUAL, value, len(then), 0), *then]


def if_at_least(value: int, then: Sequence[Instruction]) -> list[Instruction]:
    """Do ``then`` when what was taken is not below the value (unsigned)."""
    return [_one(_AT_LEAST, value, 0, len(then)), *then]


def if_any_bit(mask: int, then: Sequence[Instruction]) -> list[Instruction]:
    """Do ``then`` when one of the mask's bits is set in what was taken."""
    return [_one(_ANY_BIT, mask, 0, len(then)), *then]


def allow() -> Instruction:
    """Let the call through."""
    return _one(_RETURN, _ALLOW)


def fail(number: int) -> Instruction:
    """Make the call return this errno."""
    return _one(_RETURN, _ERRNO | number)


def kill() -> Instruction:
    """End the process."""
    return _one(_RETURN, _KILL)


def program(instructions: Iterable[Instruction]) -> bytes:
    """The filter as `bwrap --seccomp` reads it."""
    return b"".join(instructions)


def _one(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> Instruction:
    return struct.pack("=HBBI", code, if_true, if_false, operand)
