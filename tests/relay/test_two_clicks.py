"""Two people, or one impatient one, decide at the same time: one decision is carried out, the other hears of it."""

import asyncio
from pathlib import Path

from errors import UserMistake
from tests.relay import house
from tests.relay.house import RIGHT, WRONG, answer, begin, builders, ended, git, whole
from tests.scripted_model import ScriptedModel


async def test_two_approvals_at_once_keep_one_proposal_and_sign_it_once(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(WRONG)) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            view = await ended(app, await begin(app, repo, roadmap=("add", "more")))
            said = await asyncio.gather(
                *(app.approve("local", view.id, who) for who in ("mira", "torv")), return_exceptions=True
            )
            assert [type(each) for each in said].count(str) == 1 and any(isinstance(each, UserMistake) for each in said)
            await ended(app, await app.job("local", view.id))
            assert git(repo, "rev-list", "--count", "main..vespera/r1") == "1"
            assert (await app.verify("local", view.id)).ok


async def test_a_stop_and_a_hint_at_once_leave_one_of_both(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(WRONG, WRONG, RIGHT)) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            view = await ended(app, await begin(app, repo))
            await asyncio.gather(
                app.resume("local", view.id, "mira", "plus"), app.stop("local", view.id, "torv"), return_exceptions=True
            )
            view = await ended(app, await app.job("local", view.id))
            assert view.state.status in ("stopped", "done")
            assert await app.blackboard.verify_chain("local", view.id)


async def test_many_jobs_asked_for_at_once_are_each_worked_on_once(tmp_path: Path, repo: Path) -> None:
    script = builders(RIGHT, answer(whole("ONE = 1\n", "one.py")))
    async with ScriptedModel(script) as server:
        async with house.opened(house.settings_for(tmp_path, server, relay_running=2)) as app:
            views = await asyncio.gather(*(begin(app, repo, f"job {number}") for number in range(4)))
            ends = [await ended(app, view) for view in views]
            rows = [len((await app.ledger("local", view.id)).rows) for view in ends]
            assert all(view.state.status in ("done", "escalated") for view in ends), [v.state.reason for v in ends]
            assert rows == [view.state.totals.iterations for view in ends]
