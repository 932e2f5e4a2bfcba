"""Routing, fail-over and the one retry policy, against real servers."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import pytest

from errors import ModelRateLimited, ModelsUnavailable, ModelTimeout, UserMistake
from llm.contracts import LanguageModel
from llm.offline import OfflineModel
from llm.openai_compatible import OpenAICompatibleModel
from llm.router import Router
from tests.llm.conftest import KEY, QUICK, MakeModel, Records, a_call, model_at
from tests.scripted_model import DroppedStream, RateLimited, Reply, ScriptedModel, ServerError, Stall, Status, Step
from truth_blocks.contracts import Topic

NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
TOPIC = Topic(task_type="dnd.rule", key="grappled", variant="5.2", title="Grappled", subject={})


class Clock:
    """Time that passes only when someone sleeps."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        self.slept.append(seconds)
        self.now += seconds


class House:
    """Providers served by scripted servers of the OpenAI-compatible protocol, which needs no SDK."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self.clock = Clock()
        self.records = Records()
        self.servers: dict[str, ScriptedModel] = {}
        self._models: list[OpenAICompatibleModel] = []

    async def add(self, provider: str, *steps: Step) -> None:
        """A provider with its script."""
        server = await self._stack.enter_async_context(ScriptedModel(steps))
        self.servers[provider] = server
        self.add_at(provider, server.url)

    def add_at(self, provider: str, url: str) -> None:
        """A provider at an address of its own."""
        self._models.append(OpenAICompatibleModel(base_url=url, model="m", provider=provider, patience=QUICK))

    def router(self, **options: Any) -> Router:
        """A router over them on the test's clock."""
        return self.real_router(clock=self.clock, sleep=self.clock.sleep, now=lambda: NOON, **options)

    def real_router(self, *more: LanguageModel, **options: Any) -> Router:
        """A router over them on the real clock."""
        router = Router([*more, *self._models], **options)
        self._stack.push_async_callback(router.close)
        return router

    def requests(self, provider: str) -> int:
        """How many HTTP requests it got."""
        return len(self.servers[provider].requests)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """An empty house."""
    async with AsyncExitStack() as stack:
        yield House(stack)


async def test_the_first_provider_of_the_route_answers(house: House) -> None:
    await house.add("groq", Reply('{"by": "groq"}'))
    await house.add("gemini", Reply('{"by": "gemini"}'))
    router = house.router(routes={"dnd": ["gemini", "groq"], "cloud.plan": ["groq"], "*": ["groq"]})
    assert (await router.complete(a_call(), on_call=house.records.append)).provider == "gemini"
    cloud = a_call(task_type="cloud.plan")
    assert (await router.complete(cloud, on_call=house.records.append)).provider == "groq"
    assert house.records.outcomes == [("gemini", "ok"), ("groq", "ok")]
    assert router.providers("dnd.spell") == ["gemini", "groq"] and router.providers("ask") == ["groq", "gemini"]


@pytest.mark.parametrize("step", [ServerError(), DroppedStream(), RateLimited(), RateLimited(600), Status(401)])
async def test_a_failing_provider_is_followed_by_the_next_without_a_pause(house: House, step: Step) -> None:
    await house.add("groq", step)
    await house.add("gemini", Reply())
    reply = await house.router().complete(a_call(), on_call=house.records.append)
    assert reply.provider == "gemini" and house.clock.slept == []
    assert [provider for provider, _ in house.records.outcomes] == ["groq", "gemini"]


async def test_a_dead_provider_costs_less_than_two_seconds(house: House) -> None:
    house.add_at("groq", "http://127.0.0.1:9")
    await house.add("gemini", Reply())
    began = time.monotonic()
    assert (await house.router().complete(a_call(), on_call=house.records.append)).provider == "gemini"
    assert time.monotonic() - began < 2.0
    assert house.records.outcomes == [("groq", "unavailable"), ("gemini", "ok")]


async def test_a_single_provider_is_retried_with_growing_pauses_and_then_given_up(house: House) -> None:
    await house.add("groq", ServerError())
    with pytest.raises(ModelsUnavailable, match=r"^Groq did not answer \(server error \(HTTP 500\)\)\.$"):
        await house.router(retries=2).complete(a_call(), on_call=house.records.append)
    assert house.requests("groq") == 3 and house.clock.slept == [0.5, 1.0]


