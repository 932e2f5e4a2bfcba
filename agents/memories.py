"""The memory as people use it: teach, look for, take back, export, erase. Carried out at once; no model is near."""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from agents.memory_commands import CONFIRM
from agents.memory_contracts import MemoryAsk, MemoryTold
from agents.passages import age
from agents.policy import Policy
from agents.recollection import Recollection
from agents.table_contracts import MEMORY_TASKS, Play, Played
from blackboard.audit import NewEntry
from database import Blackboard
from errors import NotAllowed, UserMistake
from memory.contracts import AllOf, Filter, Hit, Is, NewRecord, Query, Recalled
from truth_blocks.contracts import SourceFile

if TYPE_CHECKING:
    from memory.facade import Memory

SHOWN = 8
"""Hits in one reply."""
LEAST_COSINE = 0.15
"""Below it, and without a word in common, a hit is only the nearest of what is far."""
PREVIEW = 220
"""Characters of a hit that are shown."""
MOST_NOTES = 500
"""Notes one person may have on one server."""
AUDITED = 10_000
"""Rows of the audit log that an export holds of each place."""
DAY_S = 86_400.0


class Memories:
    """One for all tenants."""

    def __init__(
        self,
        recollection: Recollection,
        blackboard: Blackboard,
        policy: Policy,
        cancel: Callable[[str, int, str, str], Awaitable[bool]],
        *,
        keep_backup_days: int,
    ) -> None:
        self._recollection, self._blackboard, self._policy = recollection, blackboard, policy
        self._cancel = cancel
        self._keep_backup_days = keep_backup_days

    async def play(self, play: Play) -> Played:
        """Carry a command out; committed before this returns.

        Raises:
            UserMistake, NotAllowed: the sentence says why; nothing was changed. StoreError: nothing was written.
        """
        request = play.request
        if request.task_type not in MEMORY_TASKS:
            raise UserMistake(f"There is no command for {request.task_type!r}.")
        if refusal := self._policy.refusal(request):
            raise NotAllowed(refusal.message)
        does = {
            "memory.remember": self._remember, "memory.recall": self._recall, "memory.forget": self._forget,
            "privacy.export": self._export, "privacy.delete": self._delete,
        }  # fmt: skip
        return await does[request.task_type](play)

    async def told(self, ask: MemoryAsk) -> MemoryTold:
        """What the operator asks in a terminal, of any tenant. Raises UserMistake, StoreError."""
        memory = await self._recollection.memory()
        await self._recollection.caught_up()
        match ask.do:
            case "add":
                new = NewRecord(
                    tenant=ask.tenant, kind=ask.kind or "note", text=ask.text, agent_id="person", user=ask.user,
                    tags=ask.tags,
                )  # fmt: skip
                ids = await memory.remember([new])
                await self._blackboard.evict_all(ask.tenant)
                return MemoryTold(ids=ids)
            case "search":
                where = Is("kind", (ask.kind,)) if ask.kind else None
                found = await memory.recall(Query(tenant=ask.tenant, text=ask.text, where=where, k=ask.k))
                return MemoryTold(hits=found.hits, plan=found.plan, model=found.model, note=found.note)
            case "forget":
                await _erase_synopses(memory, ask.tenant, ask.ids)
                gone = await memory.forget(ask.tenant, ids=ask.ids, admin=True)
                await self._blackboard.evict_all(ask.tenant)
                return MemoryTold(count=gone)
            case "stats":
                return MemoryTold(stats=await memory.stats(ask.tenant))
            case "check":
                return MemoryTold(problems=tuple(await memory.check()))
            case "reindex":
                return MemoryTold(count=await memory.reindex())

    async def _remember(self, play: Play) -> Played:
        request, options = play.request, play.request.options
        text = options.get("text", "").strip()
        if not any(character.isalnum() for character in text):
            raise UserMistake("text: holds nothing to remember. Nothing was kept.")
        tags = tuple(
            dict.fromkeys(tag for raw in options.get("tags", "").split(",") if (tag := raw.strip().casefold()))
        )
        memory = await self._recollection.memory()
        if await memory.count(request.tenant, _own_notes(request.user)) >= MOST_NOTES:
            raise UserMistake(
                f"You have taught {MOST_NOTES} things here, which is the most. /forget some first. Nothing was kept."
            )
        days = _days(options.get("days", ""))
        once = f"taught:{request.interaction_id}" if request.interaction_id else ""
        new = NewRecord(
            tenant=request.tenant, kind="note", text=text, agent_id="person", user=request.user, tags=tuple(tags),
            created_at=time.time(), expires_at=time.time() + days * DAY_S if days else None, once=once,
        )  # fmt: skip
        (number,) = await memory.remember([new])
        await self._blackboard.evict_all(request.tenant)
        until = f" for {days} days" if days else ""
        return Played(
            f"Kept as note {number}{until}. Answers here may quote it, marked as taught. "
            f"Take it back: /forget note: {number}"
        )

    async def _recall(self, play: Play) -> Played:
        request, options = play.request, play.request.options
        await self._recollection.caught_up()
        parts: list[Filter] = [Is("kind", (options["kind"],))] if options.get("kind") else []
        if tag := options.get("tag", "").strip().casefold():
            parts.append(Is("tags", (tag,)))
        query = Query(
            tenant=request.tenant, text=options.get("text", ""), where=AllOf(tuple(parts)) if parts else None, k=SHOWN
        )
        found = await (await self._recollection.memory()).recall(query)
        return Played(shown(found), ephemeral=True)

    async def _forget(self, play: Play) -> Played:
        request, options = play.request, play.request.options
        memory = await self._recollection.memory()
        if options.get("all") == "true":
            gone = await memory.forget(request.tenant, where=_own_notes(request.user), user=request.user)
        elif options.get("note"):
            numbers = _numbers(options["note"])
            for number in numbers:
                if await memory.record(request.tenant, number) is None:
                    raise UserMistake(f"There is no memory {number} here. Nothing was forgotten.")
            admin = request.role != "member"
            if admin:
                await _erase_synopses(memory, request.tenant, numbers)
            gone = await memory.forget(request.tenant, ids=numbers, user=request.user, admin=admin)
        else:
            raise UserMistake(
                "Say which: /forget note: 12, or /forget all: yes for all you taught here. Nothing was forgotten."
            )
        await self._blackboard.evict_all(request.tenant)
        return Played(f"Forgotten here: {_count(gone, 'memory', 'memories')}. {self._backups()}", ephemeral=True)

    async def _export(self, play: Play) -> Played:
        request = play.request
        places = await self._places(play)
        document = {
            "about": request.user,
            "made_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "places": [await self._of_place(place, request.user) for place in places],
        }
        text = msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
        file = SourceFile("your-data.json", text)
        await self._blackboard.audit.record(NewEntry(request.tenant, "privacy.export", request.user))
        count = "here" if len(places) == 1 else f"in {len(places)} places"
        return Played(f"All that is stored about you {count} is in the file.", files=(file,), ephemeral=True)

    async def _of_place(self, tenant: str, user: str) -> dict[str, object]:
        memory = await self._recollection.memory()
        sheet = await self._blackboard.combats.sheet(tenant, user)
        return {
            "place": tenant,
            **await self._blackboard.words_of(tenant, user),
            "character": msgspec.Raw(sheet) if sheet else None,
            "memories": [record async for record in memory.export_user(tenant, user)],
            "audit_log": await self._blackboard.audit.entries(tenant, person=user, limit=AUDITED),
            "grants": self._policy.standings.of(tenant, user),
        }

    async def _delete(self, play: Play) -> Played:
        request = play.request
        if request.options.get("confirm", "").strip().casefold() != CONFIRM:
            raise UserMistake(
                "This erases your questions, their answers, your characters and what you taught, and cannot be undone. "
                f"To do it: /privacy delete confirm: {CONFIRM}. Nothing was erased."
            )
        places = await self._places(play)
        await self._recollection.caught_up()  # what is not followed yet would be remembered after it was erased
        memory = await self._recollection.memory()
        tasks = records = 0
        for place in places:
            await self._cancel_open(place, request.user)
            tasks += await self._blackboard.erase_user(place, request.user)
            records += await _erase_retold(memory, place, Is("user", (request.user,)))
            records += await memory.erase_user(place, request.user)
            await self._blackboard.evict_all(place)
            # Whose words they were is not written: that would be the one thing that is left of them.
            await self._blackboard.audit.record(
                NewEntry(place, "privacy.delete", "", "", "a person erased their words")
            )
        where = "here" if len(places) == 1 else f"in {len(places)} places"
        gone = f"the words of {_count(tasks, 'question', 'questions')} and {_count(records, 'memory', 'memories')}"
        return Played(
            f"Erased {where}: {gone}. Numbers and digests stay, so that traces still verify; no text does. "
            f"{self._backups()}",
            ephemeral=True,
        )

    async def _cancel_open(self, place: str, user: str) -> None:
        """A task under way would bring its words back when it ends."""
        for task_id in await self._blackboard.open_tasks_of(place, user):
            await self._cancel(place, task_id, user, "its asker erased their data")

    async def _places(self, play: Play) -> list[str]:
        """Where a person's data is meant: this server's, or in a direct message every place's."""
        tenant = play.request.tenant
        if tenant != f"user:{play.request.user}":
            return [tenant]
        return sorted({tenant, *await self._blackboard.places_of(play.request.user)})

    def _backups(self) -> str:
        days = self._keep_backup_days
        return f"Backups made before keep the text{f' for up to {days} days' if days else ''}."


