"""`/relay` in Discord: the real bot, a relay process over its socket, a scripted model over HTTP, a git repository."""

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.discord.conftest import walk
from tests.discord.relay_house import Bench, bench, enabled, labels, shown, text
from tests.needs import needs_bubblewrap
from tests.relay.house import CRITIC, RIGHT, WRONG, answer, body, builders, git, whole
from tests.scripted_model import Reply

pytestmark = needs_bubblewrap


def pinged(at: Bench) -> list[str]:
    """Everybody whom a message of ours was allowed to ping, in their order."""
    sent = [request.json for request in at.env.http_requests if isinstance(request.json, dict)]
    allowed = [each.get("allowed_mentions") or {} for each in sent]
    assert not any(each.get("parse") or each.get("roles") for each in allowed)
    return [str(user) for each in allowed for user in each.get("users", [])]


def custom_id(message: Any, label: str) -> str:
    """The signed id of a button."""
    return str(next(item["custom_id"] for item in walk(message.components) if item.get("label") == label))


async def drawn_before(at: Bench, channel: Any, custom: str) -> Any:
    """A message with that button, as an older board that was not yet drawn anew still has it."""
    from discord import ui

    view = ui.LayoutView(timeout=None)
    view.add_item(ui.ActionRow(ui.Button(label="old", custom_id=custom)))
    view.stop()
    return await at.env.bot.get_partial_messageable(channel.id).send(view=view)


async def waiting(at: Bench) -> tuple[int, Any]:
    """A job that asks a person; its number and the message that asks."""
    job = await at.start()
    assert (await at.ended(job)).state.status == "escalated"
    return job, at.sprints()[-1]


async def test_a_job_fails_gets_its_capsule_passes_and_shows_its_checkpoint(tmp_path: Path) -> None:
    async with bench(tmp_path, builders(WRONG, RIGHT)) as at:
        job = await at.start()
        view = await at.ended(job)
        assert view.state.status == "done", view.state.reason
        board, (failed, passed) = at.board(), at.sprints()
        assert "**r1** ✓ done" in text(board) and "make add add" in text(board)
        assert labels(board) == ["Approve", "Stop", "Hint", "Roll back"]
        assert enabled(board) == ["Approve", "Roll back"]
        assert "✗ **sprint 1**" in text(failed) and "`test`: `AssertionError: 6`" in text(failed)
        assert "Tried: Mended add." in text(failed) and "calc.py" in text(failed)
        assert "✓ **sprint 2**" in text(passed) and "Proved by" in text(passed) and "tokens" in text(passed)
        tip = git(at.repo, "rev-parse", "vespera/r1")
        (kept,) = await at.app.relay.checkpoints(view.tenant, job)
        assert f"Checkpoint 1 `{tip[:10]}` · signed `{kept.proof[:12]}" in text(passed)
        assert b"return a + b" in await passed.attachments[0].read()
        assert pinged(at) == []
        why = await at.mira.slash(at.channel, "why", task="r1")
        assert "done: the goal is proved" in text(why.response) or "proved" in text(why.response)
        ledger = shown(await at.mira.slash(at.channel, "relay ledger", job="r1"))
        assert ledger.ephemeral
        rows = json.loads(await ledger.attachments[0].read())["rows"]
        assert [row["verdict"] for row in rows] == ["fail", "pass"]
        listed = await at.mira.slash(at.channel, "relay status")
        assert "✓ **r1** done · 1 ✓ · make add add" in text(listed.response)
        assert all(len(text(message)) < 4_000 for message in at.thread().history())


async def test_the_board_shows_the_roadmap_and_approving_a_done_job_merges_it_once(tmp_path: Path) -> None:
    script = builders(RIGHT, answer(whole("ONE = 1\n", "one.py")))
    async with bench(tmp_path, script) as at:
        job = await at.start(goal="all of it", roadmap="add adds; a file one.py")
        assert (await at.ended(job)).state.status == "done"
        board = at.board()
        assert "✓ 1. add adds" in text(board) and "✓ 2. a file one.py" in text(board)
        assert "item 1 of 2: add adds" in text(at.sprints()[0])
        before = git(at.repo, "rev-parse", "main")
        merged = await at.mira.click(board, label="Approve")
        assert "main was moved forward" in text(merged.response)
        again = await at.mira.click(board, label="Approve")
        assert "already" in text(again.response)
        assert git(at.repo, "rev-parse", "main") == git(at.repo, "rev-parse", "vespera/r1") != before
        await at.ended(job)
        assert any(f"<@{at.mira.id}> merged it" in text(message) for message in at.sprints())


