"""The tree a job is given: its git directory is read-only, and what a job leaves leads the host nowhere."""

import os
import subprocess
from pathlib import Path

import pytest

from agents.relay.sandbox import results
from agents.relay.sandbox.sandbox import Sandbox
from errors import UserMistake
from tests.relay.sandbox.conftest import Attack, held


def repository(folder: Path) -> tuple[Path, Path]:
    """A repository with a worktree, with what an owner may have beside its history; (worktree, git directory)."""
    origin = folder / "origin"

    def git(*arguments: str, at: Path = origin) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=at, check=True, capture_output=True)

    origin.mkdir()
    git("init", "-q", "-b", "main")
    (origin / "kept.txt").write_text("kept\n")
    git("add", ".")
    git("commit", "-qm", "the first commit")
    git("remote", "add", "origin", "https://me:hunter2@example.org/repo.git")
    (origin / ".git" / "hooks" / "post-commit").write_text("#!/bin/sh\n# hunter2\n")
    git("worktree", "add", "-q", str(folder / "tree2"), "-b", "job")
    return folder / "tree2", origin / ".git"


GIT = """
def writes(path):
    tries(path, lambda: open(path, "a").close())
git = Path(sys.argv[1])
for name in ("hooks/pre-commit", "config", "HEAD", "refs/heads/main", "index", "worktrees/tree2/HEAD", "objects/x"):
    writes(f"{git}/{name}")
writes("/workspace/.git")
tries("unlink", lambda: os.unlink("/workspace/.git") if os.path.isfile(".git") else os.rmdir("/workspace/.git"))
tries("move", lambda: os.rename("/workspace/.git", "/workspace/git"))
tries("swap", lambda: os.replace("/workspace/attack.py", "/workspace/.git"))
print(subprocess.run(["git", "log", "--oneline"], capture_output=True, text=True).stdout)
print(subprocess.run(["git", "status", "--short"], capture_output=True, text=True).stdout)
Path("more.txt").write_text("x")
print("add", subprocess.run(["git", "add", "more.txt"], capture_output=True).returncode)
print(subprocess.run(["git", "remote", "-v"], capture_output=True, text=True).stdout)
print(subprocess.run(["grep", "-r", "hunter2", str(git), "/workspace/.git"], capture_output=True, text=True).stdout)
"""


async def test_git_can_be_read_and_not_written_in_a_worktree(sandbox: Sandbox, tmp_path: Path, attack: Attack) -> None:
    tree, git_dir = repository(tmp_path)
    before = {path: path.read_bytes() for path in git_dir.rglob("*") if path.is_file()}
    (tmp_path / "tree").rmdir()
    tree.rename(tmp_path / "tree")
    outcome = await attack(sandbox, GIT, git_dir, git_dir=git_dir)
    assert len(held(outcome)) == 11
    assert "the first commit" in outcome.output
    assert "?? attack.py" in outcome.output
    assert "add 128" in outcome.output
    assert "hunter2" not in outcome.output
    assert {path: path.read_bytes() for path in git_dir.rglob("*") if path.is_file()} == before


async def test_git_can_be_read_and_not_written_in_an_ordinary_clone(
    sandbox: Sandbox, weak: Sandbox, tmp_path: Path, attack: Attack
) -> None:
    _, git_dir = repository(tmp_path)
    (tmp_path / "tree").rmdir()
    git_dir.parent.rename(tmp_path / "tree")
    outcome = await attack(sandbox, GIT, "/workspace/.git", git_dir=tmp_path / "tree" / ".git")
    assert len(held(outcome)) == 11
    assert "the first commit" in outcome.output
    assert "hunter2" not in outcome.output
    escaped = (await attack(weak, GIT, tmp_path / "tree" / ".git")).output
    assert "ESCAPED" in escaped
    assert "hunter2" in escaped


def test_a_result_is_read_only_where_it_is_a_plain_file_of_the_tree(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("the secret")
    (workspace / "inner").mkdir()
    (workspace / "inner" / "report.json").write_text("{}")
    (workspace / "link.json").symlink_to(tmp_path / "secret")
    (workspace / "outside").symlink_to(tmp_path)
    os.mkfifo(workspace / "pipe")
    assert results.read(workspace, "inner/report.json") == b"{}"
    for name in ("link.json", "outside/secret", "pipe", "../secret", str(tmp_path / "secret"), "inner", "missing", ""):
        with pytest.raises(UserMistake):
            results.read(workspace, name)
    with pytest.raises(UserMistake, match="larger than 1"):
        results.read(workspace, "inner/report.json", most_bytes=1)


async def test_a_job_cannot_plant_a_link_that_the_host_follows(
    sandbox: Sandbox, attack: Attack, workspace: Path
) -> None:
    await attack(sandbox, """
        os.symlink("/etc/shadow", "report.json")
        os.symlink("/proc/self/environ", "environ")
        """)  # fmt: skip
    for name in ("report.json", "environ"):
        with pytest.raises(UserMistake):
            results.read(workspace, name)
    (workspace / ".git").symlink_to("/etc")
    with pytest.raises(UserMistake, match="symbolic link"):
        await sandbox.run(["true"], workspace)
