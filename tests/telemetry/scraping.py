"""Reading /metrics as Prometheus does, and running an App that has seen everything."""

from pathlib import Path

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from app import App
from telemetry.server import listening
from tests.apps import rule

Series = dict[tuple[str, tuple[tuple[str, str], ...]], float]


async def page(url: str) -> str:
    """The text of the page."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as reply:
        assert reply.status == 200
        assert reply.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return await reply.text()


async def scraped(app: App) -> str:
    """What /metrics says of an App."""
    async with listening(app, None, "127.0.0.1", 0) as port:
        return await page(f"http://127.0.0.1:{port}")


def series(text: str) -> Series:
    """Every sample by name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def kinds(text: str) -> dict[str, str]:
    """The kind of each metric by its name."""
    return {family.name: family.type for family in text_string_to_metric_families(text)}


async def asked(app: App, topic: str = "grappled", **changes: object) -> str:
    """The status of one rule question's answer."""
    return (await (await app.submit(rule(topic, **changes))).wait()).status


def sizes(folder: Path) -> set[str]:
    """Names of the databases in a folder."""
    return {path.stem for path in folder.glob("*.sqlite")}
