"""The table over a real blackboard: versions, repeated deliveries, who may do what, what is narrated."""

import asyncio
from pathlib import Path

import pytest

from agents.contracts import Request, Role
from agents.table_contracts import Play, Played
from app import App
from errors import NotAllowed, UserMistake
from tests.apps import opened


async def play(
    app: App, do: str, user: str = "dm", *, role: Role = "member", delivery: str | None = None, expected: int | None = None,
    channel: str = "c", **options: str,
) -> Played:  # fmt: skip
    family = "dnd" if do in ("campaign", "character", "encounter", "rest") else "combat"
    request = Request("guild:1", user, f"{family}.{do}", f"/{family} {do}", options, role=role, interaction_id=delivery)
    return await app.play(Play(request, channel, user.capitalize(), expected))


async def begun(app: App) -> None:
    await play(app, "start")
    await play(app, "join", "mira", hp="20", ac="14", initiative="20")
    await play(app, "add", creature="goblin warrior", name="Goblin", initiative="5", hp="500")
    await play(app, "next")


async def test_a_command_delivered_twice_is_carried_out_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        await begun(app)
        first = await play(app, "damage", target="mira", amount="1d6", delivery="i1")
        again = await play(app, "damage", target="mira", amount="1d6", delivery="i1")
        assert (again.text, again.view) == (first.text, first.view)


async def test_commands_at_once_are_carried_out_one_after_the_other(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        await begun(app)
        await asyncio.gather(*(play(app, "damage", target="goblin", amount="1") for _ in range(20)))
        stored = await app.blackboard.combats.open_in("guild:1", "c")
        assert stored is not None
        assert stored.version == 4 + 20


async def test_of_two_clicks_on_one_board_one_acts(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        await begun(app)
        view = (await play(app, "status")).view
        assert view is not None
        both = await asyncio.gather(
            play(app, "next", expected=view.version), play(app, "next", expected=view.version), return_exceptions=True
        )
        assert [type(outcome) for outcome in both].count(UserMistake) == 1
        after = (await play(app, "status")).view
        assert after is not None
        assert after.current == "Goblin"


async def test_players_take_back_their_own_last_command_and_the_dm_any(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        await begun(app)
        with pytest.raises(NotAllowed, match="take back your own"):
            await play(app, "undo", "mira")
        before = (await play(app, "status")).text
        await play(app, "attack", "mira", target="goblin", bonus="5", damage="1d8")
        await play(app, "undo", "mira")
        assert (await play(app, "status")).text == before
        await play(app, "undo", steps="3")
        assert "nobody has joined yet" in (await play(app, "status")).text


async def test_admins_may_do_what_the_dm_may_and_channels_have_fights_of_their_own(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        await begun(app)
        with pytest.raises(NotAllowed):
            await play(app, "end", "ada")
        with pytest.raises(UserMistake, match="no fight in this channel"):
            await play(app, "end", "ada", role="admin", channel="other")
        assert "The fight is over" in (await play(app, "end", "ada", role="admin")).text


async def test_the_campaigns_edition_is_every_answers_and_a_fight_keeps_its_own(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        await begun(app)
        await play(app, "campaign", role="admin", edition="5.1")
        request = Request("guild:1", "mira", "dnd.monster", "/dnd monster name: goblin", {"name": "goblin"})
        answer = (await app.submit(request)).answer
        assert answer is not None
        assert "5.1" in answer.text
        assert "SRD 5.2" in (await play(app, "status")).text
        assert "SRD 5.1" in (await play(app, "start", channel="other")).text


async def rolled(app: App, task_type: str, user: str, tenant: str = "guild:1", **options: str) -> str:
    answer = (await app.submit(Request(tenant, user, task_type, task_type, options))).answer
    assert answer is not None
    return answer.text


async def test_dice_take_their_names_from_the_askers_own_character(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        await play(app, "character", "mira", set="name Mira, level 5, hp 27, str 7, dex 16")
        await play(app, "character", "torv", set="name Torv, level 17, hp 99, str 20")
        assert "1d20+3+3" in await rolled(app, "dnd.roll", "mira", dice="1d20+@Prof+@dex")
        assert "1d20+3+3+(-2)+5" in await rolled(app, "dnd.odds", "mira", dice="1d20+@prof+@dex+@str+@level")
        assert "1d20+6+5" in await rolled(app, "dnd.odds", "torv", dice="1d20+@prof+@str")


async def test_values_said_go_before_the_character_which_fills_the_rest(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        await play(app, "character", "mira", set="name Mira, level 5, hp 27, dex 16")
        for task_type in ("dnd.roll", "dnd.odds"):
            options = {"dice": "1d20+@prof+@dex+@luck", "values": "dex=9 luck=1"}
            assert "1d20+3+9+1" in await rolled(app, task_type, "mira", **options)
            with pytest.raises(UserMistake, match="cannot read"):
                await rolled(app, task_type, "mira", dice="1d20+@dex", values="many")


@pytest.mark.parametrize("task_type", ["dnd.roll", "dnd.odds"])
async def test_a_name_nobody_gave_a_value_is_told_both_ways_to_give_one(tmp_path: Path, task_type: str) -> None:
    async with opened(tmp_path) as app:
        await play(app, "character", "mira", set="name Mira, level 5, hp 27")
        asked = [
            ("mira", "guild:1", "luck"),
            ("mira", "guild:1", "dex"),
            ("ada", "guild:1", "prof"),
            ("mira", "guild:2", "prof"),
        ]
        for user, tenant, name in asked:
            with pytest.raises(UserMistake, match=f"@{name} has no value here.* values: {name}=3.* /dnd character"):
                await rolled(app, task_type, user, tenant, dice=f"1d20+@{name}")


async def test_a_long_stretch_is_narrated_in_parts_and_nothing_is_left_out(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        await begun(app)
        for _ in range(30):
            await play(app, "damage", target="goblin", amount="3")
        request = Request("guild:1", "dm", "combat.narrate", "/combat narrate", {"channel": "c"})
        told = [(await (await app.submit(request)).wait()).text.count("is hurt") for _ in range(2)]
        assert told == [24, 6]
        with pytest.raises(UserMistake, match="Nothing happened"):
            await app.submit(request)
