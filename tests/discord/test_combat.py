"""Fights in Discord: the real bot, the real engine, the real blackboard."""

import asyncio
from pathlib import Path
from typing import Any

from app import App
from cogs.front import Front
from tests.apps import settings_for
from tests.discord.conftest import Table, labels, shown, table, text, walk

HERO = "name Mira, level 3, hp 24, ac 15, dex 16, con 14, attack Rapier +5 1d8+3 piercing, slots 4 2, spell_save_dc 13"


async def begin(seat: Table) -> Any:
    """Ada is the DM; Mira joins first in the order; one goblin."""
    board = shown(await seat.admin.slash(seat.channel, "combat start"))
    await seat.mira.slash(seat.channel, "dnd character", set=HERO)
    await seat.mira.slash(seat.channel, "combat join", initiative="20")
    await seat.admin.slash(seat.channel, "combat add", creature="goblin warrior", name="Goblin", initiative="5")
    return board


def board_of(seat: Table) -> str:
    return text(seat.channel.history()[0])


def log_of(seat: Table) -> str:
    """Everything in the fight's thread."""
    (thread,) = seat.channel.threads
    return "\n".join(text(message) for message in thread.history())


async def test_a_fight_is_one_message_edited_in_place_with_a_thread_as_its_log(at_table: Table) -> None:
    board = await begin(at_table)
    assert labels(board) == ["Attack", "Cast", "Next turn", "⋯"]
    said = await at_table.admin.slash(at_table.channel, "combat next")
    assert said.ephemeral
    now = board_of(at_table)
    assert "**Round 1** · turn: **Mira** (initiative 20) · SRD 5.2" in now
    assert "24/24" in now
    assert "unhurt" in now
    assert len([m for m in at_table.channel.history() if labels(m)]) == 1
    assert "Mira joins, initiative 20 (pinned)." in log_of(at_table)
    assert "Round 1: Mira's turn." in log_of(at_table)


async def test_an_attack_shows_its_dice_and_the_monsters_health_in_words(at_table: Table) -> None:
    await begin(at_table)
    await at_table.admin.slash(at_table.channel, "combat next")
    said = await at_table.mira.slash(at_table.channel, "combat attack", target="goblin", mode="advantage")
    assert "Mira → Goblin, Rapier: 2d20kh1+5" in text(said.response)
    assert "against AC 15" in text(said.response)
    await at_table.admin.slash(at_table.channel, "combat damage", target="goblin", amount="9", type="fire")
    assert any(word in board_of(at_table) for word in ("nearly dead", "dead"))


async def test_the_button_for_the_next_turn_edits_the_board_and_works_once(at_table: Table) -> None:
    board = await begin(at_table)
    board = at_table.channel.history()[0]
    old = next(item["custom_id"] for item in walk(board.components) if item.get("label") == "Next turn")
    await at_table.admin.click(board, label="Next turn")
    assert "turn: **Mira**" in board_of(at_table)
    first = at_table.channel.history()[0]
    await at_table.mira.click(first, label="Next turn")
    assert "turn: **Goblin**" in board_of(at_table)
    refused = await at_table.torv.click(at_table.channel.history()[0], label="Next turn")
    assert "Only the player of Goblin and the DM" in text(refused.response)
    assert refused.ephemeral
    assert at_table.app.component_ids.read(old, f"guild:{at_table.guild.id}")[0] == "fight-next"


async def test_two_clicks_at_once_cannot_both_act(at_table: Table) -> None:
    await begin(at_table)
    board = at_table.channel.history()[0]
    both = await asyncio.gather(
        at_table.admin.click(board, label="Next turn"),
        at_table.admin.click(board, label="Next turn"),
        return_exceptions=True,
    )
    assert "turn: **Mira**" in board_of(at_table)
    assert len(both) == 2


