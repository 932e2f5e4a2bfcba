"""Grants and blocks as people meet them in Discord, and what they mean to the policy."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from agents.contracts import Request, Role
from agents.policy import NO_RELAY
from agents.relay.shown import Person
from agents.table_contracts import Play
from app import App
from errors import NotAllowed, UserMistake
from tests.apps import opened
from tests.discord.conftest import Table, labels, shown, text
from tests.guard.states import written

GUILD = "guild:5"
POLICY = 'version = 7\n[access]\n"*" = "member"\n"cloud.*" = "admin"\n"combat.start" = "owner"\n'


async def admin(app: App, do: str, by: str = "1", brings: Role = "admin", tenant: str = GUILD, **options: str) -> str:
    request = Request(tenant, by, f"admin.{do}", f"/admin {do}", options, role=brings)
    return (await app.play(Play(request, "9"))).text


def plan(user: str = "2", tenant: str = GUILD) -> Request:
    return Request(tenant, user, "cloud.plan", "/cloud plan", {"request": "a private bucket"}, offline=True)


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    file = tmp_path / "policy.toml"
    file.write_text(POLICY)
    return file


async def test_a_granted_command_is_open_to_that_person_in_that_server_alone_and_outlives_a_restart(
    tmp_path: Path, policy: Path
) -> None:
    async with opened(tmp_path / "data", policy_file=policy) as app:
        assert "Granted to <@2> here" in await admin(app, "grant", user="<@2>", command="cloud plan")
    async with opened(tmp_path / "data", policy_file=policy) as app:
        assert (await (await app.submit(plan())).wait()).ok
        for request in (plan("3"), plan(tenant="guild:6"), plan(tenant="user:2")):
            with pytest.raises(NotAllowed, match="An admin can grant it with /admin grant"):
                await app.submit(request)
        assert "/cloud plan" in app.help(None, "member", tenant=GUILD, user="2")
        assert "/cloud plan" not in app.help(None, "member", tenant=GUILD, user="3")


async def test_a_family_is_granted_and_taken_back_as_one(tmp_path: Path, policy: Path) -> None:
    async with opened(tmp_path / "data", policy_file=policy) as app:
        await admin(app, "grant", user="2", command="/cloud")
        await app.door(GUILD, "2", "member", "cloud.check")
        assert "Taken back from <@2> here: `/cloud`" in await admin(app, "revoke", user="2", command="/cloud")
        with pytest.raises(NotAllowed):
            await app.door(GUILD, "2", "member", "cloud.check")


async def test_a_granted_admin_is_one_here_but_makes_no_admins_and_blocks_none(tmp_path: Path, policy: Path) -> None:
    async with opened(tmp_path / "data", policy_file=policy) as app:
        for user in ("2", "3"):
            await admin(app, "grant", user=user, role="admin")
        assert app.role_of(GUILD, "2", "member") == "admin" and app.role_of("guild:6", "2", "member") == "member"
        assert "blocked" in (await admin(app, "block", by="2", brings="member", user="4")).lower()
        for do, options in (
            ("grant", {"user": "4", "role": "admin"}), ("revoke", {"user": "3", "role": "admin"}),
            ("block", {"user": "3"}), ("block", {"user": "4", "everywhere": "true"}),
        ):  # fmt: skip
            with pytest.raises(NotAllowed, match="Nothing was changed"):
                await admin(app, do, "2", "member", GUILD, **options)
        with pytest.raises(NotAllowed, match="owner's to grant"):
            await admin(app, "grant", by="2", brings="member", user="4", command="/combat")


async def test_who_may_manage_the_server_is_never_locked_out_of_admin_nor_the_owner_out_of_anything(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as app:
        for user in ("7", "8"):
            await admin(app, "block", user=user)
        with pytest.raises(NotAllowed, match="blocked"):
            await app.door(GUILD, "7", "admin", "dnd.roll")
        assert "No longer blocked" in await admin(app, "unblock", by="7", user="7")
        await app.door(GUILD, "8", "owner", "dnd.roll")


async def test_the_owner_blocks_someone_everywhere_who_keeps_the_right_to_their_data(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        assert "on every server" in await admin(app, "block", brings="owner", user="7", everywhere="true")
        for place, task in ((GUILD, "dnd.roll"), ("guild:6", "why"), ("user:7", "ask"), (GUILD, "privacy.export")):
            with pytest.raises(NotAllowed, match="Only the bot's owner can lift it"):
                await app.door(place, "7", "member", task)
        await app.door("user:7", "7", "member", "privacy.delete")
        assert "on every server" in await admin(app, "list", brings="owner")
        assert "nobody is blocked" in await admin(app, "list")
        await admin(app, "unblock", brings="owner", user="7", everywhere="true")
        await app.door(GUILD, "7", "member", "dnd.roll")


async def test_the_role_relay_is_what_starting_jobs_asks_for(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        for role in ("member", "admin"):
            with pytest.raises(NotAllowed) as told:
                app.check_relay(GUILD, "2", role)
            assert str(told.value) == NO_RELAY
        with pytest.raises(NotAllowed, match="/admin grant"):
            await app.relay.status(Person(GUILD, "2", "member"), None)
        await admin(app, "grant", user="2", role="relay")
        assert await app.relay.status(Person(GUILD, "2", "member"), None) == []
        app.check_relay(GUILD, "2", "member")
        app.check_relay(GUILD, "1", "owner")
        with pytest.raises(NotAllowed):
            app.check_relay("guild:6", "2", "member")
        await admin(app, "block", user="2")
        with pytest.raises(NotAllowed, match="blocked"):
            app.check_relay(GUILD, "2", "member")


@pytest.mark.parametrize(
    ("do", "options", "says"),
    [
        ("grant", {"user": "2"}, "Say what to grant"),
        ("grant", {"user": "2", "role": "relay", "command": "/ask"}, "not both"),
        ("grant", {"user": "two people", "role": "relay"}, "user: is a person"),
        ("grant", {"user": "2", "command": "/cloud pl"}, "Known: /cloud"),
        ("grant", {"user": "2", "command": "/admin audit"}, "granted as a whole"),
        ("revoke", {"user": "2"}, "Nothing of that kind"),
        ("unblock", {"user": "2"}, "Nothing of that kind"),
        ("block", {"user": "1"}, "cannot block yourself"),
        ("audit", {"before": "yesterday"}, "number of an entry"),
    ],
)
async def test_a_mistake_is_told_and_changes_nothing(
    tmp_path: Path, do: str, options: dict[str, str], says: str
) -> None:
    async with opened(tmp_path) as app:
        with pytest.raises(UserMistake, match=says):
            await admin(app, do, "1", "admin", GUILD, **options)
        assert await app.blackboard.grants.all() == []
        assert await app.blackboard.audit.entries(GUILD) == []


async def test_what_stands_already_is_not_written_twice_and_a_direct_message_has_no_grants(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        await admin(app, "grant", user="2", role="relay")
        with pytest.raises(UserMistake, match="stands already"):
            await admin(app, "grant", user="2", role="relay")
        with pytest.raises(UserMistake, match="not to a direct message"):
            await admin(app, "grant", brings="owner", tenant="user:1", user="2", command="/ask")


async def test_a_damaged_grant_gives_nothing_and_a_damaged_block_still_holds(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        await admin(app, "grant", user="2", role="relay")
        await admin(app, "block", user="3")
    connection = sqlite3.connect(tmp_path / "vespera.sqlite")
    connection.execute("UPDATE grants SET given_by = 'x'")
    connection.commit()
    connection.close()
    async with opened(tmp_path) as app:
        assert not app._policy.standings.holds(GUILD, "2", "relay")
        with pytest.raises(NotAllowed):
            await app.door(GUILD, "3", "member", "ask")
        assert [line for line in await app.blackboard.check() if "Grant" in line]


async def test_in_discord_an_admin_grants_blocks_and_lists_by_picking_a_person(at_table: Table) -> None:
    refused = await at_table.mira.slash(at_table.channel, "admin grant", user=at_table.torv, role="relay")
    assert refused.ephemeral and "Only people with the role admin" in text(refused.response)
    granted = await at_table.admin.slash(at_table.channel, "admin grant", user=at_table.torv, role="relay")
    assert granted.ephemeral and f"<@{at_table.torv.id}> here: the role *relay*" in text(granted.response)
    listed = await at_table.admin.slash(at_table.channel, "admin list")
    assert f"<@{at_table.torv.id}> has the role *relay*" in text(listed.response)
    offered = await at_table.admin.autocomplete(at_table.channel, "admin grant", "command", "cloud pl")
    assert [choice["value"] for choice in offered] == ["/cloud plan"]
    assert await at_table.mira.autocomplete(at_table.channel, "admin grant", "command", "cloud pl") == []


async def test_in_discord_a_granted_admin_sees_what_admins_see(at_table: Table) -> None:
    await at_table.mira.slash(at_table.channel, "dnd rule", topic="grappled")
    before = await at_table.torv.slash(at_table.channel, "why", task="1")
    await at_table.admin.slash(at_table.channel, "admin grant", user=at_table.torv, role="admin")
    after = await at_table.torv.slash(at_table.channel, "why", task="1")
    assert "Only the person who asked and admins" in text(before.response)
    assert "Why: task 1" in text(after.response)


async def test_a_blocked_person_gets_one_sentence_on_every_button_menu_and_form(
    at_table: Table, tmp_path: Path
) -> None:
    at, mira = at_table, at_table.mira
    answer = shown(await mira.slash(at.channel, "dnd rule", topic="grappled"))
    form = await mira.click(answer, label="Wrong")
    why = shown(await mira.click(answer, label="Why?"))
    board = shown(await mira.slash(at.channel, "combat start"))
    await mira.slash(at.channel, "combat join", name="Mira", hp="9", ac="12")
    board = shown(await mira.slash(at.channel, "combat status"))
    await at.admin.slash(at.channel, "admin block", user=mira)
    before = await asyncio.to_thread(written, at.app.settings.data_dir)
    results = [await mira.click(answer, label=label) for label in labels(answer)]
    results += [await mira.click(board, label=label) for label in labels(board)]
    results.append(await mira.submit_modal(form, {"wrong": "all of it", "should_be": ""}))
    results.append(await mira.select(why, ["0"]))
    results.append(await mira.context_menu(at.channel, "Why this?", answer.message))
    assert len(results) >= 10
    for result in results:
        assert result.ephemeral and result.modal is None
        assert text(result.response) == "You are blocked here. Nothing was done. An admin of this server can lift it."
    assert await asyncio.to_thread(written, at.app.settings.data_dir) == before
    await at.admin.slash(at.channel, "admin unblock", user=mira)
    assert "Why: task 1" in text((await mira.click(answer, label="Why?")).response)
