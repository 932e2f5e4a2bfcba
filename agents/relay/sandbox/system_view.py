"""The machine as a job sees it: the programs, a made-up user, nothing of anybody's home, data or secrets."""

from collections.abc import Iterator
from pathlib import Path

UID = 1000
_ROOT_FOLDERS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_ETC = (
    "alternatives", "ca-certificates", "ca-certificates.conf", "debian_version", "default/locale", "fonts",
    "gai.conf", "host.conf", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "locale.alias", "magic",
    "mime.types", "os-release", "perl", "protocols", "rpc",
    "services", "ssl/certs", "ssl/openssl.cnf", "terminfo", "timezone",
)  # fmt: skip
"""Parts of `/etc` that programs need and that are the same on every machine of a distribution."""
_READ_ONLY_PROC = ("sys", "sysrq-trigger", "fs", "mtrr", "acpi", "scsi", "driver", "irq", "bus", "asound")
"""A relay run by root stays its owner outside: without this a job could write `/proc/sys/kernel/core_pattern`."""
_EMPTY_PROC = (
    "kcore", "keys", "key-users", "kmsg", "kallsyms", "latency_stats", "sched_debug", "timer_list",
    "kpagecount", "kpageflags", "kpagecgroup", "vmallocinfo", "slabinfo",
)  # fmt: skip

FILES = {
    "/etc/passwd": f"root:x:0:0:root:/nonexistent:/usr/sbin/nologin\njob:x:{UID}:{UID}:job:/tmp/home:/bin/sh\n"
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    "/etc/group": f"root:x:0:\njob:x:{UID}:\nnogroup:x:65534:\n",
    "/etc/hosts": "127.0.0.1 localhost vespera\n::1 localhost vespera\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\nprotocols: files\nservices: files\n",
}
"""Files that are made up for every job. There is no resolver: no name but localhost has an address."""


def system() -> list[str]:
    """Options of bubblewrap for everything that is the same in every run. Touches the disk."""
    return [*_programs(), *_configuration()]


def _programs() -> Iterator[str]:
    yield from ("--ro-bind", "/usr", "/usr")
    for name in _ROOT_FOLDERS:
        folder = Path("/", name)
        if folder.is_symlink():
            yield from ("--symlink", str(folder.readlink()), f"/{name}")
        elif folder.is_dir():
            yield from ("--ro-bind", f"/{name}", f"/{name}")


def _configuration() -> Iterator[str]:
    versioned = (path.name for pattern in ("java-*", "python3*") for path in Path("/etc").glob(pattern))
    for name in (*_ETC, *versioned):
        if Path("/etc", name).exists():
            yield from ("--ro-bind", f"/etc/{name}", f"/etc/{name}")


def kernel_files() -> list[str]:
    """Options for `/proc` and `/dev`: the job's own processes, the usual harmless devices, nothing to write to."""
    options = ["--proc", "/proc"]
    for name in _READ_ONLY_PROC:
        if Path("/proc", name).exists():
            options += ["--ro-bind", f"/proc/{name}", f"/proc/{name}"]
    for name in _EMPTY_PROC:
        if Path("/proc", name).is_file():
            options += ["--ro-bind", "/dev/null", f"/proc/{name}"]
    return [*options, "--dev", "/dev"]
