"""The audit log: what goes in, that nothing goes out, and that every change of it is noticed."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agents.contracts import Request, Role
from agents.table_contracts import Play
from app import App
from blackboard.audit import NewEntry, verify_file
from blackboard.contracts import Feedback
from blackboard.keyfile import load_key
from database import Blackboard
from errors import NotAllowed
from terminal.storage import folder
from tests.apps import opened, rule
from tests.promises import Promise

GUILD = "guild:5"


async def play(app: App, task_type: str, user: str = "1", brings: Role = "admin", **options: str) -> str:
    path = "/" + task_type.replace(".", " ")
    return (await app.play(Play(Request(GUILD, user, task_type, path, options, role=brings), "9"))).text


async def logged(app: App) -> list[tuple[str, str | None, str | None]]:
    entries = await app.blackboard.audit.entries(GUILD, limit=100)
    return [(entry.action, entry.actor, entry.subject) for entry in reversed(entries)]


async def test_what_is_granted_blocked_refused_said_and_taken_is_in_the_log(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        for do, options in (
            ("grant", {"user": "2", "role": "relay"}), ("revoke", {"user": "2"}),
            ("block", {"user": "3"}), ("unblock", {"user": "3"}),
        ):  # fmt: skip
            request = Request(GUILD, "1", f"admin.{do}", f"/admin {do}", options, role="admin")
            await app.play(Play(request, "9"))
        refused = rule(tenant=GUILD, user="4", task_type="ask", options={"question": "write ransomware please"})
        await (await app.submit(refused)).wait()
        with pytest.raises(NotAllowed):
            await app.door(GUILD, "4", "member", "admin.list")
        ticket = await app.submit(rule(tenant=GUILD, user="4", offline=True))
        await ticket.wait()
        said = Feedback(ticket.task_id or 0, "4", right=False, wrong="the speed")
        await app.feedback(GUILD, said, role="member")
        await play(app, "privacy.export", "4", "member")
        await play(app, "privacy.delete", "4", "member", confirm="delete my data")
        assert await logged(app) == [
            ("grant", "1", "2"), ("revoke", "1", "2"), ("block", "1", "3"), ("unblock", "1", "3"),
            ("refused", None, None), ("refused", None, None), ("feedback.wrong", None, None),
            ("privacy.export", None, None), ("privacy.delete", "", ""),
        ]  # fmt: skip
        assert await app.blackboard.audit.verify() == []
        assert await app.blackboard.check() == []


async def test_the_same_refusal_again_is_counted_not_written_so_that_nobody_fills_the_disk(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        app._guard._clock = iter([0.0, 1.0, 2.0, 700.0]).__next__
        for _ in range(4):
            with pytest.raises(NotAllowed):
                await app.door(GUILD, "4", "member", "admin.list")
        newest, oldest = await app.blackboard.audit.entries(GUILD)
        assert "2 times more" in (newest.detail or "") and "times more" not in (oldest.detail or "")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET action = 'x' WHERE n = 1",
        "DELETE FROM audit WHERE n = 2",
        "INSERT OR REPLACE INTO audit SELECT 1, at, tenant, action, words_hash, hash FROM audit WHERE n = 2",
        "INSERT INTO audit SELECT 9, at, tenant, action, words_hash, hash FROM audit WHERE n = 2",
        "UPDATE OR REPLACE audit SET n = 1 WHERE n = 2",
        "UPDATE audit_words SET detail = 'x'",
        "INSERT OR REPLACE INTO audit_words VALUES (1, 'a', 'b', 'c', 'd')",
        "UPDATE audit_tip SET n = 1",
        "DELETE FROM audit_tip",
        "INSERT OR REPLACE INTO audit_tip VALUES (1, 0, x'')",
    ],
)
async def test_no_statement_changes_or_takes_out_a_row(tmp_path: Path, statement: str, promise: Promise) -> None:
    board = await Blackboard.open(tmp_path)
    try:
        for number in range(3):
            await board.audit.record(NewEntry(GUILD, "grant", "1", "2", f"row {number}"))
        with pytest.raises(Exception, match="append-only"):
            await board._writer.run("forged", lambda c: c.execute(statement).rowcount)
        assert await board.audit.verify() == []
    finally:
        await board.close()
    promise("No statement changes or takes out a row of the audit log.", count=1, of="kinds of statement")


def without_triggers(statement: str) -> Callable[[sqlite3.Connection], Any]:
    def change(connection: sqlite3.Connection) -> None:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
        connection.commit()

    return change


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE audit SET action = 'block' WHERE n = 2", "Row 2 of the audit log was altered"),
        ("UPDATE audit SET tenant = 'guild:6' WHERE n = 2", "Row 2 of the audit log was altered"),
        ("UPDATE audit SET at = at + 1 WHERE n = 3", "Row 3 of the audit log was altered"),
        ("UPDATE audit_words SET actor = '8' WHERE n = 2", "words of row 2"),
        ("UPDATE audit_words SET tenant = 'guild:6' WHERE n = 2", "words of row 2"),
        ("DELETE FROM audit WHERE n = 2", "lacks row 2"),
        ("DELETE FROM audit WHERE n = 4", "ends at row 3"),
        ("DELETE FROM audit", "ends at row 0"),
    ],
)
async def test_whoever_writes_the_file_itself_is_found_out_by_the_app_and_by_doctor(
    tmp_path: Path, statement: str, says: str, promise: Promise
) -> None:
    board = await Blackboard.open(tmp_path)
    for number in range(4):
        await board.audit.record(NewEntry(GUILD, "grant", "1", "2", f"row {number}"))
    await board.close()

    def forge() -> list[str]:
        connection = sqlite3.connect(tmp_path / "vespera.sqlite")
        without_triggers(statement)(connection)
        found = verify_file(connection, load_key(tmp_path))
        connection.close()
        return found

    assert says in (await asyncio.to_thread(forge))[0]
    found = await asyncio.to_thread(folder, tmp_path)
    assert [finding for finding in found if finding.name == "audit" and not finding.ok and says in finding.text]
    board = await Blackboard.open(tmp_path)
    try:
        assert says in (await board.audit.verify())[0]
    finally:
        await board.close()
    promise("Who writes the audit log's file itself is found out.", count=1, of="ways to forge")


async def test_a_log_made_anew_without_the_key_does_not_hold(tmp_path: Path) -> None:
    for name in ("mine", "forged"):
        board = await Blackboard.open(tmp_path / name)
        await board.audit.record(NewEntry(GUILD, "grant", "1", "2", "as it was"))
        await board.close()

    def verified() -> list[str]:
        connection = sqlite3.connect(tmp_path / "forged" / "vespera.sqlite")
        try:
            return verify_file(connection, load_key(tmp_path / "mine"))
        finally:
            connection.close()

    assert "Row 1" in (await asyncio.to_thread(verified))[0]


async def test_erasing_a_person_takes_the_words_and_keeps_the_digests(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path)
    try:
        await board.audit.record(NewEntry(GUILD, "refused", "424242", "", "private words of 424242"))
        await board.audit.record(NewEntry(GUILD, "block", "1", "424242", ""))
        await board.audit.record(NewEntry("guild:6", "refused", "424242", "", "elsewhere"))
        await board.erase_user(GUILD, "424242")
        here = await board.audit.entries(GUILD)
        assert [(entry.action, entry.actor, entry.detail) for entry in here] == [
            ("block", None, None), ("refused", None, None),
        ]  # fmt: skip
        assert (await board.audit.entries("guild:6"))[0].detail == "elsewhere"
        assert await board.audit.verify() == []
        await board.erase_user("guild:6", "424242")
        assert await board.places_of("424242") == []
    finally:
        await board.close()
    assert not any(b"private words of" in path.read_bytes() for path in tmp_path.glob("*.sqlite"))


async def test_old_words_go_by_age_and_the_chain_still_holds(tmp_path: Path) -> None:
    now = [1_000_000.0]
    board = await Blackboard.open(tmp_path, clock=lambda: now[0])
    try:
        await board.audit.record(NewEntry(GUILD, "grant", "1", "2"))
        now[0] += 100 * 86_400
        await board.audit.record(NewEntry(GUILD, "revoke", "1", "2"))
        await board.prune(keep_days=1, keep_trace_days=1, keep_audit_days=90)
        assert [entry.actor for entry in await board.audit.entries(GUILD)] == ["1", None]
        assert await board.audit.verify() == []
    finally:
        await board.close()


async def test_admin_audit_shows_the_newest_says_whether_the_log_is_whole_and_keeps_servers_apart(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as app:
        for number in range(20):
            await app.audit("grant", GUILD, "1", subject="2", detail=f"number {number}")
        await app.audit("block", "guild:6", "1", subject="3", detail="secret of another server")
        request = Request(GUILD, "1", "admin.audit", "/admin audit", {}, role="admin")
        told = await app.play(Play(request, "9"))
        assert told.text.startswith("✓ The log is whole") and "number 19" in told.text and "before: 6" in told.text
        document = msgspec.json.decode(told.files[0].content)
        assert len(document["entries"]) == 20 and "another server" not in told.files[0].content
        with pytest.raises(NotAllowed, match="owner"):
            await play(app, "admin.audit", everywhere="true")
        assert "another server" in await play(app, "admin.audit", "1", "owner", everywhere="true")
        assert "number 4" in await play(app, "admin.audit", before="6")


async def test_a_secret_in_a_detail_is_redacted_before_it_is_written(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        await app.audit("grant", GUILD, "1", detail="key gsk_" + "a1" * 12)
        assert (await app.blackboard.audit.entries(GUILD))[0].detail == "key [redacted]"
