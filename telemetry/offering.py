"""Everything that the operator asked to have watched, on for as long as the bot runs."""

import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from telemetry import otel, server
from telemetry.readings import Discord

if TYPE_CHECKING:
    from app import App


@contextlib.asynccontextmanager
async def offered(app: "App", discord: Discord | None) -> AsyncIterator[None]:
    """Offer /metrics and send spans, each where its setting asks for it.

    Raises:
        BadConfiguration: a port cannot be opened, or packages are missing.
    """
    async with server.serving(app, discord), otel.following(app.settings.otel_url):
        yield
