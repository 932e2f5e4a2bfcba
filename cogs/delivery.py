"""Answers on their way to their readers: edited into the reply that waits, or into the channel when that is gone.

An answer is in the outbox from the moment it is committed until Discord has it. The handler that waits for it and the
round that works off what earlier processes left take the same way, so an answer is sent once: by whoever has it in
hand. An edit repeated after a crash shows the same text again; a channel message carries its task as a nonce.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Literal

import aiohttp
import discord
import msgspec

import faults
import logs
import metrics
from agents.contracts import Answer, Request
from app import App
from blackboard.contracts import Outgoing
from cogs import rendering, replies
from cogs.rendering import Rendered
from errors import Stopping

if TYPE_CHECKING:
    from agents.work import Ticket
    from cogs.front import Front

ROUND_S = 20.0
"""Seconds between rounds through the outbox."""
CLOCK_OFF_S = 25 * 3_600.0
"""A clock set forward makes living tokens look expired: within this time Discord is asked, at the cost of one call."""
SEND_WITHIN_S = 60.0
"""Seconds for one try, Discord's own waits for rate limits included."""
LONGEST_PAUSE_S = 3_600.0
"""Pauses between tries double up to this."""
TRIES = 30
"""Tries, about a day, after which an answer is kept for /why only."""
EXPIRED = frozenset({10008, 10015, 10062, 50027})
"""Unknown message, webhook or interaction; invalid token: the reply can no longer be edited."""

Outcome = Literal["done", "gone", "later", "refused"]

_log = logging.getLogger(__name__)


class _Original(int):
    """The reply itself, where the library's route expects the number of a message: written ``@original``."""

    def __format__(self, spec: str) -> str:
        return "@original"


class _Asked(msgspec.Struct, frozen=True):
    """The part of a task's payload that says what was asked."""

    request: Request


