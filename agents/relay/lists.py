"""The lists of each tenant, in the bot's own database: repositories, roles, webhooks. Changed by owner and admins."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator

import msgspec

from agents.policy import Policy
from agents.relay import allowed
from agents.relay.allowed import Allowed
from agents.relay.shown import Deed, Person, Repository
from blackboard.audit import Action, NewEntry
from blackboard.keyfile import TokenBox
from database import Blackboard
from errors import UserMistake
from settings import Settings


class Lists:
    """Reads and changes them; every change is checked here."""

    def __init__(self, settings: Settings, blackboard: Blackboard, policy: Policy) -> None:
        self._settings, self._blackboard, self._policy = settings, blackboard, policy
        self._box = TokenBox(blackboard.key)
        self._changing = asyncio.Lock()

    async def may(self, person: Person, deed: Deed) -> Allowed:
        """The lists; raises NotAllowed unless this person may do this here: by a role of the server, or granted."""
        lists = await self.of(person.tenant)
        if not self._policy.granted_relay(person.tenant, person.user, person.role):
            allowed.may(lists, person, deed)
        return lists

    async def of(self, tenant: str) -> Allowed:
        """Who and what is allowed in a tenant."""
        text = await self._blackboard.get_state(f"relay.allowed.{tenant}")
        return msgspec.json.decode(text, type=Allowed) if text else Allowed()

    async def repositories(self, tenant: str) -> list[Repository]:
        """The repositories that may be named in a tenant."""
        return allowed.repositories(await self.of(tenant), self._settings.relay_repositories)

    async def add_repository(self, person: Person, path: str, name: str) -> Repository:
        """Allow a repository here. Raises NotAllowed for everybody but the owner, UserMistake."""
        allowed.must_own(person)
        root = await asyncio.to_thread(allowed.checked_path, path.strip(), self._settings.data_dir)
        called = allowed.named(name, root.rsplit("/", 1)[-1])
        async with self._changed(person, "relay.repos", called, f"added {root}") as lists:
            if called in lists.repositories and lists.repositories[called] != root:
                raise UserMistake(f"Another repository is called {called} here. Nothing was changed. Give a name:")
            allowed.room([each for each in lists.repositories if each != called])
            lists.repositories[called] = root
        return Repository(called, root)

    async def remove_repository(self, person: Person, name: str) -> None:
        """Take a repository out; jobs under way in it go on."""
        allowed.must_own(person)
        async with self._changed(person, "relay.repos", name.strip(), "taken out") as lists:
            if lists.repositories.pop(name.strip(), None) is None:
                fixed = any(each.name == name.strip() for each in await self.repositories(person.tenant))
                why = "stands in VESPERA_RELAY_REPOSITORIES" if fixed else "is not among those allowed here"
                raise UserMistake(f"{name.strip()[:80]} {why}. Nothing was changed.")

    async def allow_role(self, person: Person, role: int, *, remove: bool) -> Allowed:
        """Let people with a role use the relay here, or no longer."""
        allowed.must_administer(person)
        if person.tenant == f"guild:{role}":
            raise UserMistake("@everyone would be everybody. Nothing was changed. Make a role for it.")
        async with self._changed(person, "relay.allow", f"role {role}", "taken out" if remove else "allowed") as lists:
            if remove and role not in lists.roles:
                raise UserMistake("That role was not allowed. Nothing was changed.")
            kept = tuple(each for each in lists.roles if each != role)
            allowed.room(kept)
            lists.roles = kept if remove else (*kept, role)
        return await self.of(person.tenant)

    async def allow_webhook(self, person: Person, name: str, address: str) -> str:
        """Let next inputs go to a Discord webhook; the name it has here."""
        allowed.must_administer(person)
        number, _ = allowed.webhook_of(address)
        called = allowed.named(name, f"webhook-{number % 10_000}")
        if called == "thread":
            raise UserMistake('A webhook cannot be called "thread". Nothing was changed.')
        async with self._changed(person, "relay.allow", f"webhook {called}", "allowed") as lists:
            allowed.room([each for each in lists.webhooks if each != called])
            lists.webhooks[called] = base64.b64encode(self._box.seal(address.strip())).decode()
        return called

    async def remove_webhook(self, person: Person, name: str) -> None:
        """Take a webhook out."""
        allowed.must_administer(person)
        async with self._changed(person, "relay.allow", f"webhook {name.strip()}", "taken out") as lists:
            if lists.webhooks.pop(name.strip(), None) is None:
                raise UserMistake(f"There is no webhook {name.strip()[:40]} here. Nothing was changed.")

    async def webhook(self, tenant: str, name: str) -> tuple[int, str] | None:
        """Number and token of an allowed webhook; None when it was taken out."""
        sealed = (await self.of(tenant)).webhooks.get(name)
        address = self._box.open(base64.b64decode(sealed)) if sealed else None
        return allowed.webhook_of(address) if address else None

    @contextlib.asynccontextmanager
    async def _changed(self, person: Person, action: Action, subject: str, detail: str) -> AsyncIterator["_Lists"]:
        """A tenant's lists to be changed: written, with a row of the audit log, unless an error is raised within."""
        async with self._changing:
            tenant = person.tenant
            now = await self.of(tenant)
            lists = _Lists(dict(now.repositories), now.roles, dict(now.webhooks))
            yield lists
            text = msgspec.json.encode(Allowed(lists.repositories, lists.roles, lists.webhooks)).decode()
            told = NewEntry(tenant, action, person.user, subject[:100], detail)
            await self._blackboard.decide_state(f"relay.allowed.{tenant}", text, told)


class _Lists(msgspec.Struct):
    """A tenant's lists while they are being changed."""

    repositories: dict[str, str]
    roles: tuple[int, ...]
    webhooks: dict[str, str]