async def test_stop_really_stops_and_a_second_click_says_so(tmp_path: Path) -> None:
    async with bench(tmp_path, builders(Reply(text=RIGHT, pause_s=60))) as at:
        job = await at.start()
        await at.at_work(job)
        board = at.board()
        assert enabled(board) == ["Stop"]
        stop = custom_id(board, "Stop")
        stopped = await at.mira.click(board, label="Stop")
        assert "r1 was stopped" in text(stopped.response) and stopped.ephemeral
        view = await at.ended(job)
        assert view.state.status == "stopped" and at.server.requests[0].closed_early
        old = await drawn_before(at, at.channel, stop)
        again = await at.mira.click(old, label="old")
        assert "r1 is stopped already. Nothing was changed." in text(again.response)
        assert f"stopped by <@{at.mira.id}>" in text(at.sprints()[-1])
        assert enabled(at.board()) == ["Hint"]
        await asyncio.sleep(0.5)
        assert len(at.server.requests) == 1


async def test_an_escalation_mentions_its_owner_once_and_a_hint_lets_it_go_on(tmp_path: Path) -> None:
    async with bench(tmp_path, builders(WRONG, WRONG, RIGHT)) as at:
        job, question = await waiting(at)
        said = text(question)
        assert f"<@{at.mira.id}> **r1 waits for you**" in said and "the same defect came back" in said
        assert said.count("\n> try") == 2
        assert enabled(question) == ["Approve", "Stop", "Retry with a hint"]
        assert pinged(at) == [str(at.mira.id)]
        empty = await at.mira.slash(at.thread(), "relay hint", text="   ")
        assert "The hint is empty" in text(empty.response)
        form = await at.mira.click(question, label="Retry with a hint")
        second = await at.mira.click(question, label="Retry with a hint")
        told = await at.mira.submit_modal(form, {"hint": "use the plus sign"})
        assert "goes on with your hint" in text(told.response)
        assert (await at.ended(job)).state.status == "done"
        assert pinged(at) == [str(at.mira.id)]
        assert any("use the plus sign" in request.text for request in at.server.requests)
        assert any(f"<@{at.mira.id}> let it go on: use the plus sign" in text(m) for m in at.sprints())
        late = await at.mira.submit_modal(second, {"hint": "another"})
        assert "nothing waits to go on" in text(late.response)
        old = await at.mira.click(question, label="Approve")
        assert "has moved on since this button was drawn" in text(old.response)


async def test_a_refuted_proposal_is_kept_on_a_persons_word_once(tmp_path: Path) -> None:
    async with bench(tmp_path, builders(WRONG)) as at:
        job, question = await waiting(at)
        kept = await at.mira.click(question, label="Approve")
        assert f"approved by <@{at.mira.id}>" in text(kept.response)
        assert (await at.ended(job)).state.status == "done"
        assert "return a * b" in git(at.repo, "show", "vespera/r1:calc.py")
        commits = git(at.repo, "rev-list", "--count", "vespera/r1")
        again = await at.mira.click(question, label="Approve")  # the job is done now: this merges what was approved
        assert git(at.repo, "rev-list", "--count", "vespera/r1") == commits
        assert "Nothing was changed" in text(again.response) or "moved forward" in text(again.response)
        assert any("overruling" in text(message) for message in at.sprints())


async def test_a_rollback_goes_to_the_checkpoint_chosen_and_a_second_one_changes_nothing(tmp_path: Path) -> None:
    script = builders(RIGHT, answer(whole("ONE = 1\n", "one.py")))
    async with bench(tmp_path, script) as at:
        job = await at.start(roadmap="add adds; a file one.py")
        await at.ended(job)
        first = git(at.repo, "rev-parse", "vespera/r1~1")
        offered = shown(await at.mira.click(at.board(), label="Roll back"))
        choices = next(item["options"] for item in walk(offered.components) if item.get("type") == 3)
        assert [choice["value"] for choice in choices] == ["2", "1", "0"]
        done = await at.mira.select(offered, ["1"])
        assert f"vespera/r1 is at {first[:12]} again" in text(done.response)
        again = await at.mira.select(offered, ["1"])
        assert "r1 is at checkpoint 1 already. Nothing was changed." in text(again.response)
        await at.ended(job)
        assert git(at.repo, "rev-parse", "vespera/r1") == first
        told = at.sprints()[-1]
        assert f"<@{at.mira.id}> rolled back to checkpoint 1" in text(told) and pinged(at) == []
        bad = await at.mira.slash(at.channel, "relay rollback", job="r1", checkpoint="two")
        none = await at.mira.slash(at.channel, "relay rollback", job="r1", checkpoint="7")
        assert "is a number" in text(bad.response) and "no checkpoint 7" in text(none.response)
        resumed = await at.mira.slash(at.thread(), "relay resume")
        assert "r1 goes on" in text(resumed.response)
        assert (await at.ended(job)).state.status == "done"