async def test_the_attack_button_offers_attacks_and_targets(at_table: Table) -> None:
    await begin(at_table)
    await at_table.admin.slash(at_table.channel, "combat next")
    offered = await at_table.mira.click(at_table.channel.history()[0], label="Attack")
    assert offered.ephemeral
    select = next(item for item in walk(shown(offered).components) if item.get("type") == 3)
    assert [option["label"] for option in select["options"]] == ["Rapier → Goblin"]
    done = await at_table.mira.select(shown(offered), [select["options"][0]["value"]])
    assert "Mira → Goblin" in text(done.response)


async def test_a_choice_offered_before_the_fight_moved_on_does_nothing(at_table: Table) -> None:
    await begin(at_table)
    await at_table.admin.slash(at_table.channel, "combat next")
    offered = await at_table.mira.click(at_table.channel.history()[0], label="Attack")
    await at_table.admin.slash(at_table.channel, "combat damage", target="goblin", amount="1")
    select = next(item for item in walk(shown(offered).components) if item.get("type") == 3)
    again = await at_table.mira.select(shown(offered), [select["options"][0]["value"]])
    assert "moved on" in text(again.response)
    assert "Mira → Goblin" not in board_of(at_table)


async def test_the_cast_button_opens_a_form_and_spends_the_slot(at_table: Table) -> None:
    await begin(at_table)
    await at_table.admin.slash(at_table.channel, "combat next")
    form = await at_table.mira.click(at_table.channel.history()[0], label="Cast")
    assert form.modal is not None
    said = await at_table.mira.submit_modal(form, {"spell": "burning hands", "target": "goblin", "slot": "2"})
    assert "Mira casts Burning Hands with a level 2 slot on Goblin." in text(said.response)
    assert "against DC 13" in text(said.response)


async def test_more_offers_undo_narrate_and_end(at_table: Table) -> None:
    await begin(at_table)
    await at_table.admin.slash(at_table.channel, "combat next")
    more = await at_table.admin.click(at_table.channel.history()[0], label="⋯")
    assert labels(shown(more)) == ["Undo", "Narrate", "End"]
    undone = await at_table.admin.click(shown(more), label="Undo")
    assert "Taken back" in text(undone.response)
    assert "waiting for the first turn" in board_of(at_table)
    more = await at_table.admin.click(at_table.channel.history()[0], label="⋯")
    theirs = await at_table.torv.click(at_table.channel.history()[0], label="⋯")
    refused = await at_table.torv.click(shown(theirs), label="End")
    assert "Only the DM" in text(refused.response)
    ended = await at_table.admin.click(shown(more), label="End")
    assert "The fight is over." in text(ended.response)
    assert labels(at_table.channel.history()[0]) == []


async def test_mistakes_are_plain_sentences_for_the_asker_alone_and_change_nothing(at_table: Table) -> None:
    none = await at_table.mira.slash(at_table.channel, "combat next")
    assert "There is no fight in this channel" in text(none.response)
    await begin(at_table)
    before = await at_table.app.blackboard.combats.open_in(f"guild:{at_table.guild.id}", str(at_table.channel.id))
    refused = [
        await at_table.admin.slash(at_table.channel, "combat start"),
        await at_table.admin.slash(at_table.channel, "combat add", creature="zzgoblin"),
        await at_table.admin.slash(at_table.channel, "combat attack", target="goblin"),
        await at_table.torv.slash(at_table.channel, "combat damage", target="mira", amount="5"),
        await at_table.admin.slash(at_table.channel, "combat damage", target="mira", amount="999999d999999"),
        await at_table.admin.slash(at_table.channel, "combat damage", target="nobody", amount="5"),
        await at_table.admin.slash(at_table.channel, "combat undo", steps="99"),
        await at_table.torv.slash(at_table.channel, "combat join"),
    ]
    said = [text(result.response) for result in refused]
    assert all(result.ephemeral for result in refused)
    for part, sentence in zip(
        (
            "already",
            "Closest",
            "has not begun",
            "Only the DM",
            "Nothing was rolled",
            "not in this fight",
            "can be undone",
            "no character sheet",
        ),
        said,
        strict=True,
    ):
        assert part in sentence, sentence
    assert await at_table.app.blackboard.combats.open_in(before.tenant, before.channel) == before if before else False


