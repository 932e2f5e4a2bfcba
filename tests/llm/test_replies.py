"""What each protocol makes of good and bad replies, over real HTTP."""

import asyncio
import socket
import time

import pytest

from errors import ModelError, ModelRateLimited, ModelRejected, ModelTimeout, ModelUnavailable
from tests.llm.house import KEY, MakeModel, a_call, model_at
from tests.scripted_model import (
    Body10MB,
    DroppedStream,
    MalformedJson,
    RateLimited,
    Reply,
    ScriptedModel,
    ServerError,
    Stall,
    Status,
    Step,
    TruncatedJson,
    WrongSchema,
)
from tests.scripted_wire import TOKENS_IN, TOKENS_OUT


async def failure(make: MakeModel, *steps: Step, deadline_s: float = 5.0) -> ModelError:
    """The error of one call, after checking that it took exactly one request and tells no secrets."""
    async with ScriptedModel(steps) as server:
        with pytest.raises(ModelError) as caught:
            await make(server.url).complete(a_call(), deadline_s)
        assert len(server.requests) == 1
    shown = f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"
    assert KEY not in shown
    assert "My-private-question" not in shown and "Traceback" not in shown
    assert len(str(caught.value)) < 160
    return caught.value


async def test_a_reply_comes_back_with_its_tokens_and_cost(make: MakeModel, protocol: str) -> None:
    async with ScriptedModel([Reply('{"answer": "Speed 0 ✓"}')]) as server:
        reply = await make(server.url).complete(a_call(), 5.0)
    assert reply.text == '{"answer": "Speed 0 ✓"}'
    assert (reply.provider, reply.tokens_in, reply.tokens_out) == (protocol, TOKENS_IN, TOKENS_OUT)
    assert reply.cost_usd == pytest.approx((TOKENS_IN * 1.0 + TOKENS_OUT * 2.0) / 1e6)
    assert reply.duration_ms > 0 and reply.note == ""


async def test_tokens_are_estimated_where_the_server_reports_none(make: MakeModel) -> None:
    async with ScriptedModel([Reply('{"answer": "x"}', usage=False)]) as server:
        reply = await make(server.url).complete(a_call(), 5.0)
    assert reply.tokens_in == round((len(a_call().system) + len(a_call().user)) / 3.5)
    assert reply.tokens_out == round(len(reply.text) / 3.5)


async def test_the_request_carries_prompt_schema_and_key_but_never_the_subject(make: MakeModel, protocol: str) -> None:
    async with ScriptedModel([Reply()]) as server:
        await make(server.url).complete(a_call(subject={"secret-topic": 1}), 5.0)
    request = server.requests[0]
    assert "Silent Architect" in request.text and "My-private-question" in request.text
    assert "additionalProperties" in request.text and "secret-topic" not in request.text
    sent_key = request.headers["x-goog-api-key" if protocol == "gemini" else "authorization"]
    assert sent_key.removeprefix("Bearer ") == KEY
    assert request.streamed == (protocol != "gemini")


async def test_a_reply_in_a_fence_after_thoughts_is_unwrapped(make: MakeModel) -> None:
    text = '<think>Let me see { "no": 1 }</think>\n```json\n{"answer": "x"}\n```'
    async with ScriptedModel([Reply(text)]) as server:
        assert (await make(server.url).complete(a_call(), 5.0)).text == '{"answer": "x"}'


@pytest.mark.parametrize("step", [MalformedJson(), WrongSchema()])
async def test_bad_json_is_handed_on_for_the_critic_to_reject(
    make: MakeModel, step: MalformedJson | WrongSchema
) -> None:
    async with ScriptedModel([step]) as server:
        assert (await make(server.url).complete(a_call(), 5.0)).text == step.text


async def test_a_reply_cut_at_the_token_limit_is_handed_on_with_a_note(make: MakeModel) -> None:
    async with ScriptedModel([TruncatedJson()]) as server:
        reply = await make(server.url).complete(a_call(), 5.0)
    assert reply.text == TruncatedJson().text
    assert reply.note == "cut at the limit of 2,048 tokens"


async def test_ten_megabytes_are_refused_without_reading_them(make: MakeModel) -> None:
    async with ScriptedModel([Body10MB()]) as server:
        with pytest.raises((ModelRejected, ModelUnavailable), match=r"longer than|larger than"):
            await make(server.url).complete(a_call(), 5.0)
        await until(lambda: server.requests[0].closed_early)
    assert server.requests[0].sent < 8_000_000  # the kernel's buffers hold some megabytes more than we read


async def test_ten_megabytes_of_error_text_are_refused_too(make: MakeModel) -> None:
    error = await failure(make, Status(500, message="x" * 10_000_000))
    assert isinstance(error, ModelUnavailable)


async def test_silence_ends_at_the_deadline_and_closes_the_connection(make: MakeModel) -> None:
    async with ScriptedModel([Reply(), Stall(30.0)]) as server:
        model = make(server.url)
        await model.complete(a_call(), 5.0)  # the SDK is imported now, which is not what is timed
        began = time.monotonic()
        with pytest.raises(ModelTimeout):
            await model.complete(a_call(), 0.3)
        assert time.monotonic() - began < 1.0
        await until(lambda: server.requests[1].closed_early)


@pytest.mark.parametrize("protocol", ["groq", "openai_compatible"], indirect=True)
async def test_a_stream_that_stalls_is_given_up_long_before_the_deadline(make: MakeModel) -> None:
    began = time.monotonic()
    error = await failure(make, Stall(30.0, after=1, text="x" * 200), deadline_s=20.0)
    assert isinstance(error, ModelTimeout) and "nothing came for 0.3 s" in str(error)
    assert time.monotonic() - began < 5.0


