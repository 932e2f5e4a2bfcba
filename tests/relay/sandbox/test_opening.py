"""What is found on a machine and said of it, with and without bubblewrap; what may be shown to a job."""

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agents.relay.sandbox import bubblewrap, cgroups, disk, git_view, toolchains
from agents.relay.sandbox.cgroups import Group
from agents.relay.sandbox.contracts import Limits
from agents.relay.sandbox.sandbox import Sandbox
from errors import Refused, SandboxFailed, UserMistake
from tests.relay.sandbox.bombs import SMALL
from tests.relay.sandbox.conftest import left_running


async def test_without_bubblewrap_nothing_runs_and_the_refusal_says_how_to_mend_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused) as refused:
        await Sandbox.open()
    assert refused.value.rule == "sandbox"
    assert "sudo apt install bubblewrap" in str(refused.value)
    assert "VESPERA_RELAY_WEAK_SANDBOX=allow" in str(refused.value)
    assert "The network is open to them" in str(refused.value)
    looked = await Sandbox.look()
    assert (looked.mode, looked.lacks) == ("none", (str(refused.value),))


async def test_a_bubblewrap_that_cannot_make_namespaces_is_refused_with_its_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    (tmp_path / "prlimit").symlink_to(shutil.which("prlimit") or "")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused, match=r"setting up uid map: Permission denied.*apparmor_restrict_unprivileged_userns"):
        await Sandbox.open()
    assert (await Sandbox.open(allow_weak=True)).probe.mode == "weak"


