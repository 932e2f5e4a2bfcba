"""Two providers that fail, each in its own way: every pair ends in an answer, a fallback or a clear sentence, in time."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from errors import ModelsUnavailable
from tests.apps import opened, right_draft, rule
from tests.llm.house import KEY, House, a_call, model_at
from tests.promises import Promise
from tests.scripted_model import (
    Body10MB,
    DroppedStream,
    MalformedJson,
    RateLimited,
    RefuseFormat,
    Reply,
    ScriptedModel,
    ServerError,
    Stall,
    Status,
    Step,
    TruncatedJson,
    WrongSchema,
)

WAYS: dict[str, Step] = {
    "answers": Reply(),
    "no JSON": MalformedJson(),
    "cut at its limit": TruncatedJson(),
    "another shape": WrongSchema(),
    "far too long": Body10MB(size=3_000_000),
    "silent": Stall(60),
    "silent after a beginning": Stall(60, after=2),
    "busy": RateLimited(),
    "busy for a moment": RateLimited(0.2),
    "busy for long": RateLimited(600),
    "busy, said in the body": RateLimited(in_body_s=0.2),
    "broken": ServerError(),
    "away": ServerError(503),
    "bad request": Status(),
    "bad key": Status(401),
    "unknown model": Status(404),
    "ends early": DroppedStream(),
    "hangs up": DroppedStream(abrupt=True),
    "takes no schema": RefuseFormat(),
    "takes nothing it is asked": RefuseFormat(("json_schema", "json_object", "stream", "response_format")),
}
PAIRS = [(first, second) for first in WAYS for second in WAYS]
SILENT = {"silent", "silent after a beginning"}
REPLIES = {"answers", "no JSON", "cut at its limit", "another shape", "takes no schema", "takes nothing it is asked"}
DEADLINE_S, RETRIES = 1.2, 2
CEILING = 2 + RETRIES + 3
"""HTTP calls of one draft or one opinion: each provider, the retries, three for refused forms."""
DRAFTS = 3


async def between(first: str, second: str) -> int:
    """One call over two providers; how many HTTP requests it made."""
    async with AsyncExitStack() as stack:
        house = House(stack)
        await house.add("groq", WAYS[first])
        await house.add("gemini", WAYS[second])
        router = house.real_router(deadline_s=DEADLINE_S, retries=RETRIES)
        began, answered = time.monotonic(), True
        try:
            await router.complete(a_call(), on_call=house.records.append)
        except ModelsUnavailable as error:
            answered = False
            assert str(error).startswith(("Groq", "Gemini")) and str(error).endswith(".")
            assert "Traceback" not in str(error) and KEY not in str(error)
            assert len(error.causes) == 2
        assert time.monotonic() - began < DEADLINE_S + 1.5
        assert answered or not {first, second} & REPLIES
        made = house.requests("groq") + house.requests("gemini")
        assert 1 <= made <= CEILING
        assert made <= len(house.records)  # what was made is on record
        return made


async def test_every_pair_of_failures_ends_in_a_reply_or_a_sentence_within_its_deadline_and_ceiling(
    promise: Promise,
) -> None:
    wrong, most = [], 0
    for begin in range(0, len(PAIRS), 10):
        pairs = PAIRS[begin : begin + 10]
        ends = await asyncio.gather(*(between(*pair) for pair in pairs), return_exceptions=True)
        wrong += [(pair, end) for pair, end in zip(pairs, ends, strict=True) if isinstance(end, BaseException)]
        most = max([most, *(end for end in ends if isinstance(end, int))])
    print(f"{len(PAIRS)} pairs, at most {most} HTTP calls of {CEILING}")
    assert not wrong, wrong
    promise(
        "Whatever two providers do, a call ends within its deadline and its ceiling of HTTP requests.",
        f"at most {CEILING} requests",
        count=len(PAIRS),
        of="pairs of failures",
    )


async def through(folder: Path, first: str, second: str) -> tuple[str, int]:
    """A question through the whole App; how it ended, and how many HTTP requests it made."""
    right = right_draft()
    steps = [[Reply(text=right)] if way == "answers" else [WAYS[way]] for way in (first, second)]
    async with ScriptedModel(steps[1]) as groq, ScriptedModel(steps[0]) as compatible:
        changes = {"model_deadline_s": DEADLINE_S, "model_retries": RETRIES, "model_routes": "*=openai_compatible,groq"}
        async with opened(folder, compatible, groq, **changes) as app:
            began = time.monotonic()
            answer = await (await app.submit(rule())).wait()
            assert time.monotonic() - began < DRAFTS * 2 * (DEADLINE_S + 1)
            assert answer.status in ("verified", "fallback", "failed"), answer
            assert answer.text and "Traceback" not in answer.text
            if answer.status == "failed":
                assert "Nothing was sent. I can answer from the facts alone" in answer.text and answer.offer_rules
            task = await app.blackboard.task("local", answer.task_id or 0)
            assert task is not None and task.retry_count <= DRAFTS
            told = str(await app.blackboard.steps("local", task.id))
            assert "Traceback" not in told and "k" * 20 not in told
            entries = (await app.blackboard.health()).cache_entries
            assert entries == int(answer.status == "verified" and (answer.confidence or 0) >= 0.8)
        return answer.status, len(groq.requests) + len(compatible.requests)


async def every(folder: Path, pairs: Sequence[tuple[str, str]]) -> None:
    most, wrong = 0, []
    for begin in range(0, len(pairs), 4):
        portion = pairs[begin : begin + 4]
        folders = [folder / f"{begin + number}" for number in range(len(portion))]
        ends = await asyncio.gather(
            *(through(own, *pair) for own, pair in zip(folders, portion, strict=True)), return_exceptions=True
        )
        for pair, end in zip(portion, ends, strict=True):
            if isinstance(end, BaseException):
                wrong.append((pair, end))
                continue
            most = max(most, end[1])
            assert end[1] <= DRAFTS * 2 * CEILING
            if pair[0] == "answers":
                assert end[0] == "verified", pair
    print(f"{len(pairs)} pairs through the App, at most {most} HTTP calls of {DRAFTS * 2 * CEILING}")
    assert not wrong, wrong


async def test_every_failure_first_and_second_ends_well_through_the_whole_app(tmp_path: Path, promise: Promise) -> None:
    names = list(WAYS)
    await every(tmp_path, [(first, names[(place * 7 + 3) % len(names)]) for place, first in enumerate(names)])
    promise(
        "Whatever fails first and second, a person gets an answer or a clear sentence.",
        count=len(WAYS),
        of="pairs of failures",
    )


@pytest.mark.slow
@pytest.mark.timeout(1_800)
async def test_every_pair_of_failures_ends_well_through_the_whole_app(tmp_path: Path, promise: Promise) -> None:
    await every(tmp_path, PAIRS)
    promise(
        "Every pair of failing providers ends well through the whole program.", count=len(PAIRS), of="pairs of failures"
    )


@pytest.mark.parametrize("way", [way for way in WAYS if way not in REPLIES | SILENT])
async def test_whoever_fails_at_once_is_followed_within_two_seconds(house: House, way: str, promise: Promise) -> None:
    await house.add("groq", WAYS[way])
    await house.add("gemini", Reply())
    began = time.monotonic()
    reply = await house.real_router(deadline_s=45.0).complete(a_call(), on_call=house.records.append)
    assert reply.provider == "gemini"
    assert time.monotonic() - began < 2.0
    promise("Whoever fails at once is followed by the next provider within 2 s.", count=1, of="ways to fail")


@pytest.mark.parametrize("way", sorted(SILENT))
async def test_whoever_was_silent_three_times_is_no_longer_waited_for(house: House, way: str) -> None:
    await house.add("groq", WAYS[way])
    await house.add("gemini", Reply())
    router = house.real_router(deadline_s=0.5)
    for _ in range(3):
        await router.complete(a_call(), on_call=house.records.append)
    began = time.monotonic()
    for _ in range(5):
        assert (await router.complete(a_call(), on_call=house.records.append)).provider == "gemini"
    assert time.monotonic() - began < 2.0 and house.requests("groq") == 3


@pytest.mark.parametrize("way", ["broken", "hangs up", "away"])
async def test_a_failing_provider_is_probed_at_most_once_in_thirty_seconds(
    house: House, way: str, promise: Promise
) -> None:
    await house.add("groq", WAYS[way])
    await house.add("gemini", Reply())
    router, probes, seen = house.router(breaker_rest_s=30.0), [], 0
    for second in range(0, 200, 2):
        house.clock.now = 1_000.0 + second
        with contextlib.suppress(ModelsUnavailable):
            await asyncio.gather(*(router.complete(a_call(), on_call=house.records.append) for _ in range(3)))
        if house.requests("groq") > seen:
            probes += [house.clock.now] * (house.requests("groq") - seen)
            seen = house.requests("groq")
    opened_at = probes[2]
    later = [at for at in probes if at > opened_at]
    assert 4 <= len(later) <= 7
    assert all(after - before >= 30.0 for before, after in itertools.pairwise(later))
    promise("A failing provider is probed at most once in 30 s.", count=1, of="ways to fail")


@pytest.mark.parametrize(
    "step", [Reply("x" * 300_000, piece=300_000), Reply(""), Reply(" \n")], ids=["long", "empty", "blank"]
)
async def test_whoever_gets_a_model_to_say_too_much_or_nothing_does_not_take_it_from_the_others(
    house: House, step: Step
) -> None:
    await house.add("groq", *[step] * 4, Reply('{"answer": "x"}'))
    router = house.router()
    for _ in range(4):
        with pytest.raises(ModelsUnavailable, match=r"empty reply|longer than"):
            await router.complete(a_call(), on_call=house.records.append)
    assert house.requests("groq") == 4  # once each: asking again would bring the same
    assert (await router.complete(a_call(), on_call=house.records.append)).text == '{"answer": "x"}'


@pytest.mark.parametrize("protocol", ["groq", "gemini", "openai_compatible"])
async def test_half_a_character_in_a_reply_is_replaced_and_a_split_one_is_no_failure(protocol: str) -> None:
    for text in ('{"answer": "half \ud800 of one"}', '{"answer": "\udc00\ud800"}'):
        async with ScriptedModel([Reply(text, piece=1_000)]) as server:
            model = model_at(protocol, server.url)
            reply = await model.complete(a_call(), 5.0)
            await model.close()
        assert "\ufffd" in reply.text and reply.text.encode()
