import asyncio
from pathlib import Path

import pytest
from simcord import ResponseMessage

from app import App
from cogs.front import Front
from errors import NotAllowed
from tests.apps import PASS, settings_for
from tests.discord.conftest import Table, labels, shown, table, text, walk
from tests.scripted_model import Reply, ScriptedModel, ServerError

OPINION = Reply(text=PASS, when="You are the Deep Critic")


async def grappled(at_table: Table) -> ResponseMessage:
    return shown(await at_table.mira.slash(at_table.channel, "dnd rule", topic="grappled"))


async def test_why_shows_the_timeline_to_the_asker_alone_with_the_trace_as_a_file(at_table: Table) -> None:
    why = shown(await at_table.mira.click(await grappled(at_table), label="Why?"))
    said = text(why)
    assert why.ephemeral
    assert all(agent in said for agent in ("Arbiter", "Weaver", "Critic"))
    assert [item.filename for item in why.attachments] == ["why-1.json"]


async def test_the_details_of_a_step_are_behind_the_select(at_table: Table) -> None:
    why = shown(await at_table.mira.click(await grappled(at_table), label="Why?"))
    select = next(item for item in walk(why.components) if item.get("type") == 3)
    detail = await at_table.mira.select(why, [select["options"][0]["value"]])
    assert detail.ephemeral
    assert '"route": "generate"' in text(detail.response)


async def test_why_is_refused_to_others_and_open_to_admins(at_table: Table) -> None:
    answer = await grappled(at_table)
    others = await at_table.torv.click(answer, label="Why?")
    admins = await at_table.admin.click(answer, label="Why?")
    assert "Only the person who asked and admins" in text(others.response)
    assert others.ephemeral
    assert "Why: task 1" in text(admins.response)


async def test_slash_why_takes_a_number_or_the_last_task_and_refuses_anything_else(at_table: Table) -> None:
    await grappled(at_table)
    last = await at_table.mira.slash(at_table.channel, "why")
    named = await at_table.mira.slash(at_table.channel, "why", task="#1")
    none = await at_table.mira.slash(at_table.channel, "why", task="999")
    bad = await at_table.mira.slash(at_table.channel, "why", task="grappled")
    assert "Why: task 1" in text(last.response)
    assert "Why: task 1" in text(named.response)
    assert "no task 999" in text(none.response)
    assert "not a task number" in text(bad.response)
    assert all(result.ephemeral for result in (last, named, none, bad))


async def test_the_message_menu_explains_an_answer_and_nothing_else(at_table: Table) -> None:
    answer = await grappled(at_table)
    foreign = await at_table.torv.send(at_table.channel, "hello")
    explained = await at_table.mira.context_menu(at_table.channel, "Why this?", answer.message)
    refused = await at_table.mira.context_menu(at_table.channel, "Why this?", foreign)
    assert "Why: task 1" in text(explained.response)
    assert "not an answer of mine" in text(refused.response)


async def test_right_is_recorded(at_table: Table) -> None:
    noted = await at_table.torv.click(await grappled(at_table), label="Right")
    assert noted.ephemeral
    assert "task 1 is right" in text(noted.response)
    why = await at_table.admin.slash(at_table.channel, "why", task="1")
    assert "says right" in text(why.response)


async def test_wrong_asks_for_the_reason_records_it_and_evicts_the_answer(at_table: Table) -> None:
    answer = await grappled(at_table)
    form = await at_table.torv.click(answer, label="Wrong")
    assert form.modal is not None
    noted = await at_table.torv.submit_modal(form, {"wrong": "the speed", "should_be": "halved"})
    assert "task 1 is wrong" in text(noted.response)
    told = await at_table.admin.slash(at_table.channel, "why", task="1")
    assert "wrong: the speed" in text(told.response)
    again = await at_table.mira.slash(at_table.channel, "dnd rule", topic="grappled")
    assert "from cache" not in text(again.response)


async def test_buttons_work_after_a_restart(tmp_path: Path) -> None:
    async with table(tmp_path) as seated:
        answer = await grappled(seated)
        await seated.app.close()
        app = await App.open(settings_for(tmp_path))
        try:
            await seated.env.restart_bot(Front(app))
            why = await seated.mira.click(answer, label="Why?")
            noted = await seated.mira.click(answer, label="Right")
        finally:
            await app.close()
    assert "Why: task 1" in text(why.response)
    assert "task 1 is right" in text(noted.response)


async def test_a_button_of_another_server_or_with_a_changed_task_is_refused(at_table: Table) -> None:
    answer = await grappled(at_table)
    real = next(item["custom_id"] for item in walk(answer.components) if item.get("label") == "Why?")
    with pytest.raises(Exception, match="made here"):
        at_table.app.component_ids.read(real, "guild:1")
    with pytest.raises(Exception, match="made here"):
        at_table.app.component_ids.read(real.replace(":1:", ":2:"), f"guild:{at_table.guild.id}")


@pytest.mark.parametrize("custom_id", ["", "v1:why:1", "v1:why:1:é", "v1:why:1:" + "0" * 32, ":" * 90])
async def test_an_id_that_was_never_made_here_is_refused(at_table: Table, custom_id: str) -> None:
    with pytest.raises(NotAllowed, match="nothing was done"):
        at_table.app.component_ids.read(custom_id, "guild:1")


async def test_a_click_on_a_task_that_is_gone_says_so(at_table: Table) -> None:
    answer = await grappled(at_table)
    await at_table.mira.slash(at_table.channel, "dnd rule", topic="prone")  # the newest task is never pruned
    while await at_table.app.blackboard.pending():
        await asyncio.sleep(0.01)
    await at_table.app.blackboard.prune(keep_days=-1, keep_trace_days=-1)
    for label in ("Why?", "Right", "Wrong"):
        told = await at_table.mira.click(answer, label=label)
        assert told.ephemeral
        assert "pruned" in text(told.response)


async def test_when_no_model_answers_the_rules_data_alone_can(tmp_path: Path) -> None:
    async with ScriptedModel([ServerError()]) as model, table(tmp_path, model, model_retries=0) as seated:
        failed = shown(await seated.mira.slash(seated.channel, "dnd rule", topic="grappled"))
        assert labels(failed) == ["Do that", "Why?"]
        assert "did not answer" in text(failed)
        assert "Nothing was sent. I can answer from the facts alone" in text(failed)
        others = await seated.torv.click(failed, label="Do that")
        assert "Only the person who asked and admins" in text(others.response)
        done = await seated.mira.click(failed, label="Do that")
        assert "task 2" in text(done.response)
        assert "✓" in text(done.response)
        again = await seated.mira.click(failed, label="Do that")
        assert "task 2" in text(again.response)
        assert (await seated.app.blackboard.health()).finished_today == 2
