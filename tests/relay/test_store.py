"""The relay's tables: a running sprint is not run twice, a dead one is taken over, and a stale worker cannot write."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from agents.relay.board import Board
from agents.relay.checkpoint import Signer
from agents.relay.jobs import Budget, JobSpec
from agents.relay.workspace import Workspaces
from blackboard.relays import Move
from database import Blackboard
from errors import LeaseLost, StoreCorrupt, StoreLocked, UserMistake
from tests.relay.house import asked, git, make_repo

SPEC = JobSpec(repo="/somewhere", goal="x", base="0" * 40, budget=Budget())
NOTHING = Move(status="", state=b"")


async def test_a_renewed_lease_keeps_a_slow_sprint_and_an_old_one_is_taken_over(tmp_path: Path) -> None:
    blackboard = await Blackboard.open(tmp_path, name="relay", lease_s=0.4)
    try:
        board = Board(blackboard)
        view = await board.admit(asked(), SPEC)
        held = await board.take(view.id)
        held.state.totals.iterations, held.state.phase = 1, "building"
        await board.begin(held)
        for _ in range(4):
            await asyncio.sleep(0.2)
            assert await board.renew(held.leases) == []
        with pytest.raises(LeaseLost, match="being worked on"):
            await board.take(view.id)
        await asyncio.sleep(0.6)
        taken = await board.take(view.id)
        assert taken.sprint is not None and held.sprint is not None and taken.sprint.fence > held.sprint.fence
        with pytest.raises(LeaseLost):
            await board.move(held, NOTHING, name="stale")
        assert await board.renew(held.leases) == held.leases
        await board.move(taken, NOTHING, name="fresh")
    finally:
        await blackboard.close()


async def test_one_relay_owns_its_file(tmp_path: Path) -> None:
    first = await Blackboard.open(tmp_path, name="relay")
    try:
        with pytest.raises(StoreLocked):
            await Blackboard.open(tmp_path, name="relay")
        bot = await Blackboard.open(tmp_path)  # the bot's own file beside it
        await bot.close()
    finally:
        await first.close()


async def test_a_state_is_written_whole_and_read_back(tmp_path: Path) -> None:
    blackboard = await Blackboard.open(tmp_path, name="relay")
    try:
        board = Board(blackboard)
        view = await board.admit(asked(), SPEC)
        held = await board.take(view.id)
        held.state.status, held.state.seen = "running", {"a" * 64: 2}
        await board.move(held, NOTHING, name="change")
        again = await board.job("local", view.id)
        assert msgspec.json.encode(again.state) == msgspec.json.encode(held.state)
        with pytest.raises(UserMistake, match="no job r99"):
            await board.job("local", 99)
    finally:
        await blackboard.close()


def test_the_signing_key_comes_from_the_secret_and_lies_in_a_file_of_its_own(tmp_path: Path) -> None:
    first = Signer(tmp_path).public
    assert (tmp_path / "relay.key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "relay.key").chmod(0o644)
    assert Signer(tmp_path).public == first
    assert (tmp_path / "relay.key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "relay.key").unlink()  # as after a restored backup, which brings the secret alone
    assert Signer(tmp_path).public == first
    (tmp_path / "relay.key").write_bytes(b"short")
    with pytest.raises(StoreCorrupt, match="5 bytes"):
        Signer(tmp_path)


def test_sweeping_leaves_a_persons_own_working_trees_alone(tmp_path: Path) -> None:
    repo = make_repo(tmp_path)
    git(repo, "worktree", "add", "-q", str(tmp_path / "mine"), "-b", "mine")
    (tmp_path / "mine").rename(tmp_path / "unplugged")
    folder = tmp_path / "trees"
    workspaces = Workspaces(folder)
    left = workspaces.open(str(repo), git(repo, "rev-parse", "HEAD"), "r1-2")
    assert (left.path / "calc.py").exists() and str(left.path) in git(repo, "worktree", "list")
    (folder / "not-ours").mkdir()
    assert Workspaces(folder).sweep([str(repo)]) == 1
    assert not left.path.exists() and str(left.path) not in git(repo, "worktree", "list")
    assert (folder / "not-ours").exists()
    assert str(tmp_path / "mine") in git(repo, "worktree", "list")
