from pathlib import Path
from typing import Any

import discord
import pytest

from cogs import files
from cogs.help import fitting
from tests.apps import PASS, WRONG
from tests.discord.conftest import Table, labels, table, text, walk
from tests.scripted_model import Reply, ScriptedModel

OPINION = Reply(text=PASS, when="You are the Deep Critic")


async def test_a_spell_is_looked_up_and_is_the_first_reply(at_table: Table) -> None:
    result = await at_table.mira.slash(at_table.channel, "dnd spell", name="fireball")
    assert not result.deferred
    assert not result.ephemeral
    assert "⌁ looked up" in text(result.response)
    assert labels(result.response) == ["Why?", "Right", "Wrong"]


async def test_a_monster_is_looked_up(at_table: Table) -> None:
    result = await at_table.mira.slash(at_table.channel, "dnd monster", name="goblin", edition="5.1")
    assert "⌁ looked up" in text(result.response)


async def test_a_rule_is_drafted_checked_and_edited_into_one_message(at_table: Table) -> None:
    result = await at_table.mira.slash(at_table.channel, "dnd rule", topic="grappled")
    shown = text(result.response)
    assert "✓" in shown
    assert "task 1" in shown
    assert len(at_table.channel.history()) == 1


async def test_an_unknown_name_is_told_to_the_asker_alone_with_the_closest(at_table: Table) -> None:
    result = await at_table.mira.slash(at_table.channel, "dnd spell", name="zzfireball")
    assert result.ephemeral
    assert "zzfireball" in text(result.response)
    assert labels(result.response) == []


async def test_a_name_given_back_in_a_sentence_cannot_mention(at_table: Table) -> None:
    result = await at_table.mira.slash(at_table.channel, "dnd spell", name="zz @everyone <@1>")
    assert "@everyone" not in text(result.response)
    assert "<@1>" not in text(result.response)


async def test_a_roll_is_public_and_a_hidden_one_is_for_the_asker_alone(at_table: Table) -> None:
    public = await at_table.mira.slash(at_table.channel, "dnd roll", dice="1d20")
    hidden = await at_table.mira.slash(at_table.channel, "dnd roll", dice="1d20", hidden=True)
    assert not public.ephemeral
    assert hidden.ephemeral


async def test_ask_says_unchecked_before_the_answer(tmp_path: Path) -> None:
    answer = Reply(text='{"answer": "The Gilded Griffin. [free](https://evil.example)"}')
    async with ScriptedModel([OPINION, answer]) as model, table(tmp_path, model) as seated:
        result = await seated.mira.slash(seated.channel, "ask", question="a name for a tavern")
    shown = text(result.response)
    assert shown.startswith("◌ **Unchecked**")
    assert "free (https://evil.example)" in shown


async def test_nothing_sent_may_ping(at_table: Table) -> None:
    await at_table.mira.slash(at_table.channel, "dnd spell", name="fireball")
    allowed: Any = at_table.front.allowed_mentions
    assert allowed.to_dict() == {"parse": []}


async def test_it_asks_for_no_intent_but_guilds(at_table: Table) -> None:
    assert at_table.front.intents == discord.Intents(guilds=True)


async def test_every_command_of_the_app_is_in_discord_with_the_same_options(at_table: Table) -> None:
    tree = at_table.front.tree
    for command in at_table.app.commands:
        words = command.path.lstrip("/").split()
        found: Any = tree.get_command(words[0])
        if len(words) > 1:
            found = found.get_command(words[1])
        assert {option.name for option in command.options} == {parameter.name for parameter in found.parameters}
        for option in command.options:
            parameter = found.get_parameter(option.name)
            assert parameter.required == option.required
            assert str(parameter.description) == option.help[:100]
            assert bool(parameter.autocomplete) == option.suggests
            assert {choice.value for choice in parameter.choices} == set(option.choices)
    assert len(at_table.mira.available_commands(at_table.channel)) == len(at_table.app.commands)


async def test_status_shows_queue_models_and_facts_to_the_asker_alone(at_table: Table) -> None:
    result = await at_table.mira.slash(at_table.channel, "status")
    shown = text(result.response)
    assert result.ephemeral
    assert "0 of 3 being made" in shown
    assert "dnd5e" in shown
    assert "none configured" in shown


