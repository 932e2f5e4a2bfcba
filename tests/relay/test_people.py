"""What people decide: stop, resume with a hint, approve, roll back, merge; and what `verify` finds."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from agents.relay.jobs import JobView
from agents.relay.orders import Order
from errors import NotAllowed, UserMistake
from relay_app import RelayApp, default_budget
from tests.relay import house
from tests.relay.house import CRITIC, RIGHT, WRONG, answer, asked, begin, body, builders, ended, git, whole
from tests.scripted_model import Reply, ScriptedModel


async def test_stop_ends_a_call_under_way_and_resume_goes_on(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(Reply(text=RIGHT, pause_s=30), RIGHT)) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            view = await begin(app, repo)
            while not server.requests:
                await asyncio.sleep(0.01)
            stopped = await asyncio.wait_for(app.stop("local", view.id, "mira"), 5)
            assert (stopped.state.status, stopped.outcome) == ("stopped", "stopped")
            assert server.requests[0].closed_early
            view = await ended(app, await app.resume("local", view.id, "mira", ""))
            assert view.outcome == "checkpoint"
            assert view.state.totals.iterations == 1


async def test_stop_ends_a_test_run_under_way(tmp_path: Path) -> None:
    files = {**house.FILES, "relay.toml": 'test = "touch started; sleep 60"\n'}
    repo = house.make_repo(tmp_path, files)
    async with ScriptedModel(builders(RIGHT)) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            view = await begin(app, repo)
            trees = tmp_path / "data" / "relay"
            while not list(trees.glob("*/started")):
                await asyncio.sleep(0.02)
            await asyncio.wait_for(app.stop("local", view.id, "mira"), 5)
            assert not list(trees.iterdir())
            assert git(repo, "worktree", "list").count("\n") == 0


async def test_a_hint_reaches_the_next_prompt_and_the_trace(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(WRONG, WRONG, RIGHT)) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            view = await ended(app, await begin(app, repo))
            assert view.outcome == "escalated"
            view = await ended(app, await app.resume("local", view.id, "mira", "use the plus sign"))
            assert view.outcome == "checkpoint"
            last = [request.text for request in server.requests if CRITIC not in request.text][-1]
            assert "use the plus sign" in last
            steps = await app.blackboard.steps("local", view.id)
            told = next(step for step in steps if step.event == "resumed")
            assert told.detail == {"by": "mira", "hint": "use the plus sign"}


async def test_approving_a_waiting_job_keeps_the_refuted_proposal_signed_as_overruled(
    tmp_path: Path, repo: Path
) -> None:
    async with ScriptedModel(builders(WRONG)) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            view = await ended(app, await begin(app, repo))
            said = await app.approve("local", view.id, "mira")
            assert "approved by mira" in said
            view = await ended(app, await app.job("local", view.id))
            assert view.outcome == "checkpoint"
            assert "return a * b" in git(repo, "show", "vespera/r1:calc.py")
            assert "Vespera-Approved: " in git(repo, "log", "-1", "--format=%B", "vespera/r1")
            assert (await app.verify("local", view.id)).ok


async def test_nothing_can_be_approved_where_no_proposal_could_be_applied(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(answer(whole("x\n", "../out.txt")))) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            view = await ended(app, await begin(app, repo))
            with pytest.raises(UserMistake, match="could not be applied"):
                await app.approve("local", view.id, "mira")
            task = await app.blackboard.task("local", view.id)
            assert task is not None and task.status == "failed"  # as it was, not left open


async def done_in_three(app: RelayApp, repo: Path) -> JobView:
    roadmap = ("add", "one", "two")
    return await ended(app, await begin(app, repo, "all", roadmap=roadmap))


def three() -> Any:
    return builders(RIGHT, answer(whole("ONE = 1\n", "one.py")), answer(whole("TWO = 2\n", "two.py")))


async def test_rollback_returns_to_any_checkpoint_and_the_chain_goes_on_from_there(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(three()) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            view = await done_in_three(app, repo)
            first = (await app.checkpoints("local", view.id))[0]
            view = await app.roll_back("local", view.id, "mira", 1)
            assert git(repo, "rev-parse", "vespera/r1") == first.commit
            assert (view.state.status, view.state.goal, view.state.item) == ("escalated", "one", 1)
            assert (await app.verify("local", view.id)).checkpoints == 1
            with pytest.raises(UserMistake, match="no checkpoint 3"):
                await app.roll_back("local", view.id, "mira", 3)
            again = three()
            again(server.requests[0])  # the first answer is used up
            server._script = again
            view = await ended(app, await app.resume("local", view.id, "mira", ""))
            found = await app.verify("local", view.id)
            assert found.ok and found.checkpoints == 3
            assert [each.number for each in await app.checkpoints("local", view.id) if not each.undone] == [1, 4, 5]


async def test_rollback_to_the_beginning(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(RIGHT)) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            view = await ended(app, await begin(app, repo))
            await app.roll_back("local", view.id, "mira", 0)
            assert git(repo, "rev-parse", "vespera/r1") == git(repo, "rev-parse", "main")
            view = await ended(app, await app.resume("local", view.id, "mira", ""))
            assert view.outcome == "checkpoint" and (await app.verify("local", view.id)).ok


async def test_approving_a_done_job_moves_the_branch_it_began_on(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(RIGHT)) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            view = await ended(app, await begin(app, repo))
            (repo / "calc.py").write_text("def add(a, b):\n    return 'mine'\n")
            with pytest.raises(UserMistake, match="not committed"):
                await app.approve("local", view.id, "mira")
            git(repo, "checkout", "-q", "calc.py")
            assert "moved forward" in await app.approve("local", view.id, "mira")
            assert git(repo, "rev-parse", "main") == git(repo, "rev-parse", "vespera/r1")
            assert "a + b" in (repo / "calc.py").read_text()


async def test_a_branch_that_went_on_is_not_merged(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(RIGHT)) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            view = await ended(app, await begin(app, repo))
            git(repo, "commit", "-q", "--allow-empty", "-m", "meanwhile")
            with pytest.raises(UserMistake, match="git merge vespera/r1"):
                await app.approve("local", view.id, "mira")


async def test_verify_finds_a_commit_that_nobody_signed_and_a_signature_that_was_moved(
    tmp_path: Path, repo: Path
) -> None:
    async with ScriptedModel(three()) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            view = await done_in_three(app, repo)
            signed = git(repo, "rev-parse", "vespera/r1")
            assert (await app.verify("local", view.id)).ok
            tree = git(repo, "rev-parse", "main^{tree}")
            message = git(repo, "log", "-1", "--format=%B", signed)
            forged = git(repo, "commit-tree", tree, "-p", signed, "-m", message)
            git(repo, "update-ref", "refs/heads/vespera/r1", forged)
            found = await app.verify("local", view.id)
            assert found.broken[0].message.startswith("its signature does not hold")
            left_out = git(repo, "commit-tree", f"{signed}^{{tree}}", "-p", f"{signed}~2", "-m", message)
            git(repo, "update-ref", "refs/heads/vespera/r1", left_out)
            assert not (await app.verify("local", view.id)).ok


async def test_a_branch_that_somebody_moved_is_left_alone(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(WRONG, WRONG, RIGHT)) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            view = await ended(app, await begin(app, repo))
            other = git(repo, "commit-tree", "main^{tree}", "-m", "mine")
            git(repo, "branch", "vespera/r1", other)
            view = await ended(app, await app.resume("local", view.id, "mira", ""))
            assert view.outcome == "escalated" and "somebody else moved it" in view.state.reason
            assert git(repo, "rev-parse", "vespera/r1") == other


async def test_a_taken_branch_name_gets_a_number(tmp_path: Path, repo: Path) -> None:
    git(repo, "branch", "vespera/r1")
    document, _ = await house.run(tmp_path, repo, builders(RIGHT))
    assert document.branch == "vespera/r1-2"
    assert git(repo, "rev-parse", "vespera/r1") == git(repo, "rev-parse", "main")


async def test_jobs_wait_for_each_other_and_end_in_their_order(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(RIGHT)) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            views = [await begin(app, repo, f"job {number}") for number in range(3)]
            assert [view.state.status for view in await app.jobs("local")].count("queued") >= 2
            ends = [await ended(app, view) for view in views]
            assert [view.outcome for view in ends] == ["checkpoint"] * 3
            closed = [(await app.blackboard.task("local", view.id)).updated_at for view in views]  # type: ignore[union-attr]
            assert closed == sorted(closed)


async def test_people_may_start_jobs_in_allowed_repositories_only(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(RIGHT)) as server:
        settings = house.settings_for(tmp_path, server, relay_repositories=f"/elsewhere:{tmp_path / 'other'}")
        async with house.opened(settings) as app:
            order = Order(repo=str(repo), goal="x", budget=default_budget(settings))
            with pytest.raises(NotAllowed, match="allows"):
                await app.start(asked(), order, owner=False)
            assert await app.jobs("local") == []


async def test_a_tenant_sees_its_own_jobs_only(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(RIGHT)) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            view = await ended(app, await begin(app, repo))
            for reading in (app.job, app.ledger, app.checkpoints, app.verify):
                with pytest.raises(UserMistake, match="no job r1"):
                    await reading("guild:1", view.id)
            assert await app.jobs("guild:1") == []


async def test_the_same_interaction_starts_one_job(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(RIGHT)) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            order = Order(repo=str(repo), goal="x", budget=default_budget(app.settings))
            first = await app.start(asked(interaction_id="1"), order, owner=True)
            second = await app.start(asked(interaction_id="1"), order, owner=True)
            assert first.id == second.id
            await ended(app, first)


async def test_a_spent_budget_is_given_again_by_resuming(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(WRONG, RIGHT)) as server:
        async with house.opened(house.settings_for(tmp_path, server, relay_calls=1)) as app:
            view = await ended(app, await begin(app, repo))
            assert view.outcome == "escalated" and view.state.reason == "the budget is spent: 1 calls of 1"
            view = await ended(app, await app.resume("local", view.id, "mira", ""))
            assert view.outcome == "checkpoint"


async def test_an_altered_ledger_row_is_noticed(tmp_path: Path, repo: Path) -> None:
    await house.run(tmp_path, repo, builders(RIGHT))
    with sqlite3.connect(tmp_path / "data" / "relay.sqlite") as file:
        file.execute("UPDATE relay_ledger SET row = replace(CAST(row AS TEXT), 'make add add', 'make add lie')")
    async with house.opened(house.settings_for(tmp_path, None)) as app:
        assert any("Ledger row" in line for line in await app.blackboard.check())


async def test_the_same_answers_give_the_same_ledger_hash_anywhere(tmp_path: Path) -> None:
    digests = []
    for place in ("here", "there"):
        folder = tmp_path / place
        folder.mkdir()
        repo = house.make_repo(folder)
        if place == "there":  # other numbers: a job ran here before
            await house.run(folder, repo, builders(RIGHT))
        await house.run(folder, repo, builders(WRONG, answer(body("return 5")), RIGHT))
        async with house.opened(house.settings_for(folder, None)) as app:
            (last, *_) = await app.jobs("local")
            digests.append((await app.ledger("local", last.id)).digest)
    assert digests[0] == digests[1] != ""


async def test_the_next_input_is_posted_to_the_webhook_after_a_pass_and_resubmitted(tmp_path: Path, repo: Path) -> None:
    steps = (WRONG, answer(body("return a + b"), next_input="now write one"), answer(whole("ONE = 1\n", "one.py")))
    async with ScriptedModel(builders(*steps)) as server, ScriptedModel([Reply()]) as hook:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            view = await begin(app, repo, next_input_to=f"{hook.url}/next", resubmit=True)
            view = await ended(app, view)
            assert (view.outcome, view.state.checkpoints) == ("checkpoint", 2)
            (posted,) = hook.requests
            assert posted.headers["idempotency-key"] == "r1:1"
            assert posted.body["next_input"] == "now write one" and posted.body["goal"] == "make add add"
            last = [request.text for request in server.requests if CRITIC not in request.text][-1]
            assert "Your goal now: now write one" in last


async def test_a_webhook_that_is_away_harms_nothing(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(answer(body("return a + b"), next_input="x"))) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            view = await ended(app, await begin(app, repo, next_input_to="http://127.0.0.1:9/next"))
            assert view.outcome == "checkpoint"
            steps = await app.blackboard.steps("local", view.id)
            assert any("could not be reached" in str(step.detail) for step in steps if step.event == "posted")


async def test_erasing_a_person_forgets_the_jobs_of_that_person(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(RIGHT)) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            await ended(app, await begin(app, repo))
            await app.blackboard.erase_user("local", "mira")
            assert await app.jobs("local") == []


async def test_a_check_whose_program_is_missing_fails_the_job_and_not_the_builder(tmp_path: Path) -> None:
    repo = house.make_repo(tmp_path, {**house.FILES, "relay.toml": 'test = "no-such-program --all"\n'})
    document, _ = await house.run(tmp_path, repo, builders(RIGHT))
    assert (document.outcome, document.defects) == ("failed", 0)
    assert "no-such-program is not there" in document.reason


async def test_a_rollback_to_nowhere_lets_a_job_at_work_go_on(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(Reply(text=WRONG, pause_s=0.3), RIGHT)) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            view = await begin(app, repo)
            with pytest.raises(UserMistake, match="no checkpoint 9"):
                await app.roll_back("local", view.id, "mira", 9)
            view = await ended(app, view)
            assert view.outcome == "checkpoint"


async def test_many_at_once_begin_and_stop_jobs_and_each_ends_once(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(Reply(text=RIGHT, pause_s=0.05))) as server:
        async with house.opened(house.settings_for(tmp_path, server, relay_running=3)) as app:
            views = await asyncio.gather(*(begin(app, repo, f"job {number}") for number in range(6)))
            stops = await asyncio.gather(
                *(app.stop("local", view.id, "mira") for view in views[::2]), return_exceptions=True
            )
            ends = [await ended(app, view) for view in views]
            assert all(view.outcome in ("stopped", "checkpoint") for view in ends)
            assert [view.outcome for view in ends[1::2]] == ["checkpoint"] * 3
            assert all(isinstance(stop, (JobView, UserMistake)) for stop in stops), stops
            assert not await app.blackboard.check()
