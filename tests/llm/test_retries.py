"""The one retry policy: pauses, deadline and ceiling, against real servers."""

import time

import pytest

from errors import ModelRateLimited, ModelsUnavailable
from llm.router import Router
from tests.llm.house import KEY, House, MakeModel, Records, a_call
from tests.scripted_model import DroppedStream, RateLimited, Reply, ScriptedModel, ServerError, Stall, Status


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


async def test_with_retries_the_sdks_add_no_calls_of_their_own(make: MakeModel) -> None:
    for step in (ServerError(503), RateLimited(), RateLimited(0), DroppedStream(1, abrupt=True)):
        records = Records()
        async with ScriptedModel([step]) as server:
            model = make(server.url)
            with pytest.raises(ModelsUnavailable) as caught:
                await Router([model], retries=1, max_calls=9).complete(a_call(), on_call=records.append)
            assert len(server.requests) == len(records) == 2
            assert KEY not in str(caught.value) + str(records)
