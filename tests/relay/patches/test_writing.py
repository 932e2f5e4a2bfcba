"""All of a bundle or nothing, whatever fails on the way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agents.relay.patches import Plan, Policy, Refusal, apply, plan, read_patches
from settings import HOME
from tests.relay.patches.conftest import git, snapshot

REPLY = (
    "--- a/src/app.py\n+++ b/src/app.py\n@@ -3,1 +3,1 @@\n-import os\n+import sys\n"
    "--- a/README.md\n+++ b/README.md\n@@ -1,1 +1,1 @@\n-# Shop\n+# Store\n"
    "--- a/setup.toml\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-[tool]\n-name = \"a\"\n"
    "--- /dev/null\n+++ b/new/deep/mod.py\n@@ -0,0 +1 @@\n+x = 1\n"
)  # fmt: skip


def planned(root: Path) -> Plan:
    made = plan(root, read_patches(REPLY), Policy(protected=()))
    assert isinstance(made, Plan), made
    return made


def sabotaged(root: Path, event: str, number: int, how: str) -> subprocess.CompletedProcess[str]:
    reply = root.parent / "reply.md"
    reply.write_text(REPLY)
    return subprocess.run(
        [sys.executable, "-m", "tests.relay.patches.saboteur", str(root), str(reply), event, str(number), how],
        cwd=HOME, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


FAILURES = [("os.rename", n) for n in (1, 2, 3)] + [("os.mkdir", 1), ("os.link", 2), ("os.remove", 1)]
FAILURES += [("open", n) for n in (6, 7, 8)]


@pytest.mark.parametrize(("event", "number"), FAILURES)
def test_a_failure_at_any_step_leaves_everything_as_it_was(repo: Path, event: str, number: int) -> None:
    before = snapshot(repo)
    done = sabotaged(repo, event, number, "fail")
    assert done.returncode == 0, done.stderr
    if done.stdout.startswith("applied"):  # a second name is written as a copy where it cannot be linked
        assert event in ("os.link", "open")
    else:
        assert done.stdout.split() in (["refused", "write-failed"], ["refused", "tree-changed"])
        assert snapshot(repo) == before


@pytest.mark.parametrize(("event", "number"), [("os.rename", 1), ("os.rename", 2), ("os.rename", 3), ("os.link", 1)])
def test_a_crash_leaves_whole_files_and_a_tree_that_a_reset_restores(repo: Path, event: str, number: int) -> None:
    old = {change.path: (change.before, change.after) for change in planned(repo).changes}
    before = snapshot(repo)
    assert sabotaged(repo, event, number, "kill").returncode == -9
    for path, (was, will) in old.items():
        now = (repo / path).read_bytes() if (repo / path).exists() else None
        assert now in (was, will)
    git(repo, "reset", "-q", "--hard")
    git(repo, "clean", "-qfd", "-e", "image.bin", "-e", "empty.txt", "-e", "passwd.txt", "-e", "inner")
    (repo / "sub").rmdir() if (repo / "sub").exists() and "sub" not in before else None
    after = snapshot(repo)
    assert {name: value for name, value in after.items() if value != before.get(name)} == {}


def test_a_file_that_changed_since_the_plan_ends_it_before_anything_is_written(repo: Path) -> None:
    made = planned(repo)
    (repo / "src" / "app.py").write_text("somebody = 'else'\n")
    before = snapshot(repo)
    done = apply(made)
    assert isinstance(done, Refusal) and done.code == "tree-changed" and done.file == "src/app.py"
    assert snapshot(repo) == before


def test_a_file_that_came_or_a_folder_that_became_a_link_since_the_plan_ends_it(repo: Path, tmp_path: Path) -> None:
    made = planned(repo)
    outside = tmp_path / "outside"
    outside.mkdir()
    (repo / "new").symlink_to(outside)
    done = apply(made)
    assert isinstance(done, Refusal) and done.code == "tree-changed"
    assert list(outside.iterdir()) == [] and (repo / "setup.toml").exists()
    (repo / "new").unlink()
    (repo / "new" / "deep").mkdir(parents=True)
    (repo / "new" / "deep" / "mod.py").write_text("mine = 1\n")
    done = apply(made)
    assert isinstance(done, Refusal) and done.code == "tree-changed"
    assert (repo / "new" / "deep" / "mod.py").read_text() == "mine = 1\n"


def test_modes_are_kept_and_a_second_name_of_a_file_is_not_written_through(repo: Path, tmp_path: Path) -> None:
    target = repo / "src" / "app.py"
    target.chmod(0o750)
    (repo / "README.md").chmod(0o444)
    os.link(target, tmp_path / "second.py")
    text = target.read_text()
    assert not isinstance(apply(planned(repo)), Refusal)
    assert target.stat().st_mode & 0o777 == 0o750
    assert (repo / "README.md").stat().st_mode & 0o777 == 0o444
    assert (tmp_path / "second.py").read_text() == text
    assert not list(repo.rglob(".vespera-patch-*"))