async def test_a_retry_that_works_is_an_answer(house: House) -> None:
    await house.add("groq", ServerError(), Reply())
    assert (await house.router().complete(a_call(), on_call=house.records.append)).text == "{}"
    assert house.records.outcomes == [("groq", "unavailable"), ("groq", "ok")]


async def test_a_pause_the_server_asked_for_is_kept_when_it_fits_the_deadline(house: House) -> None:
    await house.add("groq", RateLimited(20), Reply())
    assert (await house.router(deadline_s=45.0).complete(a_call(), on_call=house.records.append)).text == "{}"
    assert house.clock.slept == [pytest.approx(20, abs=0.1)] and house.clock.slept[0] >= 20


async def test_a_pause_beyond_the_deadline_is_not_waited_for(house: House) -> None:
    await house.add("groq", RateLimited(120), Reply())
    with pytest.raises(ModelsUnavailable, match=r"^Groq did not answer \(rate limit until 12:02 UTC\)\.$") as caught:
        await house.router(deadline_s=45.0).complete(a_call(), on_call=house.records.append)
    assert house.requests("groq") == 1 and house.clock.slept == []
    assert isinstance(caught.value.causes[0], ModelRateLimited)


async def test_a_short_pause_is_kept_before_the_next_provider_is_asked(house: House) -> None:
    await house.add("groq", RateLimited(1), Reply())
    await house.add("gemini", Reply())
    assert (await house.router().complete(a_call(), on_call=house.records.append)).provider == "groq"
    assert house.requests("gemini") == 0


async def test_a_rate_limited_provider_is_left_alone_by_later_requests_until_its_time(house: House) -> None:
    await house.add("groq", RateLimited(600), Reply())
    await house.add("gemini", Reply())
    router = house.router()
    for _ in range(2):
        assert (await router.complete(a_call(), on_call=house.records.append)).provider == "gemini"
    assert house.requests("groq") == 1 and house.records.outcomes[2] == ("groq", "skipped")
    house.clock.now += 601
    assert (await router.complete(a_call(), on_call=house.records.append)).provider == "groq"


async def test_a_refused_key_is_not_retried(house: House) -> None:
    await house.add("groq", Status(401))
    with pytest.raises(ModelsUnavailable, match="key was refused"):
        await house.router().complete(a_call(), on_call=house.records.append)
    assert house.requests("groq") == 1


async def test_no_request_makes_more_calls_than_the_ceiling(house: House) -> None:
    for provider in ("groq", "gemini", "openai_compatible"):
        await house.add(provider, ServerError())
    with pytest.raises(ModelsUnavailable):
        await house.router(retries=50, max_calls=5, deadline_s=600.0, breaker_failures=99).complete(
            a_call(), on_call=house.records.append
        )
    assert sum(map(house.requests, house.servers)) == 5 == len(house.records)


async def test_the_sentence_names_every_provider_and_reason(house: House) -> None:
    await house.add("groq", RateLimited(7 * 60 - 30))
    await house.add("gemini", Stall(60))
    router = house.router(deadline_s=0.4, retries=0)
    with pytest.raises(ModelsUnavailable) as caught:
        await router.complete(a_call(), on_call=house.records.append)
    assert str(caught.value) == "Groq and Gemini did not answer (rate limit until 12:07 UTC; timeout)."
    assert [type(cause) for cause in caught.value.causes] == [ModelRateLimited, ModelTimeout]


async def test_a_stalled_provider_leaves_time_for_the_next(house: House) -> None:
    await house.add("groq", Stall(60))
    await house.add("gemini", Reply())
    router = house.real_router(deadline_s=1.0)
    began = time.monotonic()
    assert (await router.complete(a_call(), on_call=house.records.append)).provider == "gemini"
    assert time.monotonic() - began < 1.0


async def test_the_deadline_bounds_the_whole_request(house: House) -> None:
    await house.add("groq", Stall(60))
    await house.add("gemini", Stall(60))
    began = time.monotonic()
    with pytest.raises(ModelsUnavailable):
        await house.real_router(deadline_s=1.0, retries=9).complete(a_call(), on_call=house.records.append)
    assert time.monotonic() - began < 1.4


