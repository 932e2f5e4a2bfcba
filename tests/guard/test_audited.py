"""Which commands leave a row in the audit log. A command for few people that leaves none says here why."""

import asyncio
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from app import App
from blackboard.audit import Action
from errors import NotAllowed, UserMistake
from tests.guard.test_every_command import CHANGES, GUILD, MALLORY, by_path, called, does, house
from tests.promises import Promise
from tests.relay.house import make_repo

AUDITED: dict[str, Action] = {
    "/admin grant": "grant", "/admin revoke": "revoke", "/admin block": "block", "/admin unblock": "unblock",
    "/privacy export": "privacy.export", "/privacy delete": "privacy.delete", "/relay allow": "relay.allow",
    "/relay approve": "relay.approve", "/relay repos": "relay.repos", "/relay rollback": "relay.rollback",
    "/relay stop": "relay.stop",
}  # fmt: skip
NOT_COMMANDS: dict[Action, str] = {
    "refused": "written by the door",
    "feedback.wrong": "a button",
    "relay.merge": "the relay's own deed after an approval",
    "backup": "a timer or the terminal",
    "restore": "the terminal",
    "key.rotate": "the terminal",
}
TOLD_ELSEWHERE = {
    "/dnd campaign": "changes no right; the edition stands on every answer",
    "/relay hint": "a signed row of the job's own trace",
    "/relay resume": "a signed row of the job's own trace",
    "/relay start": "the job itself, with who asked for it",
}
BY_THE_RELAY = {"/relay approve", "/relay rollback", "/relay stop"}
"""Need a job at work; `tests/discord/test_relay.py` looks at their rows."""
FOR_FEW = ("Only people with", "Only admins", "Only the bot's owner")


def test_every_command_for_few_people_is_audited_or_says_where_else_it_is_told() -> None:
    for_few = {path for path, entry in CHANGES.items() if entry.refused.startswith(FOR_FEW)}
    assert for_few <= set(AUDITED) | set(TOLD_ELSEWHERE)
    assert not set(AUDITED) & set(TOLD_ELSEWHERE)
    assert set(AUDITED.values()) | set(NOT_COMMANDS) == set(get_args(Action))


async def rows(app: App) -> list[tuple[str, str | None]]:
    """Action and actor of every row of this server, the oldest first."""
    entries = await app.blackboard.audit.entries(GUILD, limit=1_000)
    return [(entry.action, entry.actor) for entry in reversed(entries)]


async def test_each_of_them_leaves_one_row_with_who_did_it(tmp_path: Path, promise: Promise) -> None:
    repo = await asyncio.to_thread(make_repo, tmp_path)
    async with house(tmp_path / "data") as app:
        for path in sorted(set(AUDITED) - BY_THE_RELAY, key="/privacy delete".__eq__):
            before, request = await rows(app), called(by_path(app)[path], "1", "owner")
            if path == "/relay repos":
                request = msgspec.structs.replace(request, options={"add": str(repo)})
            await does(app, request)
            action = AUDITED[path]
            assert (await rows(app))[len(before) :] == [(action, "" if action == "privacy.delete" else "1")], path
        assert await app.blackboard.audit.verify() == []
    promise(
        "Every command for few people leaves a row in the audit log.",
        count=len(AUDITED) - len(BY_THE_RELAY),
        of="commands",
    )


async def test_a_refused_one_leaves_no_row_of_its_deed(tmp_path: Path) -> None:
    async with house(tmp_path) as app:
        before = await rows(app)
        for path in sorted(set(AUDITED) - {"/privacy export", "/privacy delete"}):
            with pytest.raises((NotAllowed, UserMistake)):
                await does(app, called(by_path(app)[path], MALLORY))
        assert {action for action, _ in (await rows(app))[len(before) :]} <= {"refused"}
