"""What the relay remembers: resolved defects come back with their fixes, a failed reply given again is noticed."""

import sqlite3
from pathlib import Path

import pytest

from agents.relay.recollection import Memo, MemoKind
from agents.relay.remembered import NAME, RelayMemory
from tests.needs import needs_bubblewrap
from tests.relay import house
from tests.relay.house import make_repo

PARSER = (
    "shop/parse.py\n@@ -1,3 +1,3 @@\n def amount(text):\n-    return float(text)\n+    return float(text.strip())\n"
)
OTHER = "site/menu.ts\n@@ -4,2 +4,2 @@\n const items: string[] = []\n-items.push('a')\n+items.unshift('b')\n"


def memo(
    kind: MemoKind,
    text: str,
    once: str,
    *,
    job: str = "r1",
    repo: str = "shop",
    tenant: str = "guild:1",
    **more: object,
) -> Memo:
    return Memo(tenant=tenant, repo=repo, job=job, kind=kind, text=text, once=once, **more)  # type: ignore[arg-type]


async def test_a_resolved_defect_comes_back_with_what_mended_it_and_an_unlike_one_does_not(tmp_path: Path) -> None:
    memory = RelayMemory(tmp_path)
    await memory.remember(
        memo(
            "resolution",
            "ValueError in amount\ncould not convert string to float: ' 3'",
            "1",
            fix="strip first\n" + PARSER,
        )
    )
    await memory.remember(
        memo("resolution", "TimeoutError in fetch\nthe mirror did not answer", "2", fix="a longer deadline")
    )
    (lesson,) = await memory.lessons(
        "guild:1", "shop", "ValueError in amount\ncould not convert string to float: '4 '", 3
    )
    assert lesson.defect.startswith("ValueError in amount") and "strip first" in lesson.fix
    assert "strip first" not in lesson.defect
    await memory.close()


async def test_lessons_of_the_same_repository_go_first_and_none_crosses_a_tenant(tmp_path: Path) -> None:
    memory = RelayMemory(tmp_path)
    for repo, tenant in (("other", "guild:1"), ("shop", "guild:1"), ("shop", "guild:2")):
        await memory.remember(
            memo(
                "resolution",
                "KeyError locale in request",
                f"{repo}{tenant}",
                repo=repo,
                tenant=tenant,
                fix=f"fix of {repo} at {tenant}",
            )
        )
    lessons = await memory.lessons("guild:1", "shop", "KeyError locale in request", 3)
    assert [lesson.fix for lesson in lessons] == ["fix of shop at guild:1", "fix of other at guild:1"]
    await memory.close()


async def test_a_failed_reply_given_again_is_nearest_and_a_passed_one_is_not_near(tmp_path: Path) -> None:
    memory = RelayMemory(tmp_path)
    failed = await memory.remember(memo("reply", PARSER, "1", failed=True))
    await memory.remember(memo("reply", OTHER, "2", failed=True))
    await memory.remember(memo("reply", PARSER.replace("strip", "lstrip"), "3"))
    again = await memory.near("guild:1", "shop", PARSER.replace("@@ -1,3", "@@ -2,3"), 5)
    assert [found.memory_id for found in again][:1] == [failed] and again[0].similarity > 0.95
    assert all(found.similarity < 0.6 for found in again[1:]) and len(again) == 2
    await memory.close()


async def test_a_repetition_after_a_crash_is_one_memory(tmp_path: Path) -> None:
    first = RelayMemory(tmp_path)
    number = await first.remember(memo("verdict", "goal: proved", "r1:1:verdict"))
    await first.close()
    second = RelayMemory(tmp_path)
    assert number == await second.remember(memo("verdict", "goal: proved", "r1:1:verdict")) != ""
    await second.close()
    await second.close()


@pytest.mark.parametrize("text", ["", "\ud800", "x" * 100_000, "\n\n", "a\x00b"])
async def test_any_text_can_be_remembered(tmp_path: Path, text: str) -> None:
    memory = RelayMemory(tmp_path)
    assert await memory.remember(memo("reply", text, "1", failed=True, fix=text))
    assert len(await memory.near("guild:1", "shop", text, 5)) <= 1
    await memory.close()


async def test_a_memory_that_cannot_be_opened_is_forgone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / f"{NAME}.sqlite") as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()
    memory = RelayMemory(tmp_path)
    assert await memory.remember(memo("verdict", "x", "1")) == ""
    assert not await memory.lessons("guild:1", "shop", "x", 3)
    await memory.close()


@needs_bubblewrap
async def test_a_later_job_is_told_what_mended_the_same_defect_in_an_earlier_one(tmp_path: Path) -> None:
    first = make_repo(tmp_path / "first")
    document, requests = await house.run(tmp_path, first, house.builders(house.WRONG, house.RIGHT))
    assert document.outcome == "checkpoint"
    assert not any("were resolved before" in request.text for request in requests)
    second = make_repo(tmp_path / "second")
    _, requests = await house.run(tmp_path, second, house.builders(house.WRONG, house.RIGHT))
    told = [request.text for request in requests if "You are the Builder" in request.text]
    assert "were resolved before" in told[1] and "return a + b" in told[1]


@needs_bubblewrap
async def test_a_builder_that_gives_nearly_the_same_failing_reply_again_is_warned(tmp_path: Path) -> None:
    repo = make_repo(tmp_path)
    again = house.answer(house.body("return a * c"))
    document, requests = await house.run(tmp_path, repo, house.builders(house.WRONG, again, house.RIGHT))
    told = [request.text for request in requests if "You are the Builder" in request.text]
    assert (document.outcome, document.defects, len(told)) == ("checkpoint", 2, 3)
    assert ["much like one that failed before" in prompt for prompt in told] == [False, False, True]