async def test_after_three_failures_a_provider_rests_and_is_then_probed_once(house: House) -> None:
    await house.add("groq", ServerError(), ServerError(), ServerError(), Stall(0.3))
    await house.add("gemini", Reply())
    router = house.router()

    async def ask() -> str:
        return (await router.complete(a_call(), on_call=house.records.append)).provider

    assert [await ask() for _ in range(5)] == ["gemini"] * 5
    assert house.requests("groq") == 3
    assert ("groq", "skipped") in house.records.outcomes
    house.clock.now += 30
    assert sorted(await asyncio.gather(*(ask() for _ in range(8)))) == ["gemini"] * 7 + ["groq"]
    assert house.requests("groq") == 4
    assert await ask() == "groq"


async def test_all_resting_is_said_so(house: House) -> None:
    await house.add("groq", ServerError())
    router = house.router(retries=2, breaker_rest_s=300.0)
    for sentence in ("server error", "left alone for 300 s after repeated failures"):
        with pytest.raises(ModelsUnavailable, match=sentence):
            await router.complete(a_call(), on_call=house.records.append)
    assert house.requests("groq") == 3


async def test_a_second_opinion_is_asked_of_another_provider_where_there_is_one(house: House) -> None:
    await house.add("groq", Reply())
    critique = a_call("critique")
    alone = house.router()
    assert (await alone.complete(critique, avoid="groq", on_call=house.records.append)).provider == "groq"
    await house.add("gemini", Reply())
    both = house.router()
    assert (await both.complete(critique, avoid="groq", on_call=house.records.append)).provider == "gemini"


async def test_the_offline_model_serves_only_where_no_remote_one_is_configured(house: House) -> None:
    offline = OfflineModel({"dnd": lambda topic, findings: f'{{"topic": "{topic.key}"}}'})
    alone = Router([offline])
    draft = a_call(subject=(TOPIC, ()))
    assert not alone.configured
    assert (await alone.complete(draft, on_call=house.records.append)).text == '{"topic": "grappled"}'
    with pytest.raises(ModelsUnavailable, match="No language model is configured"):
        await alone.complete(a_call("critique"), on_call=house.records.append)

    await house.add("groq", Status(401))
    both = house.real_router(offline)
    assert both.configured
    with pytest.raises(ModelsUnavailable, match=r"^Groq did not answer"):
        await both.complete(draft, on_call=house.records.append)
    assert (await both.complete(draft, only="offline", on_call=house.records.append)).provider == "offline"
    named = house.real_router(offline, routes={"dnd": ["groq", "offline"]})
    assert (await named.complete(draft, on_call=house.records.append)).provider == "offline"


async def test_what_the_rules_cannot_draft_reaches_the_person_as_it_is() -> None:
    def refuse(topic: Topic, findings: object) -> str:
        raise UserMistake("The rules data has no answer to that.")

    router = Router([OfflineModel({"dnd": refuse})])
    with pytest.raises(UserMistake, match="no answer to that"):
        await router.complete(a_call(subject=(TOPIC, ())), on_call=lambda _: None)


async def test_cancelling_a_request_cancels_its_call(house: House) -> None:
    await house.add("groq", Stall(30))
    task = asyncio.create_task(house.router().complete(a_call(), on_call=house.records.append))
    server = house.servers["groq"]
    await _until(lambda: bool(server.requests))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await _until(lambda: server.requests[0].closed_early)


async def test_with_retries_the_sdks_add_no_calls_of_their_own(make: MakeModel) -> None:
    for step in (ServerError(503), RateLimited(), RateLimited(0), DroppedStream(1, abrupt=True)):
        records = Records()
        async with ScriptedModel([step]) as server:
            model = make(server.url)
            with pytest.raises(ModelsUnavailable) as caught:
                await Router([model], retries=1, max_calls=9).complete(a_call(), on_call=records.append)
            assert len(server.requests) == len(records) == 2
            assert KEY not in str(caught.value) + str(records)


async def test_three_protocols_stand_in_for_each_other() -> None:
    records = Records()
    async with ScriptedModel([ServerError()]) as broken, ScriptedModel([Reply('{"ok": 1}')]) as good:
        models = [
            model_at("groq", broken.url),
            model_at("gemini", broken.url),
            model_at("openai_compatible", good.url),
        ]
        router = Router(models)
        reply = await router.complete(a_call(), on_call=records.append)
        await router.close()
    assert reply.text == '{"ok": 1}'
    assert records.outcomes == [("groq", "unavailable"), ("gemini", "unavailable"), ("openai_compatible", "ok")]


async def _until(condition: Callable[[], bool]) -> None:
    for _ in range(150):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen in time")
