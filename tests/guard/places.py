"""Servers and direct messages, each with one of everything that can be stored, marked with a word of its own."""

import time
from typing import NamedTuple

import msgspec

from agents.contracts import Answer, Request
from agents.table_contracts import Play
from app import App
from blackboard.contracts import CacheEntry, CallRecord, Correction, Delivery, Feedback, Lease, NewTask, Step
from blackboard.grants import Grant
from blackboard.relays import Ending, Move
from database import Blackboard
from memory.contracts import NewRecord

ASKED = "what stands here"


class Place(NamedTuple):
    """What a place holds, by the numbers under which it is stored. ``marker`` is in all of it."""

    tenant: str
    marker: str
    users: tuple[str, str]
    task: int
    hidden: int
    key: str
    channel: str
    combat: int
    note: int
    job: int
    sprint: int

    def private(self, user: str) -> str:
        """In what one person was answered for themselves alone."""
        return f"{self.marker}of{self.users.index(user)}"


async def settle(app: App, relay: Blackboard, tenant: str, number: int) -> Place:
    """Fill a place through the App and the store."""
    marker = f"mark{number:02d}zx"
    users = (
        (tenant.partition(":")[2], f"9{number:02d}1")
        if tenant.startswith("user:")
        else (f"9{number:02d}0", f"9{number:02d}1")
    )
    channel, key = f"7{number:02d}", f"key of {marker}"
    board = app.blackboard
    task = await _drafted(board, tenant, users[0], marker, key, ephemeral=False)
    hidden = await _drafted(board, tenant, users[1], f"{marker} {marker}of1", "", ephemeral=True)
    await app.feedback(tenant, Feedback(hidden, users[0], False, f"{marker} wrong", marker, time.time()), role="member")
    combat = 0
    for path, options in (
        ("combat start", {}), ("combat join", {"name": marker, "hp": "9", "ac": "12", "initiative": "20"}),
        ("dnd character", {"set": f"name {marker}, level 2, hp 12, ac 13"}), ("dnd campaign", {"edition": "5.1"}),
    ):  # fmt: skip
        request = Request(tenant, users[0], path.replace(" ", "."), f"/{path}", options, role="admin")
        played = await app.play(Play(request, channel, marker))
        combat = played.view.combat if played.view else combat
    memory = await app._recollection.memory()
    (note,) = await memory.remember(
        [
            NewRecord(
                tenant=tenant, kind="note", text=f"{ASKED}: {marker}", agent_id="person", user=users[0], tags=(marker,)
            )
        ]
    )
    await app.audit("refused", tenant, users[0], detail=marker)
    grant = await board.grants.put(Grant(tenant, users[1], "allow", "role:relay", marker), marker)
    app._policy.standings.add(grant)
    job, sprint = await _job(relay, tenant, users[0], marker)
    return Place(tenant, marker, users, task, hidden, key, channel, combat, note, job, sprint)


async def _drafted(board: Blackboard, tenant: str, user: str, marker: str, key: str, *, ephemeral: bool) -> int:
    request = Request(tenant, user, "ask", f"/ask question: {marker}", {"question": f"{ASKED} {marker}"})
    payload = msgspec.json.encode({"request": request, "block": "general", "topic": None, "key": key})
    delivery = Delivery(1, f"token {marker}", time.time() + 900, 5, ephemeral)
    admission = await board.admit(
        NewTask(tenant, user, "ask", payload, f"interaction {marker}", delivery), (Step("Arbiter", "route", {"reason": marker}),),
        room=1_000, run_now=True,
    )  # fmt: skip
    assert admission is not None and isinstance(admission.lease, Lease)
    lesson = Correction(marker, f"{marker} is wrong", marker)
    await board.reject(admission.lease, retry_count=1, attempt=2, corrections=(lesson,))
    answer = Answer(
        task_id=admission.task_id, status="unchecked", text=f"{marker} stands here", attempts=2, ephemeral=ephemeral
    )
    entry = CacheEntry(key, msgspec.json.encode(answer), 0.95, time.time() + 3_600, 0, time.time()) if key else None
    await board.finish(
        admission.lease, status="done", retry_count=1, result=msgspec.json.encode(answer), cache=entry,
        steps=(Step("Critic", "verdict", {"passed": True, "message": marker}),),
        calls=(CallRecord("groq", marker, "draft", "ok", tokens_in=100, tokens_out=50, note=marker),),
    )  # fmt: skip
    return admission.task_id


async def _job(relay: Blackboard, tenant: str, user: str, marker: str) -> tuple[int, int]:
    new = NewTask(tenant, user, "relay.job", msgspec.json.encode({"goal": marker}), f"job {marker}")
    job = await relay.relay.admit(new, f"/srv/{marker}", marker.encode(), (Step("Desk", "admitted", {"goal": marker}),))
    lease, _ = await relay.relay.take(tenant, job)
    of_sprint = msgspec.structs.replace(new, task_type="relay.sprint", interaction_id=f"sprint {marker}")
    sprint, its = await relay.relay.begin(lease, of_sprint, lambda _: Move(status="running", state=marker.encode()))
    answer = msgspec.json.encode(Answer(task_id=sprint, status="direct", text=marker))
    ending = Ending(sprint=its, status="done", retry_count=0, result=answer, n=1, row=marker.encode(), hashed=b"h")
    body = msgspec.json.encode({"synopsis": marker})
    move = Move(status="running", state=marker.encode(), ending=ending, checkpoint=(1, f"commit {marker}", body))
    await relay.relay.move(lease, move, name="relay-verdict")
    return job, sprint


async def settled(app: App, relay: Blackboard, tenants: list[str]) -> list[Place]:
    """All places, one after another."""
    return [await settle(app, relay, tenant, number) for number, tenant in enumerate(tenants)]