async def test_help_lists_each_command_with_an_example(at_table: Table) -> None:
    result = await at_table.mira.slash(at_table.channel, "help")
    shown = text(result.response)
    assert result.ephemeral
    assert all(command.path in shown for command in at_table.app.commands)


def test_a_list_too_long_for_one_message_loses_examples_and_never_a_command() -> None:
    listed = "\n".join(f"`/x {n}` — does {n}\n  e.g. `/x {n} a: {n}`" for n in range(40))
    shown = fitting(listed, 1_200)
    assert len(shown) <= 1_200
    assert all(f"`/x {n}` — " in shown for n in range(40))
    assert "e.g. `/x 0 a: 0`" in shown
    assert shown.endswith("shows the example of any command.")
    assert fitting(listed, 9_000) == listed


async def test_help_for_one_command_and_for_none_such(at_table: Table) -> None:
    one = await at_table.mira.slash(at_table.channel, "help", command="dnd spell")
    none = await at_table.mira.slash(at_table.channel, "help", command="dnd spel")
    assert "name:" in text(one.response)
    assert "Closest: /dnd spell" in text(none.response)
    assert none.ephemeral


async def test_suggestions_come_from_memory_and_an_option_without_facts_gives_none(at_table: Table) -> None:
    offered = await at_table.mira.autocomplete(at_table.channel, "dnd spell", "name", "fireb")
    assert "Fireball" in [choice["value"] for choice in offered]
    assert await at_table.mira.autocomplete(at_table.channel, "dnd spell", "name", "qqqqq") == []


async def test_commands_work_in_a_direct_message(at_table: Table) -> None:
    loner = at_table.env.create_user("loner")
    result = await loner.slash("dnd spell", name="fireball")
    assert "⌁ looked up" in text(result.response)
    why = await loner.click(result.response, label="Why?")
    assert "Why: task" in text(why.response)


async def test_a_cached_answer_says_so(tmp_path: Path) -> None:
    async with table(tmp_path) as seated:
        await seated.mira.slash(seated.channel, "dnd rule", topic="grappled")
        again = await seated.torv.slash(seated.channel, "dnd rule", topic="grappled")
    assert "↺ from cache (just now)" in text(again.response)


async def test_a_plan_is_delivered_as_files_that_discord_shows(at_table: Table) -> None:
    result = await at_table.mira.slash(at_table.channel, "cloud plan", request="a private s3 bucket with versioning")
    response = result.response
    assert response is not None
    names = [item.filename for item in response.attachments]
    shown = [item["file"]["url"] for item in walk(response.components) if item.get("type") == 13]
    assert "main.tf" in names
    assert len(shown) == len(names) <= 4


async def test_cloud_check_reads_an_attached_file(at_table: Table) -> None:
    module = b'resource "aws_s3_bucket" "logs" {\n  bucket_acl = "private"\n}\n'
    result = await at_table.mira.slash(at_table.channel, "cloud check", file=("main.tf", module))
    assert "bucket_acl" in text(result.response)


async def test_cloud_check_reads_text(at_table: Table) -> None:
    result = await at_table.mira.slash(at_table.channel, "cloud check", text='resource "aws_vpcc" "x" {}')
    assert "aws_vpcc" in text(result.response)


async def test_cloud_explain_says_what_a_file_makes(at_table: Table) -> None:
    module = b'resource "aws_s3_bucket" "logs" {\n  bucket = "logs"\n}\n'
    result = await at_table.mira.slash(at_table.channel, "cloud explain", file=("main.tf", module))
    shown = text(result.response)
    assert "**Makes 1 resource** of 1 kind." in shown
    assert "⌁ looked up" in shown
    pasted = await at_table.mira.slash(at_table.channel, "cloud explain", text=module.decode())
    assert "`aws_s3_bucket.logs` (pasted.tf:1)" in text(pasted.response)


async def test_a_long_explanation_becomes_a_file(at_table: Table) -> None:
    module = "".join(f'resource "aws_sqs_queue" "q{number}" {{\n  name = "q"\n}}\n' for number in range(150))
    result = await at_table.mira.slash(at_table.channel, "cloud explain", file=("main.tf", module.encode()))
    assert result.response is not None
    assert [item.filename for item in result.response.attachments] == ["answer.md"]


