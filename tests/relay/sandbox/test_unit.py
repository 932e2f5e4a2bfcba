"""The relay's unit: as hard as bubblewrap bears, and what the sandbox relies on."""

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from agents.relay.sandbox.contracts import Limits
from settings import HOME
from tests.needs import needs_bubblewrap

UNIT = HOME / "systemd" / "vespera-relay.service"
MOUNT = HOME / "systemd" / "srv-vespera-worktrees.mount"
NOBODY = [
    "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs", "--bounding-set=-all",
    "--inh-caps=-all",
]  # fmt: skip
BWRAP = [
    "bwrap", "--unshare-all", "--cap-drop", "ALL", "--hostname", "vespera", "--ro-bind", "/usr", "/usr", "--symlink",
    "usr/bin", "/bin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--proc", "/proc", "--dev",
    "/dev", "true",
]  # fmt: skip


def read(path: Path) -> dict[str, dict[str, str]]:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(path.read_text("utf-8"))
    return {name: dict(unit[name]) for name in unit.sections()}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_the_units_exposure_is_at_most_what_bubblewrap_costs() -> None:
    ran = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNIT)], capture_output=True, text=True
    )
    found = re.search(r"Overall exposure level for vespera-relay.service: ([\d.]+)", ran.stdout)
    assert found is not None, ran.stderr
    assert float(found[1]) <= 2.7


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_understands_every_line_of_the_units() -> None:
    ran = subprocess.run(["systemd-analyze", "verify", str(UNIT), str(MOUNT)], capture_output=True, text=True)
    told = [line for line in ran.stderr.splitlines() if "/opt/vespera/.venv/bin/python is not executable" not in line]
    assert not [line for line in told if UNIT.name in line or MOUNT.name in line], ran.stderr


def test_the_unit_says_what_the_sandbox_relies_on() -> None:
    service = read(UNIT)["Service"]
    assert service["ExecStart"].startswith("/opt/vespera/.venv/bin/python ")
    assert service["Delegate"] == "memory pids"
    assert service["OOMPolicy"] == "continue"
    assert service["RestartPreventExitStatus"] == "78"
    assert set(service["RestrictNamespaces"].split()) == {"user", "mnt", "pid", "net", "ipc", "uts", "cgroup"}
    assert "AF_NETLINK" in service["RestrictAddressFamilies"]
    for breaks in ("ProtectProc", "ProcSubset", "ProtectKernelTunables", "ProtectKernelLogs", "ProtectHostname"):
        assert breaks not in service
    assert "MemoryDenyWriteExecute" not in service
    assert int(service["MemoryMax"].removesuffix("M")) >= Limits().memory_mb + 100
    assert int(service["TasksMax"]) > Limits().processes


def test_the_working_trees_lie_on_the_image_that_the_relay_waits_for() -> None:
    mount = read(MOUNT)["Mount"]
    where = mount["Where"]
    assert MOUNT.name == where.strip("/").replace("/", "-") + ".mount"
    assert {"loop", "nosuid", "nodev"} <= set(mount["Options"].split(","))
    assert read(UNIT)["Unit"]["RequiresMountsFor"] == where
    assert f"VESPERA_RELAY_WORKTREES={where}/" in UNIT.read_text("utf-8")


def in_own_mounts(script: str) -> "subprocess.CompletedProcess[str]":
    """A script as root in mounts of its own, at whose end bubblewrap is started as the unit's user would."""
    whole = f"{script} && {' '.join([*NOBODY, *BWRAP])}"
    return subprocess.run(["unshare", "-m", "sh", "-c", whole], capture_output=True, text=True)


@needs_bubblewrap
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount as systemd does")
@pytest.mark.parametrize(
    ("what", "script"),
    [
        ("nothing", "true"),
        ("ProtectSystem=strict", "mount -o bind,ro / /mnt"),
        ("ProtectControlGroups", "mount -o bind,ro /sys/fs/cgroup /sys/fs/cgroup"),
        ("ProtectHome", "mount -t tmpfs -o ro tmpfs /home"),
    ],
)
def test_bubblewrap_bears_what_the_unit_mounts(what: str, script: str) -> None:
    ran = in_own_mounts(script)
    assert ran.returncode == 0, (what, ran.stderr)


@needs_bubblewrap
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount as systemd does")
def test_bubblewrap_bears_the_units_private_users() -> None:
    own = ["unshare", "-U", "--map-user=65534", "--map-group=65534"]
    ran = subprocess.run([*NOBODY, *own, *BWRAP], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


@needs_bubblewrap
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount as systemd does")
def test_bubblewrap_does_not_bear_what_is_mounted_over_proc_which_is_why_the_unit_leaves_it() -> None:
    ran = in_own_mounts("mount --bind /dev/null /proc/kmsg")
    assert ran.returncode != 0
    assert "proc" in ran.stderr
