"""The door of the App: how much at once, how long, who may; every refusal goes into the audit log.

What is decided is the policy's; here it is asked, counted and written down.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

import msgspec

from agents.bounds import checked
from agents.contracts import Request, Role
from agents.policy import DENIED, Policy
from agents.rates import DRAFT, REQUEST, Rates
from blackboard.audit import Audit, NewEntry
from errors import NotAllowed, StoreError
from redaction import without_secrets
from truth_blocks.contracts import Command

log = logging.getLogger("vespera.guard")

SAME_REFUSAL_S = 600.0
"""A refusal like the last one of the same person is counted, not written anew, for so long."""
TERMINAL = "local"
"""The tenant of this machine's terminal, whose user owns the data directory: no rate holds there."""
REMEMBERED = 2_000
"""Refusals that are counted at a time."""
SUGGESTIONS_PER_MINUTE = 300.0
"""Completions one person may ask for; Discord asks at nearly every key."""


class Guard:
    """One for the App. ``commands`` by task type."""

    def __init__(
        self,
        policy: Policy,
        audit: Audit,
        rates: Rates,
        commands: Mapping[str, Command],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policy, self._audit, self._rates, self._commands = policy, audit, rates, commands
        self._suggesting = Rates(SUGGESTIONS_PER_MINUTE, 0, clock)
        self._clock = clock
        self._refused: OrderedDict[tuple[str, str, str, str], tuple[float, int]] = OrderedDict()

    async def door(self, tenant: str, user: str, role: Role, task_type: str, *, suggesting: bool = False) -> None:
        """What a front asks of every interaction before it does anything; counts it. ``role``: as the front knows it.

        Raises:
            NotAllowed: blocked, or the role does not reach. TooFast: too many; says how long to wait.
        """
        await self.admit(tenant, user, role, task_type)
        if role != "owner" and tenant != TERMINAL:
            (self._suggesting if suggesting else self._rates).take(tenant, user, REQUEST)

    def drafts(self, request: Request) -> None:
        """A request turns out to need a draft. Raises TooFast: nothing was queued."""
        if request.role != "owner" and request.tenant != TERMINAL:
            self._rates.take(request.tenant, request.user, DRAFT)

    async def admit(self, tenant: str, user: str, role: Role, task_type: str) -> Role:
        """The role that counts here. Raises NotAllowed."""
        if denied := self._policy.access(tenant, user, role, task_type):
            await self._refuse(tenant, user, denied.rule, task_type)
            raise NotAllowed(denied.message)
        return self._policy.role_of(tenant, user, role)

    async def enter(self, request: Request) -> Request:
        """The request with the role that counts, within all bounds. A refused topic is written down, not raised.

        Raises:
            NotAllowed: as `admit`. UserMistake: a part of it is too long.
        """
        request = _without_secrets(checked(request, self._commands))
        if refusal := self._policy.refusal(request):
            await self._refuse(request.tenant, request.user, refusal.rule, request.task_type)
            if refusal.rule in DENIED:
                raise NotAllowed(refusal.message)
        role = self._policy.role_of(request.tenant, request.user, request.role)
        return request if role == request.role else msgspec.structs.replace(request, role=role)

    async def _refuse(self, tenant: str, user: str, rule: str, task_type: str) -> None:
        """Write a refusal down. It stands though the log cannot take it."""
        key, now = (tenant, user, rule, task_type), self._clock()
        then, count = self._refused.get(key, (-SAME_REFUSAL_S, 0))
        if now - then < SAME_REFUSAL_S:
            self._refused[key] = then, count + 1
            return
        self._refused[key] = now, 0
        self._refused.move_to_end(key)
        if len(self._refused) > REMEMBERED:
            self._refused.popitem(last=False)
        path = self._policy.paths.get(task_type, task_type)
        more = f", and {count} times more since the last entry" if count else ""
        entry = NewEntry(tenant, "refused", user, "", f"{path} by rule {rule}, policy v{self._policy.version}{more}")
        try:
            await self._audit.record(entry)
        except StoreError as error:
            log.error("a refusal could not be written into the audit log: %s", error)


def _without_secrets(request: Request) -> Request:
    """What a person wrote, without the secrets of this installation: it is stored, and sent to models."""
    texts = (request.command, *request.options.values(), *(file.content for file in request.files))
    if all(without_secrets(text) is text for text in texts):
        return request
    return msgspec.structs.replace(
        request,
        command=without_secrets(request.command),
        options={name: without_secrets(value) for name, value in request.options.items()},
        files=tuple(msgspec.structs.replace(file, content=without_secrets(file.content)) for file in request.files),
    )