async def test_a_sandbox_that_does_not_hold_is_not_used(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    monkeypatch.setattr(bubblewrap, "_ISOLATION", ("--unshare-user", "--unshare-pid", "--die-with-parent"))
    with pytest.raises(Refused, match=r"does not hold: .*the network is seen"):
        await Sandbox.open()


async def test_the_probe_says_what_is_not_stopped(sandbox: Sandbox, tmp_path: Path) -> None:
    assert sandbox.probe.mode == "bubblewrap"
    assert sandbox.probe.version.startswith("bubblewrap ")
    assert any("filesystem that other things use" in text for text in sandbox.probe.lacks)
    assert any("runs as root" in text for text in sandbox.probe.lacks) == (os.geteuid() == 0)


async def test_the_weaker_mode_keeps_its_limits_and_says_what_it_lacks(weak: Sandbox, workspace: Path) -> None:
    assert len(weak.probe.lacks) >= 6
    outcome = await weak.run(["sh", "-c", "pwd; echo $HOME; ulimit -n; ulimit -c; env"], workspace, limits=SMALL)
    assert outcome.exit_code == 0
    assert outcome.output.splitlines()[0] == "/workspace"
    assert outcome.output.splitlines()[2] == "64"
    assert "PYTEST_CURRENT_TEST" not in outcome.output
    home = Path(outcome.output.splitlines()[1])
    assert not home.parent.exists()
    slow = await weak.run(["sleep", "30"], workspace, limits=Limits(wall_s=0.3))
    assert slow.ended == "timeout"


async def test_the_weaker_mode_finds_a_daemon_that_left_its_session(weak: Sandbox, workspace: Path) -> None:
    program = f"cd /; setsid sh -c 'exec sleep 31.{os.getpid()}' > /dev/null 2>&1 & echo begun"
    outcome = await weak.run(["sh", "-c", program], workspace, limits=SMALL)
    assert outcome.output == "begun\n"
    assert not left_running(f"31.{os.getpid()}")


async def test_a_missing_command_is_an_ordinary_failure(sandbox: Sandbox, workspace: Path) -> None:
    outcome = await sandbox.run(["no-such-program"], workspace)
    assert (outcome.exit_code, outcome.ended) == (127, "exit")
    assert "no-such-program" in outcome.output


@pytest.mark.parametrize("code", [0, 1, 3, 97, 127, 255])
async def test_exit_codes_come_through(sandbox: Sandbox, workspace: Path, code: int) -> None:
    outcome = await sandbox.run(["sh", "-c", f"echo out; echo err >&2; exit {code}"], workspace)
    assert (outcome.exit_code, outcome.ended) == (code, "killed" if 128 < code <= 192 else "exit")
    assert outcome.output == "out\nerr\n"


async def test_output_carries_no_control_characters(sandbox: Sandbox, workspace: Path) -> None:
    text = r"\033[31mred\033[0m \033]0;title\007plain\r\n\000\010x\342\200\256y\377"
    outcome = await sandbox.run(["sh", "-c", f"printf '{text}'"], workspace)
    assert outcome.output == "red plain\nxy\ufffd"


async def test_a_sandbox_that_cannot_be_made_is_no_failed_test(
    sandbox: Sandbox, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bubblewrap, "_ISOLATION", ("--no-such-option",))
    with pytest.raises(SandboxFailed, match="no-such-option"):
        await sandbox.run(["true"], workspace)


@pytest.mark.parametrize(
    ("command", "environment"), [([], {}), ([""], {}), (["a\0b"], {}), (["true"], {"A=B": "x"}), (["true"], {"": "x"})]
)
async def test_a_command_that_is_none_is_refused(
    sandbox: Sandbox, workspace: Path, command: list[str], environment: dict[str, str]
) -> None:
    with pytest.raises(UserMistake, match="Nothing was run"):
        await sandbox.run(command, workspace, environment=environment)


async def test_variables_of_a_job_reach_the_job_alone(sandbox: Sandbox, workspace: Path) -> None:
    outcome = await sandbox.run(
        ["sh", "-c", "echo $ONLY; tr '\\0' ' ' < /proc/1/environ"],
        workspace,
        environment={"ONLY": "here", "LD_PRELOAD": "/workspace/planted.so", "PATH": "/workspace/bin:/usr/bin:/bin"},
    )
    # The loader complains once for each program that it should have loaded the file into: here prlimit, sh and tr.
    # Were the variable set for bubblewrap, the loader would look for it outside the walls.
    assert outcome.output.count("cannot be preloaded") == 3
    assert "here\n" in outcome.output
    assert "LD_PRELOAD=" not in outcome.output


async def test_passwords_of_package_tools_are_shown_empty(sandbox: Sandbox, workspace: Path, tmp_path: Path) -> None:
    tool = tmp_path / "cargo"
    (tool / "bin").mkdir(parents=True)
    (tool / "bin" / "tool").write_text("#!/bin/sh\ncat ../cargo/credentials.toml $1/credentials.toml\n")
    (tool / "bin" / "tool").chmod(0o755)
    (tool / "credentials.toml").write_text("hunter2")
    outcome = await sandbox.run(["tool", str(tool)], workspace, read_only=[tool])
    assert "hunter2" not in outcome.output
    assert "credentials.toml" in outcome.output


async def test_a_missing_folder_is_refused(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(UserMistake, match="There is no folder"):
        await sandbox.run(["true"], tmp_path / "missing")


async def test_a_virtual_environment_brings_its_interpreter(sandbox: Sandbox, workspace: Path) -> None:
    outcome = await sandbox.run(
        ["python", "-c", "import msgspec, sys; print(sys.prefix)"], workspace, read_only=[Path(sys.prefix)]
    )
    assert outcome.output.strip() == sys.prefix


@pytest.mark.parametrize(
    "path", ["/", "/home", "/etc", "/etc/ssl/private", "/root", "/var", "/proc", "/run", "/tmp", "~", "~/..", "/sys"]
)
def test_more_than_tools_is_never_shown(path: str, tmp_path: Path) -> None:
    if not Path(path).expanduser().exists():
        pytest.skip(f"{path} is not here")
    with pytest.raises(UserMistake):
        toolchains.shown([Path(path).expanduser()], tmp_path, ())


def test_secrets_and_vesperas_own_data_are_never_shown(tmp_path: Path) -> None:
    for name in (".ssh", "home/.aws", "data", "data/inner"):
        (tmp_path / name).mkdir(parents=True)
        with pytest.raises(UserMistake):
            toolchains.shown([tmp_path / name], tmp_path / "tree", [tmp_path / "data"])
    (tmp_path / "alias").symlink_to(tmp_path / ".ssh")
    for path in (tmp_path / "alias", tmp_path, Path("relative"), tmp_path / "missing"):
        with pytest.raises(UserMistake):
            toolchains.shown([path], tmp_path / "tree", [tmp_path / "data"])
    (tmp_path / "tools").mkdir()
    assert toolchains.shown([tmp_path / "tools", Path("/usr/bin")], tmp_path / "tree", ()) == (tmp_path / "tools",)


def test_of_a_repositorys_settings_only_its_format_is_shown() -> None:
    text = (
        '[core]\n\trepositoryformatversion = 1\n\tsshCommand = evil\n[extensions]\n\tobjectFormat = sha256\n'
        '\tworktreeConfig = true\n[remote "origin"]\n\turl = https://me:hunter2@example.org/\n'
    )  # fmt: skip
    shown = git_view.plain_configuration(text)
    assert "hunter2" not in shown
    assert "evil" not in shown
    assert "objectFormat = sha256" in shown
    assert "repositoryformatversion = 1" in shown
    assert "repositoryformatversion = 0" in git_view.plain_configuration("[core]\n\tbare = false\n")


def test_a_group_holds_kills_and_goes(tmp_path: Path) -> None:
    place = cgroups.find()
    if place is None:
        pytest.skip("no control group can be made here")
    group = place.make(SMALL)
    sleeper = subprocess.Popen(
        ["/bin/sh", "-c", 'for f; do echo 0 > "$f/cgroup.procs"; done; exec sleep 30', "sh", *map(str, group.folders)]
    )
    try:
        while sleeper.pid not in group.members():
            assert sleeper.poll() is None
        assert not group.remove()
        group.kill()
        assert sleeper.wait(5) == -9
        assert not group.ran_out_of_memory()
        assert group.remove()
    finally:
        sleeper.kill()
        sleeper.wait()
    assert group.remove()
    assert group.members() == []


def test_a_group_of_version_2_holds_kills_and_goes() -> None:
    root = cgroups._mounted("cgroup2", None)
    own = dict(cgroups._own_groups()).get("")
    if root is None or own is None or not os.access(root / own.lstrip("/"), os.W_OK):
        pytest.skip("no group of version 2 can be made here")
    folder = root / own.lstrip("/") / f"vespera-run-{os.getpid()}-test"
    try:
        folder.mkdir()
    except OSError as error:
        pytest.skip(f"no group of version 2 can be made here: {error}")
    group = Group(version=2, folders=(folder,))
    sleeper = subprocess.Popen(["/bin/sh", "-c", f"echo 0 > {folder}/cgroup.procs; exec sleep 30"])
    try:
        while sleeper.pid not in group.members():
            assert sleeper.poll() is None
        group.kill()
        assert sleeper.wait(5) == -9
    finally:
        sleeper.kill()
        sleeper.wait()
        while not group.remove():
            pass


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mkfs.ext4") is None, reason="needs root and mkfs.ext4")
async def test_on_an_image_of_fixed_size_a_full_disk_is_the_jobs_alone(sandbox: Sandbox, tmp_path: Path) -> None:
    image, mounted = tmp_path / "image", tmp_path / "mounted"
    mounted.mkdir()
    subprocess.run(["truncate", "-s", "24M", image], check=True)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", image], check=True)
    made = subprocess.run(["mount", "-o", "loop,nosuid,nodev", image, mounted], capture_output=True, text=True)
    if made.returncode:
        pytest.skip(f"no image can be mounted here: {made.stderr.strip()}")
    try:
        tree = mounted / "tree"
        tree.mkdir()
        assert await asyncio.to_thread(disk.bounded, tree)
        assert not await asyncio.to_thread(disk.bounded, tmp_path)
        assert not any("filesystem" in text for text in (await Sandbox.open(worktrees=mounted)).probe.lacks)
        outcome = await sandbox.run(
            ["sh", "-c", "i=0; while head -c 4000000 /dev/zero > $i; do i=$((i+1)); done; echo full $i"],
            tree, limits=Limits(workspace_mb=500),
        )  # fmt: skip
        assert "No space left" in outcome.output
        assert 3 <= int(outcome.output.split()[-1]) <= 6
    finally:
        subprocess.run(["umount", mounted], check=True)