def shown(found: Recalled) -> str:
    """Hits for a person: number, kind, nearness, age, text."""
    near = [hit for hit in found.hits if hit.by_words or hit.cosine >= LEAST_COSINE]
    if not near:
        return "Nothing like that is remembered here."
    lines = [line for hit in near for line in _hit_lines(hit)]
    notes = [f"-# {found.note}"] if found.note else []
    return "\n".join([*lines, *notes])


def _hit_lines(hit: Hit) -> list[str]:
    new = hit.record.new
    text = " ".join(new.text.split())
    cut = text if len(text) <= PREVIEW else text[: PREVIEW - 2].rstrip() + " …"
    checked = " · checked" if new.trusted else ""
    task = f" · task {new.task_id}" if new.task_id else ""
    tags = f" · {', '.join(new.tags)}" if new.tags else ""
    old = age(time.time() - new.created_at)
    return [f"**{hit.record.id}** {cut}", f"-# {new.kind}{checked} · score {hit.cosine:.2f} · {old} old{task}{tags}"]


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


async def _erase_retold(memory: "Memory", tenant: str, where: Filter) -> int:
    """Erase the synopses that retell any of these records; returns how many."""
    gone = after = 0
    while page := await memory.records(tenant, where, after=after):
        gone += await _erase_synopses(memory, tenant, [record.id for record in page])
        after = page[-1].id
    return gone


async def _erase_synopses(memory: "Memory", tenant: str, numbers: Sequence[int]) -> int:
    where = AllOf((Is("kind", ("synopsis",)), Is("depends_on", tuple(numbers))))
    return await memory.forget(tenant, where=where, admin=True) if numbers else 0


def _own_notes(user: str) -> AllOf:
    return AllOf((Is("kind", ("note",)), Is("user", (user,))))


def _days(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 3_650):
        raise UserMistake("days: is a whole number from 1 to 3650. Nothing was kept.")
    return int(text)


def _numbers(text: str) -> list[int]:
    parts = [part.strip().lstrip("#") for part in text.replace(",", " ").split()]
    if not parts or not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        raise UserMistake("note: takes the numbers that /recall shows, for example 12, 15. Nothing was forgotten.")
    return [int(part) for part in dict.fromkeys(parts)]
