"""Spans for OpenTelemetry: one for each task a worker has, one for each call to a model in it. Never their text.

The only module that knows the GenAI semantic conventions (status: development; names as of
https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/). The packages are those of ``requirements-otel.txt``
and are imported only when ``VESPERA_OTEL_URL`` is set. Spans leave in batches from a thread of the SDK's own; a
collector that is away costs spans and nothing else.
"""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import metrics
from errors import BadConfiguration
from metrics import Call

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

OPERATION = "gen_ai.operation.name"
PROVIDER = "gen_ai.provider.name"
REQUEST_MODEL = "gen_ai.request.model"
AGENT_NAME = "gen_ai.agent.name"
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
ERROR_TYPE = "error.type"
WELL_KNOWN = {"gemini": "gcp.gemini", "openai_compatible": "openai"}
"""The conventions' names of providers where they are not ours; a server that speaks OpenAI's protocol counts as it."""

MISSING = (
    "VESPERA_OTEL_URL is set, but the packages for it are not installed. "
    "Install them: .venv/bin/python -m pip install -r requirements-otel.txt"
)
QUEUE = 2_048
"""Spans that may wait; further ones are dropped."""
EXPORT_WITHIN_S = 5
LAST_EXPORT_WITHIN_S = 1.0

log = logging.getLogger(__name__)


def installed() -> bool:
    """Whether the packages are there."""
    try:
        return all(find_spec(name) for name in ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http"))
    except ModuleNotFoundError:
        return False


@contextlib.asynccontextmanager
async def following(url: str) -> AsyncIterator[None]:
    """Send spans to a collector while inside; nothing without an address.

    Raises:
        BadConfiguration: the packages are missing.
    """
    if not url:
        yield
        return
    if not await asyncio.to_thread(installed):
        raise BadConfiguration(MISSING)
    provider = await asyncio.to_thread(_provider, url)
    observer = _Spans(provider)
    metrics.observers.append(observer)
    log.info("spans of tasks and model calls go to %s", urlsplit(url).hostname)
    try:
        yield
    finally:
        metrics.observers.remove(observer)
        await _shut_down(provider)


async def _shut_down(provider: "TracerProvider") -> None:
    """Send what waits, for a moment; a thread that is no daemon would hold the exit while a dead collector is tried."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def work() -> None:
        provider.shutdown()
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(done.set)

    threading.Thread(target=work, name="last spans", daemon=True).start()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LAST_EXPORT_WITHIN_S):
            await done.wait()


def _provider(url: str) -> "TracerProvider":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import SpanLimits, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    exporter = OTLPSpanExporter(endpoint=f"{url.rstrip('/')}/v1/traces", timeout=EXPORT_WITHIN_S)
    provider = TracerProvider(
        resource=Resource.create({"service.name": "vespera"}),
        span_limits=SpanLimits(max_span_attributes=16, max_attribute_length=128),
        shutdown_on_exit=False,
    )
    batches = BatchSpanProcessor(exporter, max_queue_size=QUEUE, export_timeout_millis=EXPORT_WITHIN_S * 1_000)
    provider.add_span_processor(batches)
    return provider


class _Spans:
    def __init__(self, provider: "TracerProvider") -> None:
        from opentelemetry import trace

        self._trace = trace
        self._tracer = provider.get_tracer("vespera")

    @contextlib.contextmanager
    def task(self, task_id: int, task_type: str) -> Iterator[None]:
        attributes: dict[str, str | int] = {
            OPERATION: "invoke_agent",
            AGENT_NAME: "vespera",
            "vespera.task.id": task_id,
            "vespera.task.type": task_type,
        }
        # The text of an exception may hold what a person asked: its kind is all that is told.
        with self._tracer.start_as_current_span(
            "invoke_agent vespera", attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except BaseException as error:
                span.set_attribute(ERROR_TYPE, type(error).__name__)
                raise

    def answered(self, status: str, attempts: int) -> None:
        span = self._trace.get_current_span()
        span.set_attributes({"vespera.status": status, "vespera.attempts": attempts})
        if status == "failed":
            span.set_status(self._trace.StatusCode.ERROR)

    def call(self, call: Call) -> None:
        ended = time.time_ns()
        attributes: dict[str, str | int] = {
            OPERATION: "chat",
            PROVIDER: WELL_KNOWN.get(call.provider, call.provider),
            REQUEST_MODEL: call.model,
            "vespera.purpose": call.purpose,
        }
        if call.outcome == "ok":
            attributes |= {INPUT_TOKENS: call.tokens_in, OUTPUT_TOKENS: call.tokens_out}
        else:
            attributes[ERROR_TYPE] = call.outcome
        span = self._tracer.start_span(
            f"chat {call.model}", kind=self._trace.SpanKind.CLIENT, attributes=attributes,
            start_time=ended - round(call.seconds * 1e9),
        )  # fmt: skip
        if call.outcome != "ok":
            span.set_status(self._trace.StatusCode.ERROR)
        span.end(ended)
