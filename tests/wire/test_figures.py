"""The figures of a bot that is connected, and of ``python bot.py`` as its own process."""

import asyncio
import socket
from pathlib import Path

import pytest

import metrics
from telemetry.server import listening
from tests.telemetry.scraping import page, series
from tests.wire.conftest import connected, process
from tests.wire.fake_discord import FakeDiscord
from tests.wire.payloads import slash


@pytest.fixture(autouse=True)
def from_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics.GATEWAY, "values", {})
    monkeypatch.setattr(metrics.DELIVERIES, "values", {})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_connections_losses_resumes_and_identifies_are_seen(wire: FakeDiscord, tmp_path: Path) -> None:
    async with connected(wire, tmp_path) as front, listening(front.app, front, "127.0.0.1", 0) as port:
        await wire.drop(4000)
        await wire.until(lambda: wire.resumes == 1)
        await wire.interact(slash("dnd spell", name="fireball"))
        found = series(await page(f"http://127.0.0.1:{port}"))
    events = {labels[0][1]: value for (name, labels), value in found.items() if name == "vespera_gateway_events_total"}
    assert events == {"connected": 1, "lost": 1, "resumed": 1}
    assert found["vespera_gateway_up", ()] == 1
    assert found["vespera_identifies_left", ()] == 899


async def test_the_bot_offers_them_where_its_setting_says_and_answers_meanwhile(
    wire: FakeDiscord, tmp_path: Path
) -> None:
    port = free_port()
    async with process(wire, tmp_path, VESPERA_METRICS_PORT=str(port)) as child:
        await asyncio.wait_for(wire.ready.wait(), 10)
        await wire.interact(slash("dnd rule", topic="grappled"))
        found = series(await page(f"http://127.0.0.1:{port}"))
        child.terminate()
        assert await asyncio.wait_for(child.wait(), 10) == 0
    assert found["vespera_requests_total", (("task_type", "dnd.rule"),)] == 1
    assert found["process_resident_memory_bytes", ()] > 20 * 2**20


async def test_a_port_in_use_ends_it_with_a_sentence_and_78(wire: FakeDiscord, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with process(wire, tmp_path, VESPERA_METRICS_PORT=str(port)) as child:
            _, said = await asyncio.wait_for(child.communicate(), 15)
    assert child.returncode == 78
    assert f"VESPERA_METRICS_PORT: port {port} cannot be opened" in said.decode()