async def test_nobody_without_the_role_changes_anything(tmp_path: Path) -> None:
    async with bench(tmp_path, builders(WRONG)) as at:
        job, question = await waiting(at)
        before = (await at.view(job)).state.rows, git(at.repo, "for-each-ref")
        refused = [
            await at.torv.slash(at.channel, "relay start", repo="repo", goal="mine"),
            await at.ada.slash(at.channel, "relay start", repo="repo", goal="an admin's, without the role"),
            await at.torv.slash(at.channel, "relay status"),
            await at.torv.slash(at.channel, "relay ledger", job="r1"),
            await at.torv.slash(at.channel, "relay approve", job="r1"),
            await at.torv.slash(at.channel, "relay stop", job="r1"),
            await at.torv.slash(at.channel, "relay hint", job="r1", text="mine"),
            await at.torv.slash(at.channel, "relay resume", job="r1"),
            await at.torv.slash(at.channel, "relay rollback", job="r1", checkpoint="0"),
            await at.torv.slash(at.channel, "relay repos"),
            await at.torv.slash(at.channel, "relay allow"),
            *[await at.torv.click(question, label=label) for label in enabled(question)],
        ]
        for result in refused:
            assert "Only people with a role that was allowed" in text(result.response), text(result.response)
            assert result.ephemeral and result.modal is None
        form = await at.mira.click(question, label="Retry with a hint")
        await at.ada.slash(at.channel, "relay allow", role="relay", remove=True)  # taken away while the form is open
        late = await at.mira.submit_modal(form, {"hint": "now"})
        assert "Only people with a role that was allowed" in text(late.response)
        view = await at.view(job)
        assert (view.state.rows, git(at.repo, "for-each-ref")) == before and view.state.status == "escalated"
        assert len(await at.app.relay.following.behind()) == 0
        stopped = await at.ada.slash(at.channel, "relay stop", job="r1")  # admins may stop
        assert "r1 was stopped" in text(stopped.response)


async def test_a_server_sees_its_own_jobs_only(tmp_path: Path) -> None:
    async with bench(tmp_path, builders(WRONG)) as at:
        _, question = await waiting(at)
        guild = at.env.create_guild("Elsewhere")
        channel = guild.create_text_channel("work")
        owner = guild.add_member(at.owner_user)
        listed = await owner.slash(channel, "relay status")
        assert "No coding job was started here yet" in text(listed.response)
        for command, options in (
            ("status", {}), ("ledger", {}), ("approve", {}), ("stop", {}), ("hint", {"text": "x"}), ("resume", {}),
            ("rollback", {"checkpoint": "0"}),
        ):  # fmt: skip
            told = await owner.slash(channel, f"relay {command}", job="r1", **options)
            assert "There is no job r1 here" in text(told.response), command
        elsewhere = await owner.slash(channel, "relay start", repo="repo", goal="x")
        assert "not a repository allowed here" in text(elsewhere.response)
        custom = custom_id(question, "Stop")
        copied = await drawn_before(at, channel, custom)
        forged = await owner.click(copied, custom_id=custom)
        assert "was not made here" in text(forged.response)
        assert (await at.view(1)).state.status == "escalated"


