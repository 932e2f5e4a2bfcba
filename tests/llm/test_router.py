"""Routing, fail-over and what a person is told, against real servers."""

import asyncio
import time
from collections.abc import Callable

import pytest

from errors import ModelRateLimited, ModelsUnavailable, ModelTimeout, UserMistake
from llm.offline import OfflineModel
from llm.router import Router
from tests.llm.house import House, Records, a_call, model_at
from tests.scripted_model import DroppedStream, RateLimited, Reply, ScriptedModel, ServerError, Stall, Status, Step
from truth_blocks.contracts import Topic

TOPIC = Topic(task_type="dnd.rule", key="grappled", variant="5.2", title="Grappled", subject={})


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


async def test_a_rate_limited_provider_is_left_alone_by_later_requests_until_its_time(house: House) -> None:
    await house.add("groq", RateLimited(600), Reply())
    await house.add("gemini", Reply())
    router = house.router()
    for _ in range(2):
        assert (await router.complete(a_call(), on_call=house.records.append)).provider == "gemini"
    assert house.requests("groq") == 1 and house.records.outcomes[2] == ("groq", "skipped")
    house.clock.now += 601
    assert (await router.complete(a_call(), on_call=house.records.append)).provider == "groq"


async def test_the_sentence_names_every_provider_and_reason(house: House) -> None:
    await house.add("groq", RateLimited(7 * 60 - 30))
    await house.add("gemini", Stall(60))
    router = house.router(deadline_s=0.4, retries=0)
    with pytest.raises(ModelsUnavailable) as caught:
        await router.complete(a_call(), on_call=house.records.append)
    assert str(caught.value) == "Groq and Gemini did not answer (rate limit until 12:07 UTC; timeout)."
    assert [type(cause) for cause in caught.value.causes] == [ModelRateLimited, ModelTimeout]


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
