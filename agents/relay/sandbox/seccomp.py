"""The system calls a job may not make.

Everything is allowed but what reaches for the kernel's privileged or seldom audited parts: a test suite needs the
rest. A refused call returns EPERM, as it would for an ordinary user; where programs fall back on an older call, ENOSYS.
"""

import errno
import socket
import stat

from agents.relay.sandbox import bpf
from agents.relay.sandbox.bpf import Instruction
from agents.relay.sandbox.syscalls import AUDIT_ARCH, numbers

_REFUSED = (
    # other processes, and the kernel's key rings
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp",
    "keyctl", "add_key", "request_key",
    # mounts and namespaces
    "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "open_tree_attr", "fsopen", "fsconfig",
    "fsmount", "fspick", "mount_setattr", "unshare", "setns", "open_by_handle_at",
    # parts of the kernel in which most escapes were found
    "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register", "fanotify_init",
    # the machine as a whole
    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot", "swapon", "swapoff",
    "syslog", "acct", "quotactl", "quotactl_fd", "nfsservctl", "lookup_dcookie", "iopl", "ioperm", "modify_ldt",
    "uselib", "move_pages", "migrate_pages",
)  # fmt: skip
_UNKNOWN = ("clone3", "openat2", "memfd_secret")
"""Their arguments lie in memory, where a filter cannot look; C libraries fall back on clone and openat."""

_NEW_NAMESPACES = 0x7E020000  # CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}
_FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6)
_TERMINAL_REQUESTS = (0x5412, 0x541C, 0x5423)  # TIOCSTI, TIOCLINUX, TIOCSETD
_PERSONALITIES = (0x0, 0x8, 0x20000, 0x20008, 0xFFFFFFFF)  # Linux, 32 bits, UNAME26, "which one?"
_SET_ID = stat.S_ISUID | stat.S_ISGID
_CREATES = 0o100 | 0o20000000  # O_CREAT, O_TMPFILE: only then has open a mode
_X32 = 0x40000000


def program(arch: str, *, system_v_memory: bool) -> bytes:
    """The filter for a processor.

    Args:
        arch: ``x86_64`` or ``aarch64``.
        system_v_memory: Whether `shmget` is allowed. Such memory belongs to no process: only a cgroup counts it.
    """
    known = numbers(arch)
    denied = bpf.fail(errno.EPERM)
    steps = _of_this_processor(arch)
    for name in _REFUSED if system_v_memory else (*_REFUSED, "shmget"):
        steps += _call(known, name, [denied])
    for name in _UNKNOWN:
        steps += _call(known, name, [bpf.fail(errno.ENOSYS)])
    for name, body in _by_argument(denied).items():
        steps += _call(known, name, [*body, bpf.allow()])
    return bpf.program([*steps, bpf.allow()])


def _of_this_processor(arch: str) -> list[Instruction]:
    """By another table the numbers mean other calls: a 32-bit program is ended, x32 is unknown here."""
    steps = [bpf.load(bpf.ARCH), *bpf.unless_equal(AUDIT_ARCH[arch], [bpf.kill()]), bpf.load(bpf.NUMBER)]
    if arch == "x86_64":
        steps += bpf.if_at_least(_X32, [bpf.fail(errno.ENOSYS)])
    return steps


def _by_argument(denied: Instruction) -> dict[str, list[Instruction]]:
    """Calls that are refused with some arguments only, each with its check."""
    family = bpf.fail(errno.EAFNOSUPPORT)
    return {
        "clone": _bits(0, _NEW_NAMESPACES, denied),
        "ioctl": _values(1, _TERMINAL_REQUESTS, denied),
        "socket": _other_values(0, _FAMILIES, family),
        "socketpair": _other_values(0, _FAMILIES, family),
        "personality": _other_values(0, _PERSONALITIES, denied),
        "chmod": _bits(1, _SET_ID, denied),
        "fchmod": _bits(1, _SET_ID, denied),
        "fchmodat": _bits(2, _SET_ID, denied),
        "fchmodat2": _bits(2, _SET_ID, denied),
        "creat": _bits(1, _SET_ID, denied),
        "open": _created(1, denied),
        "openat": _created(2, denied),
        "mknod": _node(1, denied),
        "mknodat": _node(2, denied),
    }


def _call(known: dict[str, int], name: str, body: list[Instruction]) -> list[Instruction]:
    return bpf.if_equal(known[name], body) if name in known else []


def _bits(argument: int, mask: int, refusal: Instruction) -> list[Instruction]:
    return [bpf.load_argument(argument), *bpf.if_any_bit(mask, [refusal])]


def _values(argument: int, values: tuple[int, ...], refusal: Instruction) -> list[Instruction]:
    steps = [bpf.load_argument(argument)]
    for value in values:
        steps += bpf.if_equal(value, [refusal])
    return steps


def _other_values(argument: int, values: tuple[int, ...], refusal: Instruction) -> list[Instruction]:
    steps = [bpf.load_argument(argument)]
    for value in values:
        steps += bpf.if_equal(value, [bpf.allow()])
    return [*steps, refusal]


def _created(flags: int, refusal: Instruction) -> list[Instruction]:
    """`open` with a mode that holds set-user-id: such a file would carry the relay's rights on the host."""
    return [bpf.load_argument(flags), *bpf.if_any_bit(_CREATES, _bits(flags + 1, _SET_ID, refusal))]


def _node(mode: int, refusal: Instruction) -> list[Instruction]:
    return [
        *_bits(mode, _SET_ID, refusal),
        bpf.keep_bits(stat.S_IFMT(0o177777)),
        *bpf.if_equal(stat.S_IFCHR, [refusal]),
        *bpf.if_equal(stat.S_IFBLK, [refusal]),
    ]
