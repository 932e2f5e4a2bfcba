"""The memory's commands in Discord."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from tests.apps import author_and_critic, right_draft
from tests.discord.conftest import Table, table, text
from tests.scripted_model import ScriptedModel

RULE = "A grappled creature may bite at this table."


@contextlib.asynccontextmanager
async def remembering(folder: Path, *servers: ScriptedModel) -> AsyncIterator[Table]:
    """With the memory open: simcord waits for all that an interaction began, and the memory's upkeep never ends."""
    async with table(folder, *servers) as at:
        await at.app._recollection.memory()
        yield at


@pytest.fixture
async def at_table(tmp_path: Path) -> AsyncIterator[Table]:
    async with remembering(tmp_path) as at:
        yield at


async def test_what_one_person_teaches_everyone_reads_under_the_answer(tmp_path: Path) -> None:
    async with ScriptedModel(author_and_critic(right_draft())) as model, remembering(tmp_path, model) as at:
        kept = await at.mira.slash(at.channel, "remember", text=RULE)
        assert "Kept as note 1" in text(kept.response) and not kept.ephemeral
        answer = await at.torv.slash(at.channel, "dnd rule", topic="grappled")
        shown = text(answer.response)
        assert RULE in shown and "taught here, unchecked · note 1" in shown and "✓ checked" in shown


async def test_recall_is_for_the_asker_alone_and_shows_score_and_age(at_table: Table) -> None:
    await at_table.mira.slash(at_table.channel, "remember", text=RULE, tags="combat")
    found = await at_table.torv.slash(at_table.channel, "recall", text="grappled bite")
    assert found.ephemeral
    assert RULE in text(found.response) and "score" in text(found.response) and "0 min old" in text(found.response)


async def test_one_may_not_take_back_what_another_taught_but_an_admin_may(at_table: Table) -> None:
    await at_table.mira.slash(at_table.channel, "remember", text=RULE)
    refused = await at_table.torv.slash(at_table.channel, "forget", note="1")
    assert "your own memories only" in text(refused.response) and refused.ephemeral
    done = await at_table.admin.slash(at_table.channel, "forget", note="1")
    assert "Forgotten here: 1 memory" in text(done.response)


async def test_a_memory_pings_nobody_and_makes_no_markup(at_table: Table) -> None:
    hostile = "@everyone <@1> [free](https://x.example) ||x|| **bold** grappled"
    await at_table.mira.slash(at_table.channel, "remember", text=hostile)
    found = await at_table.torv.slash(at_table.channel, "recall", text="grappled")
    shown = text(found.response)
    assert "@everyone" not in shown and "<@1>" not in shown and "](https" not in shown


async def test_a_server_knows_nothing_of_another_and_a_person_finds_all_their_own_in_direct_messages(
    at_table: Table,
) -> None:
    await at_table.mira.slash(at_table.channel, "remember", text=RULE)
    other = at_table.env.create_guild()
    channel = other.create_text_channel("elsewhere")
    stranger = other.add_member(at_table.env.create_user("stranger"))
    assert "Nothing like that" in text((await stranger.slash(channel, "recall", text="grappled")).response)
    exported = await stranger.slash(channel, "privacy export")
    (file,) = exported.response.attachments  # type: ignore[union-attr]
    assert exported.ephemeral and "grappled" not in str(msgspec.json.encode(str(file)))


async def test_erasing_wants_the_words_and_says_how_long_backups_live(at_table: Table) -> None:
    await at_table.mira.slash(at_table.channel, "remember", text=RULE)
    asked = await at_table.mira.slash(at_table.channel, "privacy delete")
    assert "cannot be undone" in text(asked.response)
    done = await at_table.mira.slash(at_table.channel, "privacy delete", confirm="delete my data")
    assert "Erased here" in text(done.response) and "14 days" in text(done.response) and done.ephemeral
    assert "Nothing like that" in text(
        (await at_table.mira.slash(at_table.channel, "recall", text="grappled")).response
    )