@pytest.mark.parametrize("protocol", ["groq", "openai_compatible"], indirect=True)
async def test_a_server_that_idles_after_the_finish_reason_does_not_hold_the_reply(make: MakeModel) -> None:
    async with ScriptedModel([Stall(30.0, after=2, text="{}")]) as server:
        began = time.monotonic()
        assert (await make(server.url).complete(a_call(), 20.0)).text == "{}"
        assert time.monotonic() - began < 6.0


@pytest.mark.parametrize("abrupt", [False, True])
async def test_a_dropped_stream_is_unavailable_however_it_ends(make: MakeModel, abrupt: bool) -> None:
    error = await failure(make, DroppedStream(2, abrupt))
    assert isinstance(error, ModelUnavailable) and "dropped" in str(error)


async def test_a_stream_cut_before_its_first_word_is_unavailable(make: MakeModel) -> None:
    assert isinstance(await failure(make, DroppedStream(0)), ModelUnavailable)


async def test_an_empty_reply_is_no_fault_of_the_server(make: MakeModel) -> None:
    assert isinstance(await failure(make, Reply("")), ModelRejected)


async def test_a_filtered_reply_is_rejected(make: MakeModel) -> None:
    error = await failure(make, Reply("{", finish="content_filter"))
    assert isinstance(error, ModelRejected) and "content filter" in str(error)


@pytest.mark.parametrize("status", [500, 502, 503, 529])
async def test_server_errors_are_unavailable(make: MakeModel, status: int) -> None:
    error = await failure(make, ServerError(status))
    assert isinstance(error, ModelUnavailable) and str(status) in str(error)


@pytest.mark.parametrize(
    ("step", "wait"),
    [(RateLimited(), None), (RateLimited(7), 7.0), (RateLimited("2.5"), 2.5), (RateLimited(in_body_s=17.5), 17.5)],
)
async def test_a_rate_limit_says_when_to_come_back_if_the_server_does(
    make: MakeModel, step: RateLimited, wait: float | None
) -> None:
    error = await failure(make, step)
    assert isinstance(error, ModelRateLimited) and error.retry_after_s == wait


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
async def test_other_4xx_are_rejected_without_quoting_the_server(make: MakeModel, status: int) -> None:
    error = await failure(make, Status(status, f"Incorrect key {KEY}; My-private-question", "invalid_api_key"))
    assert isinstance(error, ModelRejected) and str(status) in str(error)


async def test_a_redirect_is_not_followed(make: MakeModel) -> None:
    error = await failure(make, Status(307))
    assert isinstance(error, ModelRejected | ModelUnavailable)


async def test_a_web_page_in_place_of_an_answer_is_unavailable(make: MakeModel) -> None:
    async with ScriptedModel([Reply()]) as server:
        model = make(server.url + "/get-only")
        assert (await model.complete(a_call(), 5.0)).text == "{}"
    assert server.requests[0].path.startswith("/get-only/")


async def test_a_server_that_is_not_there_is_unavailable_at_once(make: MakeModel) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        model = make(f"http://127.0.0.1:{unused.getsockname()[1]}")
        began = time.monotonic()
        with pytest.raises(ModelUnavailable, match="no connection"):
            await model.complete(a_call(), 20.0)
    assert time.monotonic() - began < 5.0  # the SDK's import included


async def test_a_host_that_swallows_packets_costs_only_the_connect_timeout(make: MakeModel) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)
        await asyncio.sleep(0.05)
        model = make(f"http://127.0.0.1:{address[1]}")
        with pytest.raises(ModelUnavailable, match=r"no connection within 0\.5 s"):
            await model.complete(a_call(), 20.0)
        for filler in fillers:
            filler.close()


async def test_cancelling_a_call_closes_its_connection(make: MakeModel) -> None:
    async with ScriptedModel([Stall(30.0, after=1)]) as server:
        task = asyncio.create_task(make(server.url).complete(a_call(), 30.0))
        await until(lambda: bool(server.requests))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: server.requests[0].closed_early)


async def test_closing_twice_or_unused_is_fine_and_a_closed_model_opens_again(make: MakeModel) -> None:
    async with ScriptedModel([Reply()]) as server:
        model = make(server.url)
        await model.close()
        await model.complete(a_call(), 5.0)
        await model.close()
        await model.close()
        assert (await model.complete(a_call(), 5.0)).text == "{}"


def test_no_model_shows_its_key(protocol: str) -> None:
    model = model_at(protocol, "http://127.0.0.1:1")
    assert KEY not in repr(model) and KEY not in str(model)


@pytest.mark.parametrize("protocol", ["groq", "openai_compatible"], indirect=True)
async def test_a_stream_may_come_byte_by_byte_with_comments_and_windows_line_ends(make: MakeModel) -> None:
    stream = (
        ": keep-alive\r\n\r\n"
        'data: {"choices": [{"index": 0, "delta": {"role": "assistant", "content": null}}]}\r\n\r\n'
        'data: {"choices": [{"index": 0, "delta": {"content": "{\\"a\\": \\"✓ ü\\"}"}}], "usage": null}\r\n\r\n'
        'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\r\n\r\n'
        "data: [DONE]\r\n\r\n"
    ).encode()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n")
        for position in range(len(stream)):
            writer.write(stream[position : position + 1])
            await writer.drain()
            await asyncio.sleep(0)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        reply = await make(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}").complete(a_call(), 10.0)
    assert reply.text == '{"a": "✓ ü"}' and reply.tokens_out > 0


async def until(condition: object, seconds: float = 3.0) -> None:
    """Wait for something the server side sees a moment later."""
    assert callable(condition)
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen in time")
