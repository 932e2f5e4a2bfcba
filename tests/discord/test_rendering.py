import io
import zipfile
from typing import Any

import pytest

from agents.contracts import Answer, Stage, Status, Tokens
from agents.why import Why, WhyLine
from blackboard.contracts import Feedback, StoredCorrection
from cogs import rendering, timeline, wording
from cogs.rendering import Rendered
from tests.discord.conftest import raw, walk
from truth_blocks.contracts import SourceFile, Violation


def answer(status: Status = "verified", text: str = "Speed 0.", **changes: Any) -> Answer:
    return Answer(task_id=481, status=status, text=text, elapsed_ms=1_402.0, **changes)


def message(given: Answer, task_type: str = "dnd.rule") -> Rendered:
    return rendering.answer_message(given, task_type, lambda action, subject: f"v1:{action}:{subject}:{'0' * 32}")


def texts(rendered: Rendered) -> str:
    return "\n".join(str(item["content"]) for item in walk(raw(rendered)) if item.get("content"))


@pytest.mark.parametrize(
    ("given", "marked"),
    [
        (answer(), "✓ checked against the rules"),
        (answer(rules_only=True), "✓ rules only"),
        (answer("partly"), "? partly checked"),
        (answer("unchecked"), "◌ unchecked"),
        (answer("direct"), "⌁ looked up"),
        (answer("fallback"), "▲ fallback"),
        (answer(cached=True, cached_age_s=3 * 3600 + 5), "↺ from cache (3 h ago)"),
    ],
)
async def test_every_status_has_its_mark_with_its_word(given: Answer, marked: str) -> None:
    line = texts(message(given)).splitlines()[-1]
    assert line.startswith("-# ")
    assert marked in line


async def test_the_quiet_line_names_drafts_time_and_task() -> None:
    assert texts(message(answer(attempts=2))).endswith("-# ✓ checked against the rules · 2 drafts · 1.4 s · task 481")


async def test_unchecked_and_fallback_are_said_before_the_answer() -> None:
    assert texts(message(answer("unchecked"))).startswith("◌ **Unchecked**")
    assert texts(message(answer("fallback"))).startswith("▲ **Fallback**")


async def test_unverifiable_parts_are_marked_one_by_one() -> None:
    found = tuple(Violation("unknown-provider", f"main.tf:{line}:1", f"nothing known of x{line}") for line in range(7))
    shown = texts(message(answer("partly", violations=found), "cloud.plan"))
    assert "? main.tf:0:1: nothing known of x0" in shown
    assert "? and 2 more" in shown


async def test_the_accent_follows_the_status_and_the_buttons_stand_in_a_row_below() -> None:
    container, row = raw(message(answer()))
    assert container["accent_color"] == rendering.ACCENTS["verified"]
    assert row["type"] == 1
    assert [button["label"] for button in row["components"]] == ["Why?", "Right", "Wrong"]


async def test_a_failed_answer_offers_the_rules_data_only_where_they_can_answer() -> None:
    assert "Do that" not in str(raw(message(answer("failed"))))
    assert "Do that" in str(raw(message(answer("failed", offer_rules=True))))


@pytest.mark.parametrize("length", [3_600, 3_601, 50_000])
async def test_a_message_stays_within_discords_4000_characters(length: int) -> None:
    rendered = message(answer(text="x" * length))
    assert len(texts(rendered)) <= 4_000
    assert [name for name, _ in rendered.attachments] == ([] if length <= 3_600 else ["answer.md"])


async def test_the_short_text_of_a_long_answer_closes_its_fence() -> None:
    shown = texts(message(answer(text="```hcl\n" + "a = 1\n" * 2_000 + "```")))
    assert shown.count("```") % 2 == 0


@pytest.mark.parametrize("piece", ["tavern ", "x"])
async def test_the_short_text_of_a_long_answer_without_line_breaks_still_says_something(piece: str) -> None:
    shown = texts(message(answer("unchecked", piece * 5_000)))
    assert shown.count(piece) > 40


async def test_up_to_four_files_are_shown_and_more_become_one_zip() -> None:
    files = tuple(SourceFile(f"{index}.tf", "a") for index in range(5))
    few, many = message(answer(files=files[:4])), message(answer(files=files))
    assert [name for name, _ in few.attachments] == ["0.tf", "1.tf", "2.tf", "3.tf"]
    assert [name for name, _ in many.attachments] == ["files.zip"]
    with zipfile.ZipFile(io.BytesIO(many.attachments[0][1])) as archive:
        assert archive.namelist() == [f"{index}.tf" for index in range(5)]


async def test_every_attachment_has_its_file_component_or_discord_hides_it() -> None:
    rendered = message(answer(files=(SourceFile("../main.tf", "a"), SourceFile("main.tf", "b"))))
    shown = [item["file"]["url"] for item in walk(raw(rendered)) if item.get("type") == 13]
    assert (
        shown
        == [f"attachment://{name}" for name, _ in rendered.attachments]
        == [
            "attachment://main.tf",
            "attachment://2-main.tf",
        ]
    )


async def test_files_can_be_sent_twice() -> None:
    rendered = message(answer(files=(SourceFile("main.tf", "a = 1"),)))
    assert [rendered.files()[0].fp.read() for _ in range(2)] == [b"a = 1", b"a = 1"]


async def test_a_view_is_not_kept_in_memory_after_it_is_sent() -> None:
    assert message(answer()).view.is_finished()


async def test_custom_ids_fit_discord() -> None:
    for item in walk(raw(message(Answer(task_id=2**53, status="verified", text="x")))):
        assert len(item.get("custom_id", "")) <= 100


@pytest.mark.parametrize(
    ("stage", "line"),
    [
        (Stage("waiting", place=1), "Waiting: next in the queue …"),
        (Stage("waiting", place=4), "Waiting: place 4 in the queue …"),
        (Stage("drafting", 1, 3), "Drafting …"),
        (Stage("checking", 2, 3, "the range was wrong"), "Checking: attempt 2 of 3, the range was wrong …"),
        (Stage("resumed"), "Taken up again after a restart …"),
    ],
)
def test_progress_names_stage_and_attempt(stage: Stage, line: str) -> None:
    assert wording.progress(stage) == line


async def test_a_long_trace_stays_within_discords_bounds_and_keeps_its_newest_steps() -> None:
    lines = tuple(WhyLine(float(index), "Critic", "✗ " + "x" * 500, {"n": index}) for index in range(40))
    correction = StoredCorrection(1, 481, "spell.range" * 20, "y" * 900, 0.0)
    feedback = Feedback(481, "1" * 19, right=False, wrong="z" * 1_000)
    why = Why(
        task_id=481, command="/dnd rule topic: " + "q" * 300, user="1" * 19, asked_at=1e9, status="verified", route="",
        lines=lines, attempts=3, retry_count=2, provider="groq", model="m", confidence=0.9, cached=False,
        tokens=Tokens(10, 20), cost_usd=0.01, elapsed_ms=1.0, footer="f" * 900, chain_ok=False,
        corrections=(correction,) * 9, feedback=(feedback,) * 9,
    )  # fmt: skip
    rendered = timeline.message(why, lambda action, subject: f"v1:{action}:{subject}")
    assert len(texts(rendered)) <= 4_000
    assert "`39.000 s`" in texts(rendered)
    select = next(item for item in walk(raw(rendered)) if item["type"] == 3)
    assert len(select["options"]) == 25
    assert select["options"][-1]["value"] == "39"
    assert "a recorded step was altered" in texts(rendered)