async def test_a_secret_roll_is_for_the_dm_alone(at_table: Table) -> None:
    await begin(at_table)
    rolled = await at_table.admin.slash(
        at_table.channel, "combat save", target="goblin", ability="dex", dc="12", hidden=True
    )
    assert rolled.ephemeral
    assert "DEX save" in text(rolled.response)
    assert "DEX save" not in board_of(at_table)
    assert "The DM rolls in secret." in board_of(at_table)
    refused = await at_table.mira.slash(
        at_table.channel, "combat save", target="mira", ability="dex", dc="12", hidden=True
    )
    assert "Only the DM rolls in secret" in text(refused.response)


async def test_a_fight_is_narrated_through_the_pipeline_and_told_once(at_table: Table) -> None:
    await begin(at_table)
    await at_table.admin.slash(at_table.channel, "combat next")
    await at_table.mira.slash(at_table.channel, "combat attack", target="goblin", bonus="40", damage="1")
    await at_table.admin.slash(at_table.channel, "combat damage", target="goblin", amount="99")  # No natural 1 misses.
    told = await at_table.admin.slash(at_table.channel, "combat narrate")
    assert "✓" in text(told.response)
    assert "Goblin dies" in text(told.response)
    assert labels(told.response) == ["Why?", "Right", "Wrong"]
    again = await at_table.admin.slash(at_table.channel, "combat narrate")
    assert "Nothing happened since" in text(again.response)


async def test_a_restart_keeps_the_fight_and_its_buttons(tmp_path: Path) -> None:
    async with table(tmp_path) as seated:
        await begin(seated)
        board = seated.channel.history()[0]
        await seated.app.close()
        app = await App.open(settings_for(tmp_path))
        try:
            await seated.env.restart_bot(Front(app))
            await seated.admin.click(board, label="Next turn")
            assert "turn: **Mira**" in board_of(seated)
        finally:
            await app.close()


async def test_names_of_the_fight_complete(at_table: Table) -> None:
    await begin(at_table)
    targets = await at_table.mira.autocomplete(at_table.channel, "combat attack", "target", "gob")
    creatures = await at_table.mira.autocomplete(at_table.channel, "combat add", "creature", "owlb")
    assert [choice["value"] for choice in targets] == ["Goblin"]
    assert [choice["value"] for choice in creatures] == ["Owlbear"]


async def test_the_other_commands_of_the_fight(at_table: Table) -> None:
    await begin(at_table)
    await at_table.admin.slash(at_table.channel, "combat next")
    do = at_table.admin.slash
    prone = await do(at_table.channel, "combat condition", target="goblin", condition="prone", until="end of next turn")
    assert "Goblin is now prone." in text(prone.response)
    hurt = await do(at_table.channel, "combat damage", target="mira", amount="10")
    healed = await do(at_table.channel, "combat heal", target="mira", amount="2d4")
    used = await at_table.mira.slash(at_table.channel, "combat use", what="reaction")
    status = await at_table.torv.slash(at_table.channel, "combat status")
    assert "Mira takes damage" in text(hurt.response)
    assert "Mira regains" in text(healed.response)
    assert "uses reaction" in text(used.response)
    assert "Goblin** unhurt, prone" in text(status.response)
    assert status.ephemeral


