"""/metrics: what it counts is what happened, the page is the documentation's, and it knows no person."""

import asyncio
import re
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

import metrics
from agents.memory_contracts import MemoryAsk
from errors import BadConfiguration, UserMistake
from settings import HOME, Settings
from telemetry import lag, readings
from telemetry.server import AT_ONCE, listening, serving
from tests.apps import WRONG, author_and_critic, opened, right_draft, rule
from tests.promises import Promise
from tests.scripted_model import Reply, ScriptedModel, ServerError, Status
from tests.telemetry.scraping import asked, kinds, page, scraped, series


@pytest.fixture(autouse=True)
def from_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counters live as long as the process; each test begins with empty ones."""
    for metric in metrics.CATALOGUE:
        if isinstance(metric, metrics.Counter | metrics.Histogram):
            monkeypatch.setattr(metric, "values", {})


async def test_what_happened_is_what_is_counted(tmp_path: Path) -> None:
    script = author_and_critic(WRONG, right_draft())
    async with ScriptedModel(script) as model, opened(tmp_path, model) as app:
        assert await asked(app) == "verified"
        assert await asked(app) == "verified"  # from the cache
        with pytest.raises(UserMistake):
            await app.submit(rule(task_type="no such task"))
        found = series(await scraped(app))
    provider = ("provider", "openai_compatible")
    assert found["vespera_requests_total", (("task_type", "dnd.rule"),)] == 2
    assert found["vespera_requests_total", (("task_type", "unknown"),)] == 1
    assert found["vespera_outcomes_total", (("outcome", "verified"),)] == 1
    assert found["vespera_outcomes_total", (("outcome", "cached"),)] == 1
    assert found["vespera_outcomes_total", (("outcome", "mistake"),)] == 1
    assert found["vespera_verdicts_total", (("second_opinion", "none"), ("verdict", "fail"))] == 1
    assert found["vespera_verdicts_total", (("second_opinion", "agrees"), ("verdict", "pass"))] == 1
    assert found["vespera_cache_lookups_total", (("result", "hit"),)] == 1
    assert found["vespera_cache_lookups_total", (("result", "miss"),)] == 1
    assert found["vespera_model_calls_total", (("outcome", "ok"), provider, ("purpose", "draft"))] == 2
    assert found["vespera_model_calls_total", (("outcome", "ok"), provider, ("purpose", "critique"))] == 1
    assert found["vespera_model_tokens_total", (("direction", "in"), provider)] > 0
    assert found["vespera_stage_seconds_count", (("stage", "draft"),)] == 2
    assert found["vespera_stage_seconds_bucket", (("le", "+Inf"), ("stage", "answer"))] == 1
    assert found["vespera_model_resting", (provider,)] == 0
    assert found["vespera_cache_entries", ()] == 1
    assert found["vespera_busy_total", ()] == 0
    assert found["vespera_database_bytes", (("database", "vespera"),)] > 0
    assert ("vespera_backup_age_seconds", ()) not in found


async def test_a_crowd_is_seen_as_queue_and_drops(tmp_path: Path) -> None:
    async with ScriptedModel([Reply(text=right_draft())], hold=99) as model:
        async with opened(tmp_path, model, running=1, waiting=2) as app:
            crowd = [app.submit(rule(user=f"u{number}")) for number in range(5)]
            done = await asyncio.gather(*crowd, return_exceptions=True)
            found = series(await scraped(app))
    assert sum(isinstance(one, Exception) for one in done) == 2
    assert found["vespera_busy_total", ()] == 2
    assert found["vespera_outcomes_total", (("outcome", "busy"),)] == 2
    assert found["vespera_tasks", (("state", "running"),)] == 1
    assert found["vespera_tasks", (("state", "queued"),)] == 2
    assert found["vespera_places", (("state", "queued"),)] == 2


async def test_a_provider_that_fails_shows_as_calls_retries_and_an_open_breaker(tmp_path: Path) -> None:
    async with ScriptedModel([ServerError()]) as model:
        async with opened(tmp_path, model, breaker_failures=2, model_deadline_s=3) as app:
            assert await asked(app) == "failed"
            found = series(await scraped(app))
    provider = ("provider", "openai_compatible")
    assert found["vespera_model_calls_total", (("outcome", "unavailable"), provider, ("purpose", "draft"))] >= 2
    assert found["vespera_model_retries_total", ()] >= 1
    assert found["vespera_model_resting", (provider,)] == 1
    assert found["vespera_outcomes_total", (("outcome", "failed"),)] == 1


async def test_the_memory_shows_once_it_was_used_and_the_last_backup_with_its_age(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        assert not [name for name, _ in series(await scraped(app)) if name.startswith("vespera_memory")]
        await app.memory(MemoryAsk(do="add", tenant="local", user="mira", text="The bridge at Oakford is down."))
        await app.blackboard.set_state(
            "last_backup", '{"made_at": 1000000000.0, "file": "x", "bytes": 1, "damaged": 0}'
        )
        found = series(await scraped(app))
    assert found["vespera_backup_age_seconds", ()] > 5e8
    assert sum(value for (name, _), value in found.items() if name == "vespera_memory_rows") >= 1
    assert found["vespera_database_bytes", (("database", "memory"),)] > 0


async def test_names_and_kinds_are_the_documentations(tmp_path: Path) -> None:
    rows = re.findall(
        r"^\| `(vespera_\w+)` \| (\w+) \| (.*?) \| (.*?) \|$", (HOME / "docs/operations.md").read_text(), re.M
    )
    documented = {name: (kind, labels, tells) for name, kind, labels, tells in rows}
    async with opened(tmp_path) as app:
        text = await scraped(app)
    exported = {name: kind for name, kind in kinds(text).items() if name.startswith("vespera_")}
    suffixed = {f"{name}_total" if kind == "counter" else name: kind for name, kind in exported.items()}
    assert {name: kind for name, (kind, _, _) in documented.items()} == suffixed
    for metric in metrics.CATALOGUE:
        _, labels, tells = documented[f"{metric.name}_total" if metric.kind == "counter" else metric.name]
        assert labels == ", ".join(f"`{label}`" for label in metric.labels)
        assert tells == metric.tells


async def test_nobody_and_no_secret_is_in_it(tmp_path: Path, promise: Promise) -> None:
    hidden = {
        "tenant": "guild:424242424242424242", "user": "717171717171717171", "topic": "zzgrappled",
        "key": "gsk_" + "k" * 30, "unknown": "task-type-of-a-stranger", "model": "scripted",
    }  # fmt: skip
    async with ScriptedModel(author_and_critic(WRONG)) as model, ScriptedModel([Status(401, "no such key")]) as other:
        async with opened(tmp_path, model, other) as app:
            whose = {"tenant": hidden["tenant"], "user": hidden["user"]}
            await asked(app, **whose)
            await app.memory(MemoryAsk(do="add", tenant=hidden["tenant"], user=hidden["user"], text=hidden["topic"]))
            asking = rule(task_type="ask", options={"question": hidden["topic"]}, **whose)
            await (await app.submit(asking)).wait()
            for task_type in (hidden["unknown"], hidden["user"]):
                with pytest.raises(UserMistake):
                    await app.submit(rule(task_type=task_type, **whose))
            text = await scraped(app)
    for name, value in hidden.items():
        assert value not in text, name
    labels = {label for _, named in series(text) for label, _ in named}
    assert labels <= {"le", *(label for metric in metrics.CATALOGUE for label in metric.labels)}
    assert not labels & {"tenant", "guild", "user", "channel", "task", "model"}
    promise("No server, person, text or secret is in the figures.", count=len(hidden), of="things looked for")


def test_a_label_that_runs_wild_is_bounded() -> None:
    for number in range(3 * metrics.MOST_SERIES):
        metrics.REQUESTS.add(f"kind {number}")
        metrics.STAGE_SECONDS.observe(0.1, f"stage {number}")
    assert len(metrics.REQUESTS.values) == metrics.MOST_SERIES + 1
    assert len(metrics.STAGE_SECONDS.values) == metrics.MOST_SERIES + 1
    assert metrics.REQUESTS.values[("other",)] == 2 * metrics.MOST_SERIES


async def test_off_it_opens_nothing_and_loads_nothing(tmp_path: Path) -> None:
    for name in [name for name in sys.modules if name.startswith("prometheus_client")]:
        del sys.modules[name]
    async with opened(tmp_path) as app, serving(app, None) as port:
        assert port == 0
        assert await asked(app) == "verified"
    assert "prometheus_client" not in sys.modules


async def test_a_port_in_use_is_a_wrong_setting_and_an_address_must_be_one(tmp_path: Path) -> None:
    async with opened(tmp_path) as app, listening(app, None, "127.0.0.1", 0) as port:
        with pytest.raises(BadConfiguration, match="VESPERA_METRICS_PORT"):
            async with listening(app, None, "127.0.0.1", port):
                pass
    assert Settings().metrics_address == "127.0.0.1"


async def test_what_cannot_be_read_in_time_is_left_out_and_the_rest_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "READ_WITHIN_S", 0.2)
    async with opened(tmp_path) as app:
        monkeypatch.setattr(app.blackboard, "get_state", lambda name: asyncio.sleep(5))
        found = series(await scraped(app))
    assert ("vespera_tasks", (("state", "running"),)) not in found
    assert found["vespera_disk_free_bytes", ()] > 0


async def test_askers_beyond_the_bound_are_sent_away_and_other_pages_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as app, listening(app, None, "127.0.0.1", 0) as port:
        slow = app.status

        async def status(*whom: Any) -> object:
            await asyncio.sleep(0.3)
            return await slow(*whom)

        monkeypatch.setattr(app, "status", status)
        async with aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{port}"

            async def code(path: str) -> int:
                async with session.get(url + path) as reply:
                    return reply.status

            codes = await asyncio.gather(*(code("/metrics") for _ in range(AT_ONCE + 3)))
            assert sorted(codes) == [200] * AT_ONCE + [503] * 3
            assert await code("/") == 404
        assert "vespera_tasks" in await page(url)


async def test_a_loop_that_is_held_up_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lag, "EVERY_S", 0.02)
    watching = asyncio.create_task(lag.watch())
    await asyncio.sleep(0.05)
    ended = asyncio.get_running_loop().time() + 0.15
    while asyncio.get_running_loop().time() < ended:
        pass
    await asyncio.sleep(0.05)
    watching.cancel()
    assert sum(metrics.LOOP_LAG.values[()].counts[6:]) >= 1


async def test_a_backup_that_was_really_made_shows_with_its_age(tmp_path: Path) -> None:
    async with opened(tmp_path / "data") as app:
        await app.backup(tmp_path / "b")
        assert 0 <= series(await scraped(app))["vespera_backup_age_seconds", ()] < 60
        await app.blackboard.set_state("last_backup", "not a note of ours")
        assert ("vespera_backup_age_seconds", ()) not in series(await scraped(app))