async def test_cloud_diff_tells_two_attachments_apart_whatever_their_names(at_table: Table) -> None:
    old, new = (b'resource "aws_s3_bucket" "logs" {\n  bucket = "%s"\n}\n' % name for name in (b"a", b"b"))
    both: Any = {"after": ("main.tf", new), "before": ("main.tf", old)}
    result = await at_table.mira.slash(at_table.channel, "cloud diff", **both)
    shown = text(result.response)
    assert "**1 changed**; 0 unchanged." in shown
    assert 'bucket: "a" → "b"' in shown


async def test_cloud_diff_takes_texts_and_says_what_is_missing(at_table: Table) -> None:
    made = 'resource "aws_sqs_queue" "jobs" {}'
    result = await at_table.mira.slash(at_table.channel, "cloud diff", before_text="# none", after_text=made)
    assert "+ aws_sqs_queue.jobs  (after.tf:1)" in text(result.response)
    alone = await at_table.mira.slash(at_table.channel, "cloud diff", before_text=made)
    assert alone.ephemeral
    assert "The after file is missing" in text(alone.response)


async def test_a_cloud_is_suggested_for_a_plan_and_each_can_be_drafted(at_table: Table) -> None:
    for cloud in ("google", "azurerm", "kubernetes"):
        asked = "a namespace" if cloud == "kubernetes" else "a bucket"
        result = await at_table.mira.slash(at_table.channel, "cloud plan", request=asked, provider=cloud)
        assert f"checked against {cloud} " in text(result.response)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("plan.exe", b"MZ", "not a kind of file I read"),
        ("main.tf", b"#" * (files.FILE_BYTES + 1), "the most I read is 512 kB"),
        ("main.tf", b"\xff\xfe\x00", "not UTF-8"),
        ("main.tf", b"a\x00b", "binary"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(
    at_table: Table, name: str, content: bytes, said: str
) -> None:
    result = await at_table.mira.slash(at_table.channel, "cloud check", file=(name, content))
    assert result.ephemeral
    assert said in text(result.response)


async def test_three_rejected_drafts_end_in_the_marked_fallback(tmp_path: Path) -> None:
    async with ScriptedModel([OPINION, Reply(text=WRONG)]) as model, table(tmp_path, model) as seated:
        result = await seated.mira.slash(seated.channel, "dnd rule", topic="grappled")
    assert text(result.response).startswith("▲ **Fallback**")


async def test_a_fault_of_ours_is_told_in_a_sentence_without_a_trace(
    at_table: Table, caplog: pytest.LogCaptureFixture
) -> None:
    await at_table.app.blackboard.close()
    result = await at_table.mira.slash(at_table.channel, "dnd spell", name="fireball")
    assert result.ephemeral
    assert "Traceback" not in text(result.response)
    assert len(text(result.response)) < 300


async def test_odds_are_shown_with_a_picture(at_table: Table) -> None:
    result = await at_table.mira.slash(at_table.channel, "dnd odds", dice="2d20kh1+@prof", target="18", values="prof=5")
    assert not result.ephemeral
    assert "mean **18.82**" in text(result.response) and "**64.00%**" in text(result.response)
    assert result.response is not None
    gallery = [item for item in walk(result.response.components) if item.get("type") == 12]
    assert [item["media"]["url"] for each in gallery for item in each["items"]]


async def test_odds_past_the_bound_are_told_to_the_asker_alone(at_table: Table) -> None:
    result = await at_table.mira.slash(at_table.channel, "dnd odds", dice="1000d1000")
    assert result.ephemeral
    assert "too large to compute" in text(result.response)


async def test_editions_are_compared_side_by_side(at_table: Table) -> None:
    result = await at_table.mira.slash(at_table.channel, "dnd compare", name="exhaustion")
    shown = text(result.response)
    assert "⌁ looked up" in shown and "≠" in shown and "SRD 5.1 and 5.2" in shown


async def test_a_name_in_neither_edition_is_refused(at_table: Table) -> None:
    result = await at_table.mira.slash(at_table.channel, "dnd compare", name="zzfireball of doom")
    assert result.ephemeral
    assert "in neither edition" in text(result.response)
