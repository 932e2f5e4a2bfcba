"""How a model learns from refusals what its server takes."""

import pytest

from errors import ModelFormatRefused, ModelRejected, ModelUnavailable
from llm.contracts import CallRecord
from llm.http_errors import ServerAnswer
from llm.manner import Manner
from llm.openai_compatible import OpenAICompatibleModel
from llm.router import Router
from tests.llm.house import MakeModel, a_call
from tests.scripted_model import RefuseFormat, Reply, ScriptedModel, Status
from tests.scripted_wire import Received


def asked_format(request: Received) -> str:
    """Which kind of structured output the request asked for."""
    if request.gemini:
        config = request.body["generationConfig"]
        if "responseMimeType" not in config:
            return "none"
        return "json_schema" if "responseJsonSchema" in config else "json_object"
    return str((request.body.get("response_format") or {}).get("type", "none"))


async def test_a_refused_schema_falls_back_step_by_step_and_is_remembered(make: MakeModel) -> None:
    async with ScriptedModel([RefuseFormat(("json_schema", "json_object"))]) as server:
        model = make(server.url)
        for _ in range(2):
            with pytest.raises(ModelFormatRefused):
                await model.complete(a_call(), 5.0)
        for _ in range(2):
            assert (await model.complete(a_call(), 5.0)).text == "{}"
    assert [asked_format(request) for request in server.requests] == ["json_schema", "json_object", "none", "none"]
    assert '\\"required\\"' in server.requests[2].text  # the schema is in the prompt instead


async def test_each_fallback_is_a_recorded_call_of_the_same_request(make: MakeModel) -> None:
    records: list[CallRecord] = []
    async with ScriptedModel([RefuseFormat(("json_schema",))]) as server:
        reply = await Router([make(server.url)]).complete(a_call(), on_call=records.append)
    assert reply.text == "{}"
    assert [record.outcome for record in records] == ["rejected", "ok"]
    assert "refused the form" in records[0].note


async def test_a_server_that_takes_no_json_object_is_asked_with_the_schema_first(make: MakeModel) -> None:
    async with ScriptedModel([RefuseFormat(("json_object",))]) as server:
        await make(server.url).complete(a_call(), 5.0)
    assert len(server.requests) == 1


@pytest.mark.parametrize("protocol", ["openai_compatible"], indirect=True)
async def test_refused_stream_options_are_dropped_alone(make: MakeModel) -> None:
    async with ScriptedModel([RefuseFormat(("stream_options",))]) as server:
        reply = await Router([make(server.url)]).complete(a_call(), on_call=lambda _: None)
    assert reply.text == "{}"
    assert asked_format(server.requests[1]) == "json_schema" and server.requests[1].streamed
    assert "stream_options" not in server.requests[1].body


@pytest.mark.parametrize("protocol", ["groq", "openai_compatible"], indirect=True)
async def test_where_a_schema_cannot_be_streamed_the_reply_comes_whole(make: MakeModel) -> None:
    async with ScriptedModel([RefuseFormat(("stream",), text='{"answer": "x"}')]) as server:
        reply = await Router([make(server.url)]).complete(a_call(), on_call=lambda _: None)
    assert reply.text == '{"answer": "x"}' and reply.tokens_out > 0
    assert not server.requests[-1].streamed


@pytest.mark.parametrize("protocol", ["groq", "openai_compatible"], indirect=True)
async def test_a_reply_that_failed_the_servers_own_json_check_may_be_tried_again(make: MakeModel) -> None:
    refusal = Status(400, "Failed to validate JSON against the schema.", "json_validate_failed")
    async with ScriptedModel([refusal]) as server:
        with pytest.raises(ModelUnavailable):
            await make(server.url).complete(a_call(), 5.0)


async def test_a_400_about_something_else_changes_nothing(make: MakeModel) -> None:
    async with ScriptedModel([Status(400, "The prompt is too long."), Reply()]) as server:
        model = make(server.url)
        with pytest.raises(ModelRejected) as caught:
            await model.complete(a_call(), 5.0)
        assert not isinstance(caught.value, ModelFormatRefused)
        await model.complete(a_call(), 5.0)
    assert [asked_format(request) for request in server.requests] == ["json_schema"] * 2


@pytest.mark.parametrize(
    ("message", "better"),
    [
        (
            "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
            {"limit_name": "max_completion_tokens"},
        ),
        ("Unsupported value: 'temperature' does not support 0.2 with this model.", {"temperature": False}),
        ("'response_format.type' must be 'json_schema' or 'text'", {"response_format": "json_object"}),
        ("streaming is not supported with Structured Outputs", {"stream": False}),
    ],
)
def test_a_refusal_changes_the_one_thing_it_names(message: str, better: dict[str, object]) -> None:
    after = Manner().after_refusal(ServerAnswer(400, {}, {"error": {"message": message}}))
    assert after == Manner(**better)  # type: ignore[arg-type]


def test_two_refusals_of_the_same_form_lower_it_once() -> None:
    refusal = ServerAnswer(400, {}, {"error": {"message": "response_format is not supported"}})
    asked = Manner()
    assert asked.after_refusal(refusal) == asked.after_refusal(refusal) == Manner(response_format="json_object")


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/", "/v1/chat/completions"])
async def test_a_base_url_works_with_or_without_v1(suffix: str) -> None:
    async with ScriptedModel([Reply()]) as server:
        model = OpenAICompatibleModel(base_url=server.url + suffix, model="any")
        await model.complete(a_call(), 5.0)
        await model.close()
    assert server.requests[0].path == "/v1/chat/completions"
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize("protocol", ["groq", "gemini"], indirect=True)
async def test_the_sdks_base_urls_work_with_their_own_paths_written_out(make: MakeModel, protocol: str) -> None:
    suffix = "/openai/v1/" if protocol == "groq" else "/v1beta/"
    async with ScriptedModel([Reply()]) as server:
        await make(server.url + suffix).complete(a_call(), 5.0)
    expected = "/openai/v1/chat/completions" if protocol == "groq" else "/v1beta/models/gemini-test:generateContent"
    assert server.requests[0].path == expected