async def test_owner_and_admins_keep_the_lists(tmp_path: Path) -> None:
    async with bench(tmp_path, builders(RIGHT), allowed=False) as at:
        link = tmp_path / "link"
        link.symlink_to(at.repo)
        nobody = await at.mira.slash(at.channel, "relay start", repo="repo", goal="x")
        assert "An admin allows one with /relay allow role:" in text(nobody.response)
        for who in (at.mira, at.ada):
            for options in ({"add": str(at.repo)}, {"remove": "repo"}):
                told = await who.slash(at.channel, "relay repos", **options)
                assert "Only the bot's owner" in text(told.response)
        for path, why in (
            ("repo", "absolute path"), ("/nowhere", "not a folder"), (str(tmp_path / "data"), "the bot's own data"),
            (str(tmp_path), "the bot's own data"), (str(at.repo / "tests"), "allow that one"),
        ):  # fmt: skip
            told = await at.owner.slash(at.channel, "relay repos", add=path)
            assert why in text(told.response), path
        added = await at.owner.slash(at.channel, "relay repos", add=str(link), name="calc")
        assert "Allowed here: calc" in text(added.response)
        changes: tuple[dict[str, Any], ...] = (
            {"role": "relay"}, {"webhook": HOOK}, {"name": "builds", "remove": True},
        )  # fmt: skip
        for change in changes:
            told = await at.mira.slash(at.channel, "relay allow", **change)
            assert "Only admins" in text(told.response)
        refused: tuple[tuple[dict[str, Any], str], ...] = (
            ({"role": "@everyone"}, "would be everybody"), ({"role": "unknown"}, "No role"),
            ({"webhook": "https://example.org/api/webhooks/1/x"}, "not the address of a Discord webhook"),
            ({"webhook": HOOK.replace("discord.com", "discord.com.example.org")}, "not the address"),
            ({"remove": True}, "Say what is meant"), ({"name": "none", "remove": True}, "no webhook none"),
        )  # fmt: skip
        for given, why in refused:
            told = await at.ada.slash(at.channel, "relay allow", **given)
            assert why in text(told.response), given
        assert "may now use" in text((await at.ada.slash(at.channel, "relay allow", role="@relay")).response)
        hooked = await at.ada.slash(at.channel, "relay allow", webhook=HOOK, name="builds")
        assert "webhook builds" in text(hooked.response) and hooked.ephemeral
        stored = await at.app.blackboard.get_state(f"relay.allowed.guild:{at.guild.id}")
        assert stored is not None and "k" * 68 not in stored
        audited = await at.app.blackboard.audit.entries(f"guild:{at.guild.id}", limit=50)
        done = [(each.action, each.actor, each.subject) for each in audited if each.action.startswith("relay.")]
        assert [action for action, *_ in done] == ["relay.allow", "relay.allow", "relay.repos"], done
        assert done[2] == ("relay.repos", str(at.owner_user.id), "calc") and done[0][2] == "webhook builds"
        assert not any("k" * 68 in (each.detail or "") for each in audited)
        mine = await at.mira.slash(at.channel, "relay repos")
        assert "calc" in text(mine.response) and str(at.repo) not in text(mine.response)
        wrong = [
            ({"repo": str(at.repo)}, "not a repository allowed here"), ({"tries": "99"}, "from 1 to 50"),
            ({"next_input": "https://discord.com/api/webhooks/1/x"}, "neither thread nor a webhook"),
            ({"goal": "  "}, "goal is empty"), ({"roadmap": ";;"}, "holds no item"),
        ]  # fmt: skip
        for options, why in wrong:
            told = await at.mira.slash(at.channel, "relay start", **{"repo": "calc", "goal": "x", **options})
            assert why in text(told.response), options
        found = await at.mira.autocomplete(at.channel, "relay start", "repo", "ca")
        assert [choice["value"] for choice in found] == ["calc"]
        assert await at.app.relay.following.file() is None or not await at.app.relay.following.behind()
        removed = await at.owner.slash(at.channel, "relay repos", remove="calc")
        assert "no longer allowed" in text(removed.response)
        gone = await at.mira.slash(at.channel, "relay start", repo="calc", goal="x")
        assert "not a repository allowed here" in text(gone.response)


HOOK = "https://discord.com/api/webhooks/145607444398080001/" + "k" * 68


async def test_a_link_put_in_a_repositorys_place_is_not_followed(tmp_path: Path) -> None:
    async with bench(tmp_path, builders(RIGHT)) as at:
        moved = at.repo.rename(tmp_path / "elsewhere")
        at.repo.symlink_to(moved)
        told = await at.mira.slash(at.channel, "relay start", repo="repo", goal="x")
        assert "leads elsewhere than when the owner allowed it" in text(told.response)


async def test_the_next_input_goes_to_the_thread_or_the_webhook_and_may_be_resubmitted(tmp_path: Path) -> None:
    inputs = [
        answer(body("return a + b"), next_input="now @everyone write one.py"),
        answer(whole("ONE = 1\n", "one.py"), next_input="x" * 3_000),
        answer(whole("TWO = 2\n", "two.py")),
    ]
    async with bench(tmp_path, builders(*inputs)) as at:
        builds = at.guild.create_text_channel("builds")
        hook = at.guild.create_webhook(builds, "builds")
        address = f"https://discord.com/api/webhooks/{hook.id}/{hook._webhook.token}"
        told = await at.ada.slash(at.channel, "relay allow", webhook=address, name="builds")
        assert "builds" in text(told.response), text(told.response)
        job = await at.start(next_input="builds", resubmit=True)
        assert (await at.ended(job)).state.checkpoints == 3
        first, second = builds.history()
        assert first.content == "now @\u200beveryone write one.py" and not first.mention_everyone
        assert second.content.endswith("in the file") and second.attachments[0].filename == "next-input.md"
        asked = [request.text for request in at.server.requests if CRITIC not in request.text]
        assert "now @everyone write one.py" in asked[1] and "now @everyone write one.py" not in asked[0]
        at.server._script = builders(answer(body("return a + b"), next_input="then four.py"))
        job = await at.start(next_input="thread")
        await at.ended(job)
        thread = next(each for each in at.channel.threads if f"r{job} " in str(each.name))
        assert any("Next input, unchecked: then four.py" in text(message) for message in at.sprints(thread))
