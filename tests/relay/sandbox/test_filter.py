"""The filter's program, carried out step by step for both processors as the kernel would."""

import errno
import re
import struct
from pathlib import Path

import pytest

from agents.relay.sandbox import seccomp
from agents.relay.sandbox.syscalls import AUDIT_ARCH, numbers

ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
BOTH = pytest.mark.parametrize("arch", ["x86_64", "aarch64"])


def verdict(program: bytes, arch: int, number: int, *arguments: int) -> int:
    """What the kernel would answer (``net/core/filter.c``, the instructions used here)."""
    values = [argument & (2**64 - 1) for argument in (*arguments, *[0] * 6)[:6]]
    given = struct.pack("=IIQ6Q", number & 0xFFFFFFFF, arch, 0, *values)
    steps = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    taken = at = 0
    while True:
        code, if_true, if_false, operand = map(int, steps[at])
        at += 1
        if code == 0x20:
            (taken,) = struct.unpack_from("=I", given, operand)
        elif code == 0x54:
            taken &= operand
        elif code == 0x06:
            return operand
        else:
            holds = {0x15: taken == operand, 0x35: taken >= operand, 0x45: bool(taken & operand)}[code]
            at += if_true if holds else if_false


@BOTH
def test_what_a_program_needs_is_allowed(arch: str) -> None:
    program, known = seccomp.program(arch, system_v_memory=True), numbers(arch)

    def ask(name: str, *arguments: int) -> int:
        return verdict(program, AUDIT_ARCH[arch], known[name], *arguments)

    assert ask("clone", 0x3D0F00) == ALLOW  # a thread
    assert ask("clone", 17) == ALLOW  # a fork
    assert ask("openat", 0, 0, 0o101, 0o644) == ALLOW
    assert ask("openat", 0, 0, 0, 0o6755) == ALLOW  # no file is made: the mode means nothing
    assert ask("socket", 1) == ask("socket", 2, 1, 0) == ask("socket", 10) == ALLOW
    assert ask("ioctl", 1, 0x5413) == ask("personality", 0xFFFFFFFF) == ask("shmget") == ALLOW
    assert ask("mknodat", 0, 0, 0o010644) == ALLOW  # a named pipe
    allowed = set(range(600)) - set(known.values())
    assert {verdict(program, AUDIT_ARCH[arch], number) for number in allowed} == {ALLOW}


@BOTH
def test_what_reaches_for_the_kernel_is_refused(arch: str) -> None:
    program, known = seccomp.program(arch, system_v_memory=False), numbers(arch)
    refused, unknown = ERRNO | errno.EPERM, ERRNO | errno.ENOSYS

    def ask(name: str, *arguments: int) -> int:
        return verdict(program, AUDIT_ARCH[arch], known[name], *arguments)

    for name in ("ptrace", "keyctl", "bpf", "mount", "unshare", "setns", "io_uring_setup", "userfaultfd", "shmget"):
        assert ask(name) == refused, name
    for name in ("clone3", "openat2"):
        assert ask(name) == unknown, name
    for bit in range(17, 31):
        flag = 1 << bit
        expected = refused if flag & 0x7E020000 else ALLOW
        assert ask("clone", flag) == expected, hex(flag)
    assert ask("ioctl", 0, 0x5412) == ask("ioctl", 0, 0xFFFF_0000_5412) == refused
    for family in (0, 3, 16, 17, 29, 38, 40, 44, (7 << 32) | 16):
        assert ask("socket", family) == ERRNO | errno.EAFNOSUPPORT, family
    for mode in (0o4755, 0o2755, 0o6000):
        assert ask("fchmodat", 0, 0, mode) == ask("openat", 0, 0, 0o101, mode) == ask("fchmod", 0, mode) == refused
        assert ask("openat", 0, 0, 0o20200002, mode) == ask("fchmodat2", 0, 0, mode) == refused
    assert ask("mknodat", 0, 0, 0o020666) == ask("mknodat", 0, 0, 0o060666) == refused


@BOTH
def test_a_call_by_another_table_ends_the_process(arch: str) -> None:
    program = seccomp.program(arch, system_v_memory=True)
    for other in (0x40000003, 0x40000028, *(set(AUDIT_ARCH.values()) - {AUDIT_ARCH[arch]})):
        assert verdict(program, other, 1) == KILL
    if arch == "x86_64":
        assert verdict(program, AUDIT_ARCH[arch], 0x40000000 + 101) == ERRNO | errno.ENOSYS


@BOTH
def test_the_program_is_as_the_kernel_wants_it(arch: str) -> None:
    program = seccomp.program(arch, system_v_memory=True)
    assert len(program) % 8 == 0
    assert len(program) // 8 < 4_096
    assert struct.unpack("=HBBI", program[-8:])[0] == 0x06


HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


@BOTH
def test_the_numbers_are_those_of_the_kernels_headers(arch: str) -> None:
    if not HEADERS[arch].exists():
        pytest.skip(f"needs {HEADERS[arch]}")
    text = HEADERS[arch].read_text("utf-8")
    told = {name: int(number) for name, number in re.findall(r"#define __NR(?:3264)?_(\w+) (\d+)", text)}
    ours = numbers(arch)
    assert {name: told[name] for name in ours if name in told} == {name: ours[name] for name in ours if name in told}
    # The rest is younger than these headers, or defined there by other words.
    assert set(ours) - set(told) <= {"fchmodat2", "open_tree_attr", "open_by_handle_at"}
