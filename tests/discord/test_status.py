"""`/status`: in words, the same for everybody, with more for those who look after it."""

import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from agents.health import Health, Inside, ModelState
from app import App
from blackboard.contracts import StoreHealth
from cogs.health import Mark, report
from tests.discord.conftest import Table, table, text
from tests.terminal.running import vespera

STORE = StoreHealth(0, 0, 12, 5, 0, 5_000_000, 1_000, "3.45", 0)


def health(**changes: object) -> Health:
    values: dict[str, object] = {
        "store": STORE, "running_limit": 3, "waiting_limit": 10, "models": (), "blocks": (("dnd5e", "data 1, checks 2"),),
        "policy_version": 1, "uptime_s": 7_320.0,
    }  # fmt: skip
    return Health(**(values | changes))  # type: ignore[arg-type]


async def test_a_member_sees_how_it_is_and_not_what_lies_behind(at_table: Table) -> None:
    result = await at_table.mira.slash(at_table.channel, "status")
    shown = text(result.response)
    assert result.ephemeral
    assert "✓ all is well" in shown and "0 of 3 being made, 0 of 10 waiting" in shown
    for hidden in ("MB", "Backup", "identifies", "Delivery", "Relay"):
        assert hidden not in shown


async def test_an_admin_sees_store_backup_and_identifies(at_table: Table) -> None:
    await at_table.app.blackboard.set_state(
        "last_backup", f'{{"made_at": {time.time() - 7_200}, "file": "b", "bytes": 1, "damaged": 0}}'
    )
    shown = text((await at_table.admin.slash(at_table.channel, "status")).response)
    assert "**Backup**  2 h 0 min old" in shown
    assert "no damage seen" in shown and "identifies left today" in shown
    assert "✓ all is well" in shown


async def test_no_other_servers_doings_are_in_it(tmp_path: Path) -> None:
    async with table(tmp_path) as seated:
        await seated.mira.slash(seated.channel, "dnd rule", topic="grappled")
        for actor in (seated.mira, seated.admin):
            shown = text((await actor.slash(seated.channel, "status")).response)
            assert "grappled" not in shown and "mira" not in shown and str(seated.guild.id) not in shown


@pytest.mark.parametrize(
    ("given", "mark", "word"),
    [
        (health(), "well", "none configured"),
        (health(store=replace(STORE, queued=2, running=3)), "strained", "3 of 3 being made, 2 of 10 waiting"),
        (health(store=replace(STORE, queued=10, running=3)), "wrong", "told to come back"),
        (health(store=replace(STORE, quarantined=1), inside=Inside(time.time())), "wrong", "set aside"),
        (
            health(models=(ModelState("groq", "m", "ready"), ModelState("gemini", "g", "resting"))),
            "strained",
            "gemini left",
        ),
        (health(models=(ModelState("groq", "m", "resting"),)), "wrong", "look-ups, rolls and cached answers work"),
        (health(inside=Inside(backup_at=time.time() - 9 * 86_400)), "wrong", "9 d"),
        (health(inside=Inside()), "strained", "none was made yet"),
        (health(inside=Inside(time.time(), 1_234, {"escalated": 1, "done": 2})), "strained", "a person is asked"),
    ],
)
def test_the_headline_is_the_worst_of_the_lines(given: Health, mark: Mark, word: str) -> None:
    told = report(given)
    assert told.mark == mark
    assert word in told.plain()
    assert told.plain().startswith("Vespera: ")


async def test_the_app_gives_the_inside_to_admins_and_jobs_to_the_owner_alone(tmp_path: Path) -> None:
    async with table(tmp_path) as seated:
        app: App = seated.app
        assert (await app.status("guild:1")).inside is None
        admin = (await app.status("guild:1", "admin")).inside
        assert admin is not None and admin.relay_jobs == {}


def test_the_terminal_shows_the_same_with_all_of_it(tmp_path: Path) -> None:
    done = vespera("ask", "/status", data_dir=tmp_path)
    assert done.code == 0
    assert done.out.startswith("Vespera: ")
    assert "Answers   0 of 3 being made" in done.out and "Backup" in done.out
