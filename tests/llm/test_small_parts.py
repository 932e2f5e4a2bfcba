"""Texts, prices, budget, addresses, Retry-After, the built models, the embedded model."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import BadConfiguration, BudgetSpent, ModelRejected, ModelTimeout, ModelUnavailable
from llm.addresses import checked_base_url
from llm.budget import BudgetLimits, check_budget
from llm.build import DEFAULT_GEMINI_MODEL, DEFAULT_GROQ_MODEL, build_models
from llm.contracts import LanguageModel
from llm.http_errors import ServerAnswer, error_from, retry_after_s
from llm.offline import OfflineModel
from llm.prices import FREE, PRICES, Price, price_of
from llm.text import estimated_tokens, json_text
from tests.llm.house import KEY, a_call
from truth_blocks.contracts import Topic

TOPIC = Topic(task_type="dnd.rule", key="grappled", variant="5.2", title="Grappled", subject={})


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        ('{"a": 1}', '{"a": 1}'),
        ('  \n{"a": 1}\n', '{"a": 1}'),
        ('```json\n{"a": 1}\n```', '{"a": 1}'),
        ('```\n{"a": 1}\n```\n', '{"a": 1}'),
        ('<think>hm\n```json\n{"b"}\n```</think>\n\n{"a": 1}', '{"a": 1}'),
        ('Sure.\n```json\n{"a": 1}\n```', 'Sure.\n```json\n{"a": 1}\n```'),
        ('{"hcl": "```hcl\\nx\\n```"}', '{"hcl": "```hcl\\nx\\n```"}'),
        ('```json\n{"a": 1}', '```json\n{"a": 1}'),
        ('{"a": "<think>kept</think>"}', '{"a": "<think>kept</think>"}'),
    ],
)
def test_one_surrounding_fence_and_leading_thoughts_are_taken_off_and_nothing_else(reply: str, text: str) -> None:
    assert json_text(reply) == text


@given(st.text(alphabet="`<>/think\n {}a", max_size=400))
def test_any_reply_is_survived_and_never_grows(reply: str) -> None:
    assert len(json_text(reply)) <= len(reply)


def test_a_hostile_reply_is_unwrapped_in_linear_time() -> None:
    began = time.perf_counter()
    json_text("<think>" * 30_000)
    json_text("```\n" * 60_000)
    json_text("```\n" + " " * 250_000)
    json_text("<think></think>" * 17_000)
    json_text("<think></think>" * 17_000 + " " * 200_000 + "x")
    assert time.perf_counter() - began < 1.0


def test_tokens_are_estimated_from_length() -> None:
    assert estimated_tokens("x" * 35, "y" * 35) == 20


def test_prices_are_per_million_tokens_and_the_operators_come_first() -> None:
    assert price_of("gemini-2.5-flash").cost_usd(1_000_000, 100_000) == pytest.approx(0.55)
    assert price_of("gemini-2.5-flash", {"gemini-2.5-flash": FREE}) == FREE
    assert price_of("some-local-model") == FREE
    assert {DEFAULT_GROQ_MODEL, DEFAULT_GEMINI_MODEL} <= PRICES.keys()


def test_a_budget_is_spent_at_its_limit_and_says_when_it_comes_back() -> None:
    limits = BudgetLimits(per_tenant=1_000, per_user=100)
    check_budget(999, 99, limits)
    with pytest.raises(BudgetSpent, match=r"^This server has used its .* \(1,000 of 1,000 tokens\).*midnight UTC"):
        check_budget(1_000, 0, limits)
    with pytest.raises(BudgetSpent, match=r"^You have used your .* \(150 of 100 tokens\)"):
        check_budget(0, 150, limits)
    check_budget(10**9, 10**9, BudgetLimits())


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1234/v1",
        "http://localhost:11434",
        "http://192.168.1.5:8080/",
        "https://api.openai.com/v1",
        "http://[::1]:1234",
        "http://lmstudio.lan:1234/v1",
    ],
)
def test_local_and_public_addresses_are_taken(url: str) -> None:
    assert checked_base_url("X_BASE_URL", url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/v1",
        "http://2852039166/",
        "http://0xA9FEA9FE",
        "http://0251.0376.0251.0376",
        "http://[::ffff:169.254.169.254]",
        "http://[fe80::1%25eth0]:80",
        "http://[fd00:ec2::254]",
        "http://metadata.google.internal./v1",
        "http://100.100.100.200",
        "http://user:secret@example.org",
        "https://example.org/v1?key=secret",
        "ftp://example.org",
        "example.org:1234",
        "http://[::1",
        "http://h:99999",
        "",
    ],
)
def test_metadata_and_malformed_addresses_are_refused_without_repeating_them(url: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        checked_base_url("X_BASE_URL", url)
    assert "X_BASE_URL" in str(caught.value) and "secret" not in str(caught.value)


def test_only_configured_providers_are_built() -> None:
    assert build_models() == []
    assert [model.provider for model in build_models(gemini_api_key=KEY)] == ["gemini"]
    models: list[LanguageModel] = build_models(
        groq_api_key=KEY,
        gemini_api_key=KEY,
        openai_compatible_base_url="http://127.0.0.1:1234",
        openai_compatible_model="qwen",
        prices={"qwen": Price(1, 1)},
    )
    assert [(model.provider, model.model) for model in models] == [
        ("groq", DEFAULT_GROQ_MODEL),
        ("gemini", DEFAULT_GEMINI_MODEL),
        ("openai_compatible", "qwen"),
    ]
    assert KEY not in repr(models)


def test_a_bad_address_stops_the_start() -> None:
    with pytest.raises(BadConfiguration, match="GROQ_BASE_URL"):
        build_models(groq_api_key=KEY, groq_base_url="http://169.254.169.254")
    with pytest.raises(BadConfiguration, match="OPENAI_COMPATIBLE_MODEL"):
        build_models(openai_compatible_base_url="http://127.0.0.1:1")


@pytest.mark.parametrize("key", ["“quoted”", "two words", "line\nbreak"])
def test_a_key_that_cannot_be_one_stops_the_start_without_being_shown(key: str) -> None:
    with pytest.raises(BadConfiguration, match="GEMINI_API_KEY") as caught:
        build_models(gemini_api_key=key)
    assert key not in str(caught.value)


def wait_of(headers: dict[str, str], body: object = None) -> float | None:
    return retry_after_s(ServerAnswer(429, headers, body))


def test_retry_after_is_read_wherever_a_provider_puts_it() -> None:
    later = datetime.now(UTC) + timedelta(seconds=90)
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "17.5s"}
    prose = {"error": {"message": "Rate limit reached for model. Please try again in 1m2.5s. Visit the console."}}
    assert wait_of({"Retry-After": "12"}) == 12
    assert wait_of({"retry-after": format_datetime(later, usegmt=True)}) == pytest.approx(90, abs=2)
    assert wait_of({"retry-after-ms": "250", "retry-after": "1"}) == 0.25
    assert wait_of({}, {"error": {"details": [{"@type": "other"}, info]}}) == 17.5
    assert wait_of({}, [{"error": {"details": [info]}}]) == 17.5
    assert wait_of({}, prose) == 62.5
    assert wait_of({}, {"error": {"message": "Please try again in 850ms."}}) == pytest.approx(0.85)


@pytest.mark.parametrize("value", ["", "soon", "nan", "inf", "Mon, 99 Foo 2026"])
def test_a_retry_after_that_says_nothing_is_none(value: str) -> None:
    assert wait_of({"retry-after": value}, {"error": {"message": "retry in a while", "details": "x"}}) is None


def test_waits_are_never_negative_and_never_beyond_a_day() -> None:
    assert wait_of({"retry-after": "-5"}) == 0.0
    assert wait_of({"retry-after": "1e9"}) == 86_400.0


@given(
    st.recursive(
        st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_error_body_is_survived(body: object) -> None:
    for status in (302, 400, 429, 500):
        assert error_from("groq", ServerAnswer(status, {}, {"error": body, "x": body})).provider == "groq"


def test_geminis_400_for_a_bad_key_is_told_as_such() -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]
    error = error_from("gemini", ServerAnswer(400, {}, {"error": {"status": "INVALID_ARGUMENT", "details": details}}))
    assert isinstance(error, ModelRejected) and "key was refused" in str(error)


async def test_the_offline_model_drafts_on_the_thread_it_is_given() -> None:
    def drafter(topic: Topic, findings: object) -> str:
        return f"{topic.key} {findings} {threading.current_thread().name}"

    with ThreadPoolExecutor(1, "truth") as executor:
        loop = asyncio.get_running_loop()
        model = OfflineModel({"dnd": drafter}, lambda work: loop.run_in_executor(executor, work))
        reply = await model.complete(a_call(subject=(TOPIC, [])), 5.0)
    assert reply.text == "grappled () truth_0"
    assert (reply.provider, reply.cost_usd, reply.tokens_in) == ("offline", 0.0, 0)


async def test_the_longest_matching_prefix_drafts() -> None:
    model = OfflineModel({"dnd": lambda t, f: "family", "dnd.rule": lambda t, f: "rule"})
    assert (await model.complete(a_call(subject=(TOPIC, ())), 5.0)).text == "rule"
    spell = a_call(task_type="dnd.spell", subject=(TOPIC, ()))
    assert (await model.complete(spell, 5.0)).text == "family"


async def test_what_the_offline_model_cannot_do_is_rejected() -> None:
    model = OfflineModel({"dnd": lambda t, f: ""})
    for call, why in (
        (a_call("critique"), "second opinion"),
        (a_call(task_type="dndx.rule", subject=(TOPIC, ())), "no drafter"),
        (a_call(), "no topic"),
    ):
        with pytest.raises(ModelRejected, match=why):
            await model.complete(call, 5.0)


async def test_a_drafter_that_breaks_or_hangs_is_an_error_of_the_model() -> None:
    gate = threading.Event()

    def breaks(topic: Topic, findings: object) -> str:
        raise KeyError("secret")

    def hangs(topic: Topic, findings: object) -> str:
        gate.wait(10)
        return ""

    with pytest.raises(ModelUnavailable, match=r"its drafter failed \(KeyError\)"):
        await OfflineModel({"dnd": breaks}).complete(a_call(subject=(TOPIC, ())), 5.0)
    with pytest.raises(ModelTimeout):
        await OfflineModel({"dnd": hangs}).complete(a_call(subject=(TOPIC, ())), 0.05)
    gate.set()
    await asyncio.sleep(0)
