"""How fast and how long: rates at the door, bounds on every part of a request, attachments before any download."""

import asyncio
from pathlib import Path
from typing import Any

import discord
import pytest

from agents.bounds import REMARK
from agents.contracts import Request
from agents.rates import DRAFT, HELD, Rates
from agents.table_contracts import Play
from blackboard.contracts import Feedback
from cogs import files
from errors import TooFast, UserMistake
from tests.apps import author_and_critic, opened, right_draft, rule
from tests.discord.conftest import shown, table, text
from tests.guard.states import written
from tests.scripted_model import ScriptedModel
from truth_blocks.contracts import SourceFile

GUILD = "guild:5"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_person_gets_a_minutes_worth_at_once_and_then_as_it_fills() -> None:
    clock = Clock()
    rates = Rates(6, 0, clock)
    for _ in range(6):
        rates.take(GUILD, "1")
    with pytest.raises(TooFast) as told:
        rates.take(GUILD, "1")
    assert told.value.retry_after_s == 10
    assert str(told.value).startswith("You ask faster than is allowed (6 requests a minute")
    assert "Nothing was queued. Try again in 10 s." in str(told.value)
    clock.now = 9.9
    with pytest.raises(TooFast):
        rates.take(GUILD, "1")
    clock.now = 10.0
    rates.take(GUILD, "1")
    rates.take(GUILD, "2")
    rates.take("guild:6", "1")


def test_a_server_has_a_bucket_of_its_own_and_a_refusal_takes_nothing_from_either() -> None:
    clock = Clock()
    rates = Rates(4, 6, clock)
    for user in ("1", "1", "2", "2", "3", "3"):
        rates.take(GUILD, user)
    with pytest.raises(TooFast, match="This server asks faster"):
        rates.take(GUILD, "4")
    clock.now = 60.0
    for _ in range(4):
        rates.take(GUILD, "4")


def test_a_draft_costs_more_than_a_look_up_and_fits_any_rate() -> None:
    clock = Clock()
    rates = Rates(8, 0, clock)
    for _ in range(2):
        rates.take(GUILD, "1")
        rates.take(GUILD, "1", DRAFT)
    with pytest.raises(TooFast):
        rates.take(GUILD, "1")
    Rates(1, 0, clock).take(GUILD, "1", DRAFT)
    for _ in range(1_000):
        Rates(0, 0, clock).take(GUILD, "1", DRAFT)


def test_a_million_strangers_do_not_fill_the_memory() -> None:
    rates = Rates(5, 5)
    for number in range(3 * HELD):
        rates.take("guild:1" if number % 2 else f"guild:{number}", str(number), 0)
    assert len(rates._buckets) <= HELD


def test_a_clock_that_stands_still_or_leaps_gives_no_more_than_a_full_bucket() -> None:
    clock = Clock()
    rates = Rates(3, 0, clock)
    for now in (0.0, 0.0, 1e9, 1e9, 1e9):
        clock.now = now
        rates.take(GUILD, "1")
    with pytest.raises(TooFast):
        rates.take(GUILD, "1")


async def test_too_fast_is_told_before_anything_is_deferred_stored_or_sent_to_a_model(tmp_path: Path) -> None:
    async with (
        ScriptedModel(author_and_critic(right_draft())) as model,
        table(tmp_path, model, user_per_minute=5) as at,
    ):
        first = shown(await at.mira.slash(at.channel, "dnd rule", topic="grappled"))
        assert "✓" in text(first)
        calls, before = len(model.requests), await asyncio.to_thread(written, tmp_path)
        second = await at.mira.slash(at.channel, "dnd rule", topic="prone")
        assert (
            second.ephemeral and "counts as four" in text(second.response) and "Try again in" in text(second.response)
        )
        assert len(model.requests) == calls
        assert await asyncio.to_thread(written, tmp_path) == before
        assert "⌁" in text((await at.torv.slash(at.channel, "dnd spell", name="fireball")).response)


async def test_look_ups_go_on_where_drafts_are_held_back_and_the_terminal_is_never(tmp_path: Path) -> None:
    async with opened(tmp_path, user_per_minute=7) as app:
        await app.door(GUILD, "1", "member", "dnd.rule")
        await (await app.submit(rule("grappled", tenant=GUILD, user="1", offline=True))).wait()
        await app.door(GUILD, "1", "member", "dnd.rule")
        with pytest.raises(TooFast):
            await app.submit(rule("prone", tenant=GUILD, user="1", offline=True))
        again = await app.submit(rule("grappled", tenant=GUILD, user="1", offline=True))
        assert again.answer is not None and again.answer.cached
        for unlimited in (rule("prone", tenant=GUILD, user="1", role="owner", offline=True), rule("stunned")):
            assert (await (await app.submit(unlimited)).wait()).ok


