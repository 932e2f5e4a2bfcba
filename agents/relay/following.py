"""Jobs as a front shows them: what happened since a place in their trace, and where and how far Discord was told."""

import asyncio
import contextlib
from pathlib import Path

import msgspec

from agents.relay.board import Board, read, read_view
from agents.relay.jobs import OPEN, JobPayload
from agents.relay.reading import NAME
from agents.relay.shown import Event, Look, Shown
from blackboard.readonly import ReadOnly
from database import Blackboard
from errors import StoreError

SHOWN = "relay.shown."
"""Begins the names under which the bot's database keeps where a job is shown."""


class Following:
    """Reads the relay's file, which is kept open, and notes in the bot's own what was shown."""

    def __init__(self, data_dir: Path, blackboard: Blackboard) -> None:
        self._data_dir, self._blackboard = data_dir, blackboard
        self._reader: ReadOnly | None = None
        self._opening = asyncio.Lock()

    async def close(self) -> None:
        """Close the relay's file. Safe to call twice."""
        if self._reader is not None:
            await self._reader.close()
            self._reader = None

    async def file(self) -> ReadOnly | None:
        """The relay's file; None before there is one."""
        async with self._opening:
            if self._reader is None:
                with contextlib.suppress(StoreError):
                    self._reader = await asyncio.to_thread(ReadOnly, self._data_dir, NAME)
            return self._reader

    async def behind(self) -> list[int]:
        """Jobs from Discord that are open or whose trace is longer than what Discord was told: all there is to show."""
        reader = await self.file()
        if reader is None:
            return []
        noted = await self._blackboard.states(SHOWN)
        told = {name: msgspec.json.decode(text, type=Shown).cursor for name, text in noted.items()}
        return [
            job
            for job, tenant, status, steps in await reader.relay.lengths()
            if tenant != "local" and (status in OPEN or told.get(f"{SHOWN}{job}", -1) < steps)
        ]

    async def any_job(self) -> bool:
        """Whether any job was ever asked for in Discord."""
        reader = await self.file()
        return reader is not None and any(tenant != "local" for _, tenant, _, _ in await reader.relay.lengths())

    async def look(self, job: int, cursor: int, rows: int) -> Look | None:
        """A job, and what happened after ``cursor`` and ledger row ``rows``; None when it is none of Discord's."""
        reader = await self.file()
        stored = None if reader is None else await reader.relay.job(None, job)
        if reader is None or stored is None or stored.tenant == "local":
            return None
        view, board = read_view(stored), Board(reader)
        asked = read(stored.payload, JobPayload, f"Job r{job}").request.options.get("channel", "")
        steps = [each for each in await reader.steps(stored.tenant, job) if each.seq >= cursor]
        ended = {row.task: row for row in (await board.ledger(stored.tenant, job, after=rows))[0]} if steps else {}
        by_place = list(ended.values())
        checkpoints = await board.checkpoints(stored.tenant, job)
        of_sprint = {each.sprint: each for each in checkpoints}
        events = []
        for each in steps:
            row = by_place.pop(0) if each.event == "sprint" and by_place else None
            proof = of_sprint.get(row.task) if row and row.checkpoint is not None else None
            events.append(Event(seq=each.seq + 1, kind=each.event, detail=each.detail or {}, row=row, checkpoint=proof))
        channel = int(asked) if asked.isdecimal() else 0
        return Look(view=view, channel=channel, events=tuple(events), checkpoints=tuple(checkpoints))

    async def shown_in(self, tenant: str, place: int) -> int | None:
        """The job that a channel or thread is about: the one shown there, else the only one not ended."""
        reader = await self.file()
        newest = [] if reader is None else await reader.relay.jobs(tenant, limit=25)
        for each in newest:
            shown = await self.shown(each.id)
            if shown is not None and place in (shown.thread, shown.board):
                return each.id
        going = [each.id for each in newest if each.status in ("queued", "running", "escalated")]
        return going[0] if len(going) == 1 else None

    async def shown(self, job: int) -> Shown | None:
        """Where a job is shown."""
        text = await self._blackboard.get_state(f"{SHOWN}{job}")
        return msgspec.json.decode(text, type=Shown) if text else None

    async def note(self, job: int, shown: Shown) -> None:
        """Remember where a job is shown, and how far."""
        await self._blackboard.set_state(f"{SHOWN}{job}", msgspec.json.encode(shown).decode())
