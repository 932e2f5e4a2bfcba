"""A relay to be killed: a job, and every decision that a person can take about one, in their order.

    python -m tests.faults.relay_child DATA_DIR MODEL_URL REPO JOURNAL

Each step is noted once it was acknowledged; a later life takes the first one that was not, and may find it half done.
"""

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from agents.contracts import Request
from agents.relay.jobs import Budget, JobState
from agents.relay.orders import Order
from errors import UserMistake
from relay_app import RelayApp
from settings import Settings

JOB = 1
GOALS = ("set one", "set two")
"""The first is refuted, then passes, which spends the budget; the second is refuted, and kept on a person's word."""
BUDGET = Budget(calls=3, iterations=2)
WHO = ("local", "mira")


class Life:
    """One process at work on the relay."""

    def __init__(self, app: RelayApp, repo: Path) -> None:
        self._app, self._repo, self._away = app, repo, repo.with_name("away")

    def steps(self) -> Sequence[Callable[[], Awaitable[object]]]:
        """In their order; each may have been begun by an earlier life."""
        return (
            self.prove, self.resume, self.fail_to_roll_back, self.approve, self.merge, self.roll_back, self.stop,
            self.resume_without_repository,
        )  # fmt: skip

    async def _state(self) -> JobState:
        return (await self._app.job(WHO[0], JOB)).state

    async def prove(self) -> None:
        request = Request(*WHO, "relay.job", "/relay start", interaction_id="once")
        order = Order(repo=str(self._repo), goal="set both", roadmap=GOALS, budget=BUDGET)
        await self._app.start(request, order, owner=True)
        await self._app.idle()

    async def resume(self) -> None:
        """The budget once more: the second goal is refuted twice for the same defect."""
        await self._app.work()
        await self._app.idle()
        if "budget" in (await self._state()).reason:
            await self._app.resume(WHO[0], JOB, WHO[1], "")
            await self._app.idle()
        assert "the same defect" in (await self._state()).reason

    async def fail_to_roll_back(self) -> None:
        with contextlib.suppress(UserMistake):
            await self._app.roll_back(WHO[0], JOB, WHO[1], 9)
            raise AssertionError("there is no ninth checkpoint")

    async def approve(self) -> None:
        if (await self._state()).status != "done":
            await self._app.approve(WHO[0], JOB, WHO[1])

    async def merge(self) -> None:
        await self._app.approve(WHO[0], JOB, WHO[1])

    async def roll_back(self) -> None:
        await self._app.roll_back(WHO[0], JOB, WHO[1], 1)

    async def stop(self) -> None:
        if (await self._state()).status != "stopped":
            await self._app.stop(WHO[0], JOB, WHO[1])

    async def resume_without_repository(self) -> None:
        """Resumed while its repository is away, the job fails."""
        if not self._away.exists():
            await asyncio.to_thread(self._repo.rename, self._away)
        if (await self._state()).status == "stopped":
            await self._app.resume(WHO[0], JOB, WHO[1], "")
        await self._app.work()
        await self._app.idle()
        assert (await self._state()).status == "failed"
        await asyncio.to_thread(self._away.rename, self._repo)


async def main(data_dir: Path, model_url: str, repo: Path, journal: Path) -> None:
    settings = Settings(data_dir=data_dir, openai_compatible_base_url=model_url, openai_compatible_model="scripted")
    app = await RelayApp.open(settings)
    done = journal.read_text().split() if journal.exists() else []
    try:
        for step in Life(app, repo).steps()[len(done) :]:
            await step()
            with journal.open("a") as file:
                file.write(step.__name__ + "\n")
    finally:
        await app.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])))
