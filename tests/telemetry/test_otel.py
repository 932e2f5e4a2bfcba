"""Spans as a collector gets them: real OTLP over HTTP, decoded by the protocol's own library."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
from opentelemetry.semconv.attributes import error_attributes

import metrics
from errors import BadConfiguration
from settings import HOME
from telemetry import otel
from tests.apps import WRONG, author_and_critic, opened, right_draft
from tests.promises import Promise
from tests.scripted_model import ScriptedModel, ServerError
from tests.telemetry.scraping import asked

CLIENT, INTERNAL = 3, 1
ERROR = 2


class Collector:
    """An OTLP/HTTP receiver on loopback."""

    def __init__(self) -> None:
        self.url = ""
        self.bodies: list[bytes] = []

    def spans(self) -> list[Any]:
        found = []
        for body in self.bodies:
            request = ExportTraceServiceRequest.FromString(body)
            for resource in request.resource_spans:
                named = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
                assert named["service.name"] == "vespera"
                found += [span for scope in resource.scope_spans for span in scope.spans]
        return found

    async def take(self, request: web.Request) -> web.Response:
        assert request.path == "/v1/traces"
        assert request.headers["Content-Type"] == "application/x-protobuf"
        self.bodies.append(await request.read())
        return web.Response(content_type="application/x-protobuf")


@contextlib.asynccontextmanager
async def collector() -> AsyncIterator[Collector]:
    receiver = Collector()
    application = web.Application()
    application.router.add_post("/{path:.*}", receiver.take)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield receiver
    finally:
        await runner.cleanup()


def attributes(span: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value") or "string_value") for pair in span.attributes}


async def test_a_task_and_its_calls_are_spans_with_the_conventions_names(tmp_path: Path) -> None:
    async with collector() as receiver, ScriptedModel(author_and_critic(WRONG, right_draft())) as model:
        async with opened(tmp_path, model) as app, otel.following(receiver.url):
            assert await asked(app) == "verified"
    spans = receiver.spans()
    (task,) = [span for span in spans if span.name == "invoke_agent vespera"]
    calls = [span for span in spans if span.name == "chat scripted"]
    assert len(spans) == 4 and len(calls) == 3
    told = attributes(task)
    assert told["gen_ai.operation.name"] == "invoke_agent"
    assert (told["vespera.task.type"], told["vespera.status"], told["vespera.attempts"]) == ("dnd.rule", "verified", 2)
    assert task.kind == INTERNAL
    for call in calls:
        told = attributes(call)
        assert call.kind == CLIENT
        assert (call.trace_id, call.parent_span_id) == (task.trace_id, task.span_id)
        assert (told["gen_ai.provider.name"], told["gen_ai.request.model"]) == ("openai", "scripted")
        assert told["gen_ai.usage.input_tokens"] > 0
        assert task.start_time_unix_nano <= call.start_time_unix_nano <= call.end_time_unix_nano
    assert sorted(attributes(call)["vespera.purpose"] for call in calls) == ["critique", "draft", "draft"]


async def test_no_prompt_answer_person_or_secret_is_in_a_span(tmp_path: Path, promise: Promise) -> None:
    async with collector() as receiver, ScriptedModel(author_and_critic(WRONG, right_draft())) as model:
        async with opened(tmp_path, model) as app, otel.following(receiver.url):
            await asked(app, tenant="guild:424242424242424242", user="717171717171717171")
            bodies = [str(request.body) for request in model.requests]
    sent = b"".join(receiver.bodies)
    assert any("99 feet" in body for body in bodies)
    for text in (b"rappled", b"99 feet", b"Deep Critic", b"424242424242424242", b"717171717171717171", b"gsk_"):
        assert text not in sent
    promise("No prompt, answer, person or secret is in a span.", "none found")


async def test_a_failed_call_is_an_error_of_its_kind(tmp_path: Path) -> None:
    async with collector() as receiver, ScriptedModel([ServerError()]) as model:
        async with opened(tmp_path, model, model_retries=0) as app, otel.following(receiver.url):
            assert await asked(app) == "failed"
    by_name = {span.name: span for span in receiver.spans()}
    assert attributes(by_name["chat scripted"])["error.type"] == "unavailable"
    assert by_name["chat scripted"].status.code == ERROR
    assert by_name["invoke_agent vespera"].status.code == ERROR


async def test_a_collector_that_is_away_costs_nothing_but_spans(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        async with otel.following("http://127.0.0.1:9"):
            assert await asked(app) == "verified"
            leaving = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - leaving < otel.LAST_EXPORT_WITHIN_S + 1
    assert metrics.observers == []


def test_the_names_are_those_of_the_conventions() -> None:
    assert gen_ai_attributes.GEN_AI_OPERATION_NAME == otel.OPERATION
    assert gen_ai_attributes.GEN_AI_PROVIDER_NAME == otel.PROVIDER
    assert gen_ai_attributes.GEN_AI_REQUEST_MODEL == otel.REQUEST_MODEL
    assert gen_ai_attributes.GEN_AI_AGENT_NAME == otel.AGENT_NAME
    assert gen_ai_attributes.GEN_AI_USAGE_INPUT_TOKENS == otel.INPUT_TOKENS
    assert gen_ai_attributes.GEN_AI_USAGE_OUTPUT_TOKENS == otel.OUTPUT_TOKENS
    assert error_attributes.ERROR_TYPE == otel.ERROR_TYPE
    known = {value.value for value in gen_ai_attributes.GenAiProviderNameValues}
    assert set(otel.WELL_KNOWN.values()) | {"groq"} <= known
    named = [path.name for path in HOME.glob("*/*.py") if '"gen_ai.' in path.read_text("utf-8")]
    assert named == ["otel.py"]


async def test_without_its_packages_the_setting_is_told_to_be_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otel, "find_spec", lambda name: None)
    with pytest.raises(BadConfiguration, match=r"requirements-otel\.txt"):
        async with otel.following("http://127.0.0.1:9"):
            pass


def test_off_nothing_of_it_is_loaded() -> None:
    code = (
        "import sys, telemetry.offering, bot; print([n for n in sys.modules if n.startswith(('opentele', 'prometh'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=HOME, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
