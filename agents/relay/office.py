"""The relay as the bot sees it: what people may ask is checked here, asked over the socket, and read from its file.

The relay is another process. While it is away, everything that reads still works, and everything that changes says so.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

import msgspec

from agents.contracts import Request
from agents.policy import Policy
from agents.relay import allowed
from agents.relay.allowed import Allowed
from agents.relay.board import Board, read_view
from agents.relay.desk import Changes, Ledger
from agents.relay.following import Following
from agents.relay.jobs import OPEN, Budget, Checkpoint, JobView
from agents.relay.lists import Lists
from agents.relay.orders import Order, read_roadmap
from agents.relay.shown import Deed, Person, Repository, Wish
from agents.relay.socket import RemoteDesk
from blackboard.readonly import ReadOnly
from database import Blackboard
from errors import NotAllowed, Refused, RelayGone, UserMistake
from settings import Settings

T = TypeVar("T")
ACT_WITHIN_S = 60.0
"""Longest wait for the relay to do what a person asked."""
OPEN_WITHIN_S = 10.0
"""Longest wait for it to take a call."""
LISTEN_S = 15.0
AWAY = (
    "The relay is not running. Nothing was changed. The operator starts it: systemctl start vespera-relay, or "
    "./vespera relay serve"
)
SILENT = (
    "The relay does not answer. Nothing was changed. Try again; when it stays so, the operator restarts it: systemctl "
    "restart vespera-relay"
)
SLOW = "The relay did not answer within a minute. Whether it was done, /relay status tells."
SUGGESTED = 25


class Office:
    """Everything a front of Discord may do with coding jobs."""

    def __init__(self, settings: Settings, blackboard: Blackboard, policy: Policy) -> None:
        self._settings, self._policy = settings, policy
        self.lists = Lists(settings, blackboard, policy)
        self.following = Following(settings.data_dir, blackboard)

    async def close(self) -> None:
        """Close the relay's file. Safe to call twice."""
        await self.following.close()

    async def start(self, person: Person, wish: Wish) -> JobView:
        """Begin a job. Raises UserMistake, NotAllowed, Refused, RelayGone: nothing was begun."""
        lists = await self.lists.may(person, "start")
        repository = _found(await self.lists.repositories(person.tenant), wish.repo)
        path = await asyncio.to_thread(allowed.still_there, repository)
        request = Request(
            person.tenant, person.user, "relay.job", wish.command or f"/relay start goal: {wish.goal}"[:300],
            {"channel": str(wish.channel)}, role=person.role, interaction_id=f"relay:{wish.interaction_id}",
        )  # fmt: skip
        order = Order(
            repo=path,
            goal=wish.goal,
            roadmap=read_roadmap(wish.roadmap) if wish.roadmap else (),
            budget=self._budget(wish.tries),
            allow=tuple(filter(None, (glob.strip() for glob in wish.allow.split(",")))),
            next_input_to=_target(wish.next_input, lists),
            resubmit=wish.resubmit,
            prompt_tokens=self._settings.relay_prompt_tokens,
        )
        asked = {"goal": wish.goal, "roadmap": wish.roadmap}
        self._by_policy(msgspec.structs.replace(request, task_type="relay.start", options=asked))
        async with self._desk() as desk:
            return await _soon(desk.start(request, order, owner=True))  # the list above has allowed it

    async def stop(self, person: Person, job: int) -> JobView:
        """Stop a job now."""
        await self.check(person, job, "stop")
        async with self._desk() as desk:
            return await _soon(desk.stop(person.tenant, job, person.user))

    async def go_on(self, person: Person, job: int, hint: str = "", seen: int | None = None) -> JobView:
        """Let a job that waits go on, with a hint or without."""
        await self.check(person, job, "hint" if hint else "resume", seen)
        async with self._desk() as desk:
            return await _soon(desk.resume(person.tenant, job, person.user, hint))

    async def approve(self, person: Person, job: int, seen: int | None = None) -> str:
        """Keep what was refuted, or merge what is done; what was done, as a sentence."""
        await self.check(person, job, "approve", seen)
        async with self._desk() as desk:
            return await _soon(desk.approve(person.tenant, job, person.user))

    async def roll_back(self, person: Person, job: int, checkpoint: int) -> JobView:
        """Take a job's branch back."""
        view = await self.check(person, job, "rollback")
        kept = [each.number for each in await self.checkpoints(person.tenant, job) if not each.undone]
        if view.state.status not in OPEN and (not kept or kept[-1] == checkpoint):
            at = f"at checkpoint {checkpoint}" if kept else "where it began"
            raise UserMistake(f"{view.name} is {at} already. Nothing was changed.")
        async with self._desk() as desk:
            return await _soon(desk.roll_back(person.tenant, job, person.user, checkpoint))

    async def check(self, person: Person, job: int, deed: Deed, seen: int | None = None) -> JobView:
        """Whether this may be done now, in this order: the job exists here, it is still as it was seen, they may.

        ``seen``: the last sprint when a button was drawn. Raises UserMistake, NotAllowed.
        """
        view = await self._job(person.tenant, job)
        state = view.state
        if deed == "stop" and state.status in ("done", "stopped"):
            raise UserMistake(f"{view.name} is {state.status} already. Nothing was changed.")
        if deed in ("hint", "resume") and state.status not in ("escalated", "stopped", "failed"):
            at_work = " Stop it first." if state.status in OPEN else ""
            raise UserMistake(f"{view.name} is {state.status}: nothing waits to go on. Nothing was changed.{at_work}")
        if deed == "approve" and state.status not in ("escalated", "done"):
            raise UserMistake(f"{view.name} is {state.status}: nothing waits for approval. Nothing was changed.")
        if seen is not None and seen != state.sprint:
            raise UserMistake(f"{view.name} has moved on since this button was drawn. Nothing was changed.")
        await self.lists.may(person, deed)
        return view

    async def status(self, person: Person, job: int | None) -> list[JobView]:
        """One job, or the newest of this tenant."""
        if job is not None:
            return [await self.check(person, job, "look")]
        await self.lists.may(person, "look")
        reader = await self.following.file()
        return [] if reader is None else [read_view(each) for each in await reader.relay.jobs(person.tenant, limit=15)]

    async def ledger(self, person: Person, job: int) -> tuple[JobView, Ledger]:
        """A job's sprints, whole."""
        view = await self.check(person, job, "look")
        rows, digest = await Board(await self._known()).ledger(person.tenant, job)
        return view, Ledger(tuple(rows), digest)

    async def checkpoints(self, tenant: str, job: int) -> list[Checkpoint]:
        """A job's checkpoints, rolled back ones too."""
        return await Board(await self._known()).checkpoints(tenant, job)

    async def suggest(self, option: str, prefix: str, tenant: str) -> list[str]:
        """Completions of an option."""
        if option == "job":
            reader = await self.following.file()
            jobs = [] if reader is None else await reader.relay.jobs(tenant, limit=SUGGESTED)
            found = [f"r{each.id}" for each in jobs]
        elif option == "next_input":
            found = ["thread", *sorted((await self.lists.of(tenant)).webhooks)]
        else:
            found = [each.name for each in await self.lists.repositories(tenant)]
        return [each for each in found if prefix.strip().casefold() in each.casefold()][:SUGGESTED]

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[RemoteDesk]:
        """A connection to the relay for `changes`. Raises RelayGone."""
        async with self._desk() as desk:
            yield desk

    async def changes(self, desk: RemoteDesk, cursor: str) -> Changes:
        """What changed since a cursor, within `LISTEN_S`. Raises RelayGone, also when nothing is heard for too long."""
        try:
            async with asyncio.timeout(LISTEN_S * 2):
                return await desk.changes(cursor, LISTEN_S)
        except TimeoutError:
            raise RelayGone("The relay does not answer.") from None

    def _by_policy(self, request: Request) -> None:
        refusal = self._policy.refusal(request)
        if refusal is not None:
            raise Refused(f"{refusal.message} Nothing was started.", refusal.rule)

    def _budget(self, tries: str) -> Budget:
        settings = self._settings
        count = settings.relay_iterations
        if tries.strip():
            if not (tries.strip().isascii() and tries.strip().isdigit() and 1 <= int(tries) <= 50):
                raise UserMistake("tries: is a number from 1 to 50. Nothing was started.")
            count = int(tries)
        return Budget(
            iterations=count, calls=settings.relay_calls, tokens=settings.relay_tokens, cost_usd=settings.relay_cost_usd
        )

    async def _job(self, tenant: str, job: int) -> JobView:
        reader = await self.following.file()
        stored = None if reader is None else await reader.relay.job(tenant, job)
        if stored is None:
            raise UserMistake(f"There is no job r{job} here. Nothing was changed. /relay status lists them.")
        return read_view(stored)

    async def _known(self) -> ReadOnly:
        reader = await self.following.file()
        if reader is None:
            raise UserMistake("No coding job was started here yet: /relay start begins one.")
        return reader

    @contextlib.asynccontextmanager
    async def _desk(self) -> AsyncIterator[RemoteDesk]:
        try:
            async with asyncio.timeout(OPEN_WITHIN_S):
                desk = await RemoteDesk.open(self._settings.data_dir)
        except TimeoutError:
            raise RelayGone(SILENT) from None
        except RelayGone:
            raise RelayGone(AWAY) from None
        try:
            yield desk
        finally:
            await desk.close()


async def _soon(work: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(ACT_WITHIN_S):
            return await work
    except TimeoutError:
        raise RelayGone(SLOW) from None


def _found(repositories: list[Repository], name: str) -> Repository:
    for each in repositories:
        if each.name == name.strip():
            return each
    names = ", ".join(each.name for each in repositories) or "none; the owner adds one with /relay repos add:"
    raise NotAllowed(f'"{name.strip()[:80]}" is not a repository allowed here. Allowed: {names}. Nothing was started.')


def _target(next_input: str, lists: Allowed) -> str:
    """``thread``, or ``webhook:NAME``: the address itself is a secret and stays in the bot's database."""
    wanted = next_input.strip()
    if wanted in ("", "thread"):
        return wanted
    if wanted not in lists.webhooks:
        raise NotAllowed(
            f'"{wanted[:40]}" is neither thread nor a webhook that an admin allowed here. Nothing was started.'
        )
    return f"webhook:{wanted}"