class Deliverer:
    """Sends what the outbox holds."""

    def __init__(self, front: "Front", app: App) -> None:
        self._front, self._app = front, app
        self._in_hand: set[int] = set()
        self._free = asyncio.Event()
        self._free.set()
        self._not_before: dict[int, float] = {}

    @contextlib.contextmanager
    def in_hand(self, task_id: int | None) -> Iterator[bool]:
        """Hold a task's delivery; False when someone else does."""
        if task_id is None:
            yield True
            return
        if task_id in self._in_hand:
            yield False
            return
        self._in_hand.add(task_id)
        self._free.clear()
        try:
            yield True
        finally:
            self._in_hand.discard(task_id)
            if not self._in_hand:
                self._free.set()

    def message(self, answer: Answer, task_type: str, tenant: str, lead: str = "") -> Rendered:
        """An answer as a message with its signed buttons."""

        def sign(action: str, subject: str) -> str:
            return self._app.component_ids.make(action, tenant, subject)

        return rendering.answer_message(answer, task_type, sign, lead)

    async def send_ready(self, task_id: int | None) -> None:
        """Send one task's answer now; the caller has it in hand. What fails stays for the next round."""
        for outgoing in await self._app.blackboard.pending():
            if outgoing.task.id == task_id:
                await self._send(outgoing)

    async def keep_working(self) -> None:
        """Take up what an earlier process left open, then work the outbox off, round after round."""
        try:
            for ticket in await self._app.resume():
                self._front.job(self._see_off(ticket))
        except Exception:
            _log.exception("open tasks could not be taken up; the next heartbeat tries again")
        while True:
            try:
                await self.work_off()
            except Exception:
                _log.exception("a round through the outbox failed")
            await asyncio.sleep(ROUND_S)

    async def _see_off(self, ticket: "Ticket") -> None:
        """Wait for a task taken up again and send its answer at once instead of at the next round."""
        with self.in_hand(ticket.task_id) as mine, contextlib.suppress(Stopping):
            if mine:
                await ticket.wait()
                await self.send_ready(ticket.task_id)

    async def work_off(self) -> None:
        """One round through the outbox."""
        for outgoing in await self._app.blackboard.pending():
            if time.monotonic() < self._not_before.get(outgoing.id, 0):
                continue
            with self.in_hand(outgoing.task.id) as mine:
                if mine:
                    await self._send(outgoing)

    async def settled(self) -> None:
        """Wait until nobody has an answer in hand."""
        await self._free.wait()

    async def _send(self, outgoing: Outgoing) -> None:
        logs.task_id.set(outgoing.task.id)
        outcome = await self._edit(outgoing)
        if outcome == "gone":
            outcome = await self._post(outgoing)
        metrics.DELIVERIES.add(outcome)
        self._not_before.pop(outgoing.id, None)
        if outcome == "done":
            await self._app.blackboard.delivered(outgoing.id)
            return
        if outgoing.tries:  # the first failure is tried again at the next round
            self._not_before[outgoing.id] = time.monotonic() + min(ROUND_S * 2**outgoing.tries, LONGEST_PAUSE_S)
        give_up = outcome != "later" or outgoing.tries + 1 >= TRIES
        await self._app.blackboard.delivery_failed(outgoing.id, outcome, give_up=give_up)
        if give_up:
            self._not_before.pop(outgoing.id, None)
            _log.warning("the answer was not delivered (%s); /why shows it", outcome)

    async def _edit(self, outgoing: Outgoing) -> Outcome:
        delivery = outgoing.delivery
        if not delivery.token or time.time() >= delivery.token_expires_at + CLOCK_OFF_S:
            return "gone"
        webhook = discord.Webhook.partial(delivery.application_id, delivery.token, client=self._front)

        async def edit(message: Rendered) -> None:
            faults.point("deliver.edit.before")
            await webhook.edit_message(_Original(), view=message.view, attachments=message.files())
            faults.point("deliver.edit.after")

        outcome = await _attempt(partial(edit, self._rendered(outgoing)))
        if outcome == "refused":
            outcome = await _attempt(partial(edit, _unshowable(outgoing)))
        return outcome

    async def _post(self, outgoing: Outgoing) -> Outcome:
        """The public answer as a message of its own; an ephemeral one must not become public."""
        delivery = outgoing.delivery
        if delivery.ephemeral or delivery.channel_id is None:
            return "refused"
        channel = self._front.get_partial_messageable(delivery.channel_id)
        message = self._rendered(outgoing, lead=f"for <@{outgoing.task.user}>")

        async def post() -> None:
            faults.point("deliver.post.before")
            await channel.send(view=message.view, files=message.files(), nonce=f"task-{outgoing.task.id}")
            faults.point("deliver.post.after")

        outcome = await _attempt(post)
        return "refused" if outcome == "gone" else outcome

    def _rendered(self, outgoing: Outgoing, lead: str = "") -> Rendered:
        task = outgoing.task
        try:
            answer = _answer(outgoing)
            if answer.ephemeral and not outgoing.delivery.ephemeral:
                return rendering.sentence(f"The answer to task {task.id} is for the asker alone: /why task:{task.id}")
            return self.message(answer, task.task_type, task.tenant, lead)
        except Exception:  # It would fail in every round again, and keep those behind it waiting.
            _log.exception("the answer could not be put into a message")
            return _unshowable(outgoing, "Vespera could not show")


def asked(payload: bytes) -> Request:
    """The request that a task's payload holds."""
    return msgspec.json.decode(payload, type=_Asked).request


def _answer(outgoing: Outgoing) -> Answer:
    task = outgoing.task
    if task.result is None:
        return Answer(task_id=task.id, status="failed", text=f"Task {task.id} was cancelled.", ok=False)
    return msgspec.structs.replace(msgspec.json.decode(task.result, type=Answer), task_id=task.id)


def _unshowable(outgoing: Outgoing, what: str = "Discord did not take") -> Rendered:
    return rendering.sentence(f"{what} the answer to task {outgoing.task.id}. /why shows how it was made.")


async def _attempt(send: Callable[[], Awaitable[object]]) -> Outcome:
    """One try, and what its end means. The library has retried 5xx and short rate limits by itself."""
    try:
        async with asyncio.timeout(SEND_WITHIN_S):
            await send()
    except discord.HTTPException as error:
        _log.info("Discord answered %s: %s", error.status, error)
        return _meaning(error)
    except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
        _log.info("Discord was not reached: %s", error)
        return "later"
    return "done"


def _meaning(error: discord.HTTPException) -> Outcome:
    if error.code == replies.ACKNOWLEDGED_ALREADY:
        return "done"
    if error.status == 404 or error.code in EXPIRED:
        return "gone"
    if error.status in {401, 429} or error.status >= 500:
        return "later"
    return "refused"
