"""Every command that changes state has somebody who may not use it. A new command without an entry fails here."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agents.contracts import Request, Role
from agents.relay.shown import Person, Wish
from agents.table_contracts import PLAYED_TASKS, Play
from app import App
from blackboard.grants import Grant
from errors import NotAllowed, UserMistake
from settings import HOME
from tests.apps import opened
from tests.discord.conftest import Table, table, text
from tests.guard.states import written
from tests.promises import Promise
from truth_blocks.contracts import Command, SourceFile

GUILD = "guild:77"
MALLORY = "666"
SHEET = '{"name": "Mal", "level": 1, "hp": 8, "ac": 12}'


@dataclass(frozen=True)
class Changes:
    """How a command that changes state is called; ``refused``: what a person without the standing for it reads.

    ``refused`` is empty where every member may use the command: then the policy file, a block of the person and a
    block of the command are all that keeps them out.
    """

    options: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""
    file: str = ""


NO_ROLE = "Only people with a role that was allowed"
ADMIN = "Only people with the role admin"
CHANGES = {
    "/admin grant": Changes({"user": "5", "role": "relay"}, ADMIN),
    "/admin revoke": Changes({"user": "9"}, ADMIN),
    "/admin block": Changes({"user": "5"}, ADMIN),
    "/admin unblock": Changes({"user": "8"}, ADMIN),
    "/ask": Changes({"question": "what is rope made of?"}),
    "/cloud plan": Changes({"request": "a private bucket for logs"}),
    "/combat add": Changes({"creature": "goblin warrior"}, "Only the DM"),
    "/combat again": Changes({"spell": "moonbeam", "target": "Goblin"}, "Only the player of"),
    "/combat attack": Changes({"target": "Goblin"}, "Only the player of"),
    "/combat cast": Changes({"spell": "bless"}, "Only the player of"),
    "/combat condition": Changes({"target": "Goblin", "condition": "prone"}, "Only the DM"),
    "/combat damage": Changes({"target": "Goblin", "amount": "3"}, "Only the DM"),
    "/combat end": Changes({}, "Only the DM"),
    "/combat heal": Changes({"target": "Goblin", "amount": "3"}, "Only the player of"),
    "/combat join": Changes({"name": "Mal", "hp": "8", "ac": "12"}),
    "/combat leave": Changes({"target": "Goblin"}, "Only the player of"),
    "/combat narrate": Changes(),
    "/combat next": Changes({}, "Only the"),
    "/combat ready": Changes({"what": "strike whoever comes"}, "Only the player of"),
    "/combat save": Changes({"target": "Goblin", "ability": "dex", "dc": "12"}, "Only the"),
    "/combat start": Changes(),
    "/combat undo": Changes({}, "Only the DM"),
    "/combat use": Changes({"what": "reaction"}, "Only the player of"),
    "/dnd campaign": Changes({"edition": "5.1"}, "Only admins"),
    "/dnd character": Changes({"set": "name Mal, level 1, hp 8, ac 12"}),
    "/dnd rest": Changes({"kind": "long"}),
    "/dnd rule": Changes({"topic": "grappled"}),
    "/forget": Changes({"note": "1"}, "your own memories only"),
    "/privacy delete": Changes({"confirm": "delete my data"}),
    "/relay allow": Changes({"role": "@relay"}, "Only admins"),
    "/relay approve": Changes({"job": "r1"}, NO_ROLE),
    "/relay hint": Changes({"job": "r1", "text": "try again"}, NO_ROLE),
    "/relay repos": Changes({"add": "/srv/shop"}, "Only the bot's owner"),
    "/relay resume": Changes({"job": "r1"}, NO_ROLE),
    "/relay rollback": Changes({"job": "r1", "checkpoint": "0"}, NO_ROLE),
    "/relay start": Changes({"repo": "shop", "goal": "a goal"}, NO_ROLE),
    "/relay stop": Changes({"job": "r1"}, NO_ROLE),
    "/remember": Changes({"text": "Flanking gives plus two"}),
}
"""Commands that write more than the record of having been asked, or that call a model."""
LOOKS = {
    "/admin audit": {}, "/admin list": {}, "/cloud check": {"text": 'resource "aws_s3_bucket" "b" {}'},
    "/cloud diff": {"before_text": "a = 1", "after_text": "a = 2"}, "/cloud explain": {"text": "a = 1"},
    "/combat status": {}, "/dnd compare": {"name": "fireball"},
    "/dnd encounter": {"party": "3, 3", "difficulty": "high"}, "/dnd monster": {"name": "goblin"},
    "/dnd item": {"name": "longsword"}, "/dnd class": {"name": "wizard", "level": "3"},
    "/dnd odds": {"dice": "1d20", "target": "15"}, "/dnd roll": {"dice": "1d20"}, "/dnd spell": {"name": "fireball"},
    "/help": {}, "/relay ledger": {"job": "r1"}, "/relay status": {}, "/privacy export": {}, "/recall": {"text": "flanking"}, "/status": {}, "/why": {},
}  # fmt: skip
"""Commands that only look; what they may write is that they were asked."""


def called(command: Command, user: str, role: Role = "member") -> Request:
    entry = CHANGES.get(command.path, Changes(LOOKS.get(command.path, {})))
    files = (SourceFile("mal.json", entry.file, "file"),) if entry.file else ()
    options = {**entry.options, **({"channel": "9"} if command.path == "/combat narrate" else {})}
    return Request(GUILD, user, command.task_type, command.path, options, files, role, f"{user} {command.path}")


async def does(app: App, request: Request) -> None:
    if request.task_type in PLAYED_TASKS:
        await app.play(Play(request, "9", "Mal"))
    elif request.task_type.startswith("relay."):
        await asks_the_relay(app, request)
    elif request.task_type == "why":
        await app.why(request.tenant, None, user=request.user, role=request.role)
    else:
        await (await app.submit(request)).wait()


async def asks_the_relay(app: App, request: Request) -> None:
    """As its cog does: the door first, then the office, whose lists decide before any job is looked at."""
    await app.door(request.tenant, request.user, request.role, request.task_type)
    person, do = Person(request.tenant, request.user, request.role), request.task_type.partition(".")[2]
    match do:
        case "allow":
            await app.relay.lists.allow_role(person, 5, remove=False)
        case "repos":
            await app.relay.lists.add_repository(person, request.options["add"], "")
        case "start":
            await app.relay.start(person, Wish(repo="shop", goal="a goal", interaction_id="1"))
        case "status" | "ledger":
            await app.relay.status(person, None)
        case "stop" | "hint" | "resume" | "approve" | "rollback" as deed:
            await app.relay.lists.may(person, deed)


def by_path(app: App) -> dict[str, Command]:
    return {command.path: command for command in app.commands}


@contextlib.asynccontextmanager
async def house(folder: Path, **changes: Any) -> AsyncIterator[App]:
    """A server with a fight under way whose DM is Mira, a note of hers, a grant and a block."""
    async with opened(folder, **changes) as app:
        commands = by_path(app)
        for path, options in (
            ("/combat start", {}), ("/combat add", {"creature": "goblin warrior", "name": "Goblin", "initiative": "1", "hp": "90"}),
            ("/combat join", {"hp": "20", "ac": "15", "initiative": "20"}),
            ("/combat next", {}),
            ("/combat cast", {"spell": "moonbeam", "target": "Goblin", "dc": "12"}), ("/remember", {"text": "Rope is hemp here"}),
        ):  # fmt: skip
            request = Request(GUILD, "1", commands[path].task_type, path, options, role="owner")
            await app.play(Play(request, "9", "Mira"))
        for grant in (Grant(GUILD, "9", "allow", "role:relay", "1"), Grant(GUILD, "8", "block", "*", "1")):
            app._policy.standings.add(await app.blackboard.grants.put(grant, ""))
        yield app


async def refused(app: App, request: Request, sentence: str) -> None:
    """The request is refused with this sentence, and nothing was written of it."""
    before = await asyncio.to_thread(written, app.settings.data_dir)
    with pytest.raises((NotAllowed, UserMistake)) as told:
        await does(app, request)
    assert sentence in str(told.value), request.command
    assert await asyncio.to_thread(written, app.settings.data_dir) == before, request.command


async def test_every_command_has_its_entry(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        assert set(by_path(app)) == set(CHANGES) | set(LOOKS), "say in this file what the new command changes"
        assert not set(CHANGES) & set(LOOKS)


async def test_whoever_has_not_the_standing_for_a_change_is_refused_and_nothing_is_changed(
    tmp_path: Path, promise: Promise
) -> None:
    async with house(tmp_path) as app:
        for path, entry in CHANGES.items():
            if entry.refused:
                await refused(app, called(by_path(app)[path], MALLORY), entry.refused)
    promise(
        "Whoever has not the standing for a change is refused, and nothing is written.",
        count=sum(bool(entry.refused) for entry in CHANGES.values()),
        of="commands",
    )


async def test_a_blocked_person_changes_nothing_and_learns_nothing_by_any_command(
    tmp_path: Path, promise: Promise
) -> None:
    async with house(tmp_path) as app:
        app._policy.standings.add(await app.blackboard.grants.put(Grant(GUILD, MALLORY, "block", "*", "1"), ""))
        for command in app.commands:
            if command.path not in ("/help", "/status"):  # these ask the door alone: see the next test
                await refused(app, called(command, MALLORY), "You are blocked here.")
    promise(
        "A blocked person changes and learns nothing by any command.",
        count=len(CHANGES) + len(LOOKS) - 2,
        of="commands",
    )


async def test_a_block_of_one_command_refuses_it_and_leaves_the_others(tmp_path: Path) -> None:
    async with house(tmp_path) as app:
        for path in CHANGES:
            if not path.startswith("/admin"):
                block = Grant(GUILD, MALLORY, "block", f"command:{path}", "1")
                app._policy.standings.add(await app.blackboard.grants.put(block, ""))
                await refused(app, called(by_path(app)[path], MALLORY), f"You are blocked from {path} here.")
        await does(app, called(by_path(app)["/dnd spell"], MALLORY))


async def test_a_policy_that_wants_admins_refuses_members_every_command(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text((HOME / "policy.toml").read_text().replace('"*" = "member"', '"*" = "admin"'))
    async with house(tmp_path / "data", policy_file=file) as app:
        for path in {**CHANGES, **LOOKS}:
            if path not in ("/help", "/status"):
                await refused(app, called(by_path(app)[path], MALLORY), ADMIN)


async def test_a_policy_that_opens_everything_does_not_open_admin(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('version = 9\n[access]\n"*" = "member"\n"admin.*" = "member"\n')
    async with house(tmp_path / "data", policy_file=file) as app:
        for command in app.commands:
            if command.path.startswith("/admin"):
                await refused(app, called(command, MALLORY), ADMIN)


@contextlib.asynccontextmanager
async def blocked_at_table(folder: Path) -> AsyncIterator[Table]:
    async with table(folder) as at:
        await at.app._recollection.memory()
        done = await at.admin.slash(at.channel, "admin block", user=at.mira)
        assert "Blocked here" in text(done.response)
        yield at


async def test_in_discord_every_command_answers_a_blocked_person_with_one_sentence_for_them_alone(
    tmp_path: Path,
) -> None:
    async with blocked_at_table(tmp_path) as at:
        before = await asyncio.to_thread(written, tmp_path)
        for command in at.app.commands:
            entry = CHANGES.get(command.path, Changes(LOOKS.get(command.path, {})))
            given: dict[str, Any] = {
                name: at.torv if name == "user" else value for name, value in entry.options.items()
            }
            result = await at.mira.slash(at.channel, command.path.lstrip("/"), **given)
            assert result.ephemeral, command.path
            assert "You are blocked here" in text(result.response), command.path
            for option in command.options:
                if option.suggests:
                    prefix = "" if command.path.startswith("/admin") else "g"
                    offered = await at.mira.autocomplete(at.channel, command.path.lstrip("/"), option.name, prefix)
                    assert offered == [], command.path
        assert await asyncio.to_thread(written, tmp_path) == before