async def test_spells_that_go_on_and_the_other_new_commands(at_table: Table) -> None:
    await begin(at_table)
    await at_table.admin.slash(at_table.channel, "combat add", creature="Straw Man", hp="90", ac="10", initiative="1")
    await at_table.admin.slash(at_table.channel, "combat next")
    mira, dm, channel = at_table.mira.slash, at_table.admin.slash, at_table.channel
    offered = await at_table.mira.autocomplete(channel, "combat cast", "choice", "", spell="blindness/deafness")
    assert [choice["value"] for choice in offered] == ["blinded", "deafened"]
    cast = await mira(channel, "combat cast", spell="moonbeam", target="straw man")
    assert "Mira concentrates on Moonbeam." in text(cast.response)
    going = await at_table.admin.autocomplete(channel, "combat again", "spell", "")
    assert [choice["value"] for choice in going] == ["Moonbeam"]
    refused = await dm(channel, "combat again", spell="moonbeam", target="straw man")
    assert "has struck Straw Man in this turn" in text(refused.response)
    ended = await mira(channel, "combat again", spell="moonbeam", end=True)
    assert "no longer concentrates on Moonbeam" in text(ended.response)
    ready = await mira(channel, "combat ready", what="strike whoever runs")
    assert "Mira waits: strike whoever runs." in text(ready.response)
    saved = await dm(channel, "combat save", target="mira", ability="dex", dc="10", cover="half")
    assert "half cover" in text(saved.response)
    theirs = await at_table.torv.slash(channel, "combat leave", target="mira")
    assert "Only the player of Mira" in text(theirs.response)
    left = await mira(channel, "combat leave")
    assert "Mira leaves the fight." in text(left.response)
    assert "**Mira** has left" in board_of(at_table)


async def test_characters_rests_encounters_and_the_campaigns_edition(at_table: Table) -> None:
    kept = await at_table.mira.slash(at_table.channel, "dnd character", set=HERO)
    sheet = await at_table.mira.slash(at_table.channel, "dnd character")
    rest = await at_table.mira.slash(at_table.channel, "dnd rest", kind="long")
    group = await at_table.mira.slash(at_table.channel, "dnd encounter", party="4x3", difficulty="moderate")
    refused = await at_table.mira.slash(at_table.channel, "dnd campaign", edition="5.1")
    chosen = await at_table.admin.slash(at_table.channel, "dnd campaign", edition="5.1")
    rule = await at_table.mira.slash(at_table.channel, "dnd rule", topic="grappled")
    assert "Kept." in text(kept.response)
    assert "Rapier: +5, 1d8+3 piercing" in text(sheet.response)
    assert "24/24" in text(rest.response)
    assert "Budget 900 XP" in text(group.response)
    assert "Only admins" in text(refused.response)
    assert "SRD 5.1 from now on" in text(chosen.response)
    assert "SRD 5.1" in text(rule.response)


async def test_the_narrate_button_asks_the_pipeline(at_table: Table) -> None:
    await begin(at_table)
    await at_table.admin.slash(at_table.channel, "combat next")
    await at_table.mira.slash(at_table.channel, "combat attack", target="goblin", bonus="40", damage="99")
    more = await at_table.admin.click(at_table.channel.history()[0], label="⋯")
    told = await at_table.admin.click(shown(more), label="Narrate")
    assert "Goblin" in text(told.response)
    assert "✓" in text(told.response)


async def test_a_command_in_the_thread_means_the_fight_of_its_channel(at_table: Table) -> None:
    await begin(at_table)
    (thread,) = at_table.channel.threads
    said = await at_table.admin.slash(thread, "combat next")
    assert "Round 1: Mira" in text(said.response)


async def test_the_end_brings_the_sheet_up_to_date(at_table: Table) -> None:
    await begin(at_table)
    await at_table.admin.slash(at_table.channel, "combat damage", target="mira", amount="7")
    await at_table.admin.slash(at_table.channel, "combat end")
    sheet = await at_table.mira.slash(at_table.channel, "dnd character")
    assert "HP 17/24" in text(sheet.response)


async def test_a_fight_in_a_direct_message_needs_no_thread(at_table: Table) -> None:
    loner = at_table.env.create_user("loner")
    await loner.slash("combat start")
    await loner.slash("combat join", name="Loner", hp="9", ac="12")
    said = await loner.slash("combat next")
    assert not said.ephemeral
    assert "Round 1: Loner's turn." in text(said.response)