async def test_clicks_count_too(tmp_path: Path) -> None:
    async with table(tmp_path, user_per_minute=10) as at:
        answer = shown(await at.mira.slash(at.channel, "dnd rule", topic="grappled"))
        said = [text((await at.torv.click(answer, label="Right")).response) for _ in range(11)]
        assert all("is right" in line for line in said[:10]) and "faster than is allowed" in said[10]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"options": {"topic": "x" * 2_001}}, "topic: takes at most"),
        ({"options": {"invented": "x" * 201}}, "invented: takes at most 200"),
        ({"options": {f"o{number}": "" for number in range(31)}}, "at most 30 options"),
        ({"options": {"n" * 101: "x"}}, "longer than 100"),
        ({"user": "u" * 101}, "longer than 100"),
        ({"tenant": "t" * 101}, "longer than 100"),
        ({"interaction_id": "i" * 101}, "longer than 100"),
        ({"files": (SourceFile("a.tf", "x", "file"),)}, "takes 0 files; 1 came"),
        (
            {"task_type": "cloud.check", "options": {}, "files": (SourceFile("a.tf", "x" * 1_000_001, "file"),)},
            "too large",
        ),
    ],
)
async def test_whatever_front_it_came_through_no_part_of_a_request_is_longer_than_it_may_be(
    tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    async with opened(tmp_path) as app:
        before = await asyncio.to_thread(written, tmp_path)
        with pytest.raises(UserMistake, match=says):
            await app.submit(rule(**changes))
        request = rule(**changes)
        with pytest.raises(UserMistake):
            await app.play(Play(request, "9"))
        assert await asyncio.to_thread(written, tmp_path) == before


async def test_every_option_of_every_command_has_a_bound_that_discord_takes_and_the_app_holds(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        for command in app.commands:
            for option in command.options:
                assert 1 <= option.max_length <= 6_000, f"{command.path} {option.name}"
                if option.kind == "text" and not option.choices:
                    request = Request(GUILD, "1", command.task_type, "", {option.name: "x" * (option.max_length + 1)})
                    with pytest.raises(UserMistake, match=f"{option.name}: takes at most {option.max_length}"):
                        await app.submit(request)


async def test_a_remark_has_a_bound_too(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        ticket = await app.submit(rule(offline=True))
        await ticket.wait()
        long = Feedback(ticket.task_id or 0, "mira", right=False, wrong="x" * (REMARK + 1))
        with pytest.raises(UserMistake, match="At most 1,000 characters"):
            await app.feedback("local", long, role="member")


class Fetched(Exception):
    """The bytes of an attachment were asked for."""


def attachment(name: str, size: int, kind: str | None) -> discord.Attachment:
    """As Discord announces one; asking for its bytes fails the test."""

    class Http:
        async def get_from_cdn(self, url: str) -> bytes:
            raise Fetched

    state: Any = type("State", (), {"http": Http()})()
    data: Any = {
        "id": 1, "filename": name, "size": size, "url": "https://cdn.discordapp.com/x", "proxy_url": "",
        "content_type": kind,
    }  # fmt: skip
    return discord.Attachment(data=data, state=state)


@pytest.mark.parametrize(
    ("offered", "says"),
    [
        ([attachment("a.tf", 600 * 1024, "text/plain")], "the most I read"),
        ([attachment("a.zip", 10, "application/zip")], "not a kind of file"),
        ([attachment("a.tf", 10, "application/zip")], "announces application/zip"),
        ([attachment("a.tf", 10, "image/png")], "announces image/png"),
        ([attachment("a.tf", 10, "application/gzip; x=1")], "announces application/gzip"),
        ([attachment("a.tf", 0, None)], "is empty"),
        ([attachment("a.tf", 10, None), attachment("b.exe", 10, None)], "not a kind of file"),
        ([attachment("a.tf", 10, None)] * 3, "At most 2 files"),
    ],
)
async def test_size_kind_and_number_of_attachments_are_checked_before_the_first_byte_is_fetched(
    offered: list[discord.Attachment], says: str
) -> None:
    with pytest.raises(UserMistake, match=says):
        await files.read_all({f"option{number}": item for number, item in enumerate(offered)})


@pytest.mark.parametrize("kind", [None, "text/plain; charset=utf-8", "application/json", "application/octet-stream"])
async def test_what_may_be_read_is_fetched(kind: str | None) -> None:
    with pytest.raises(Fetched):
        await files.read_all({"file": attachment("main.tf", 100, kind)})
