"""The real bot with a real App in simcord's Discord."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord

from app import App
from cogs.front import Front
from tests.apps import settings_for
from tests.scripted_model import ScriptedModel


@dataclass
class Table:
    """A server with a channel, a player, an admin and the bot."""

    env: simcord.Env
    app: App
    front: Front
    guild: simcord.GuildHandle
    channel: simcord.ChannelHandle
    mira: simcord.MemberActor
    torv: simcord.MemberActor
    admin: simcord.MemberActor


@contextlib.asynccontextmanager
async def table(folder: Path, *servers: ScriptedModel, **changes: Any) -> AsyncIterator[Table]:
    """Open an App, connect the bot, seat the people."""
    app = await App.open(settings_for(folder, *servers, **changes))
    front = Front(app)
    try:
        env = simcord.Env(front)
        await env.start()
        try:
            yield _seated(env, app, front)
        finally:
            await env.shutdown()
        env.raise_errors()
    finally:
        await app.close()


def _seated(env: simcord.Env, app: App, front: Front) -> Table:
    guild = env.create_guild()
    channel = guild.create_text_channel("table")
    admins = guild.create_role("Admins", permissions=discord.Permissions(manage_guild=True))
    mira, torv = (guild.add_member(env.create_user(name)) for name in ("mira", "torv"))
    admin = guild.add_member(env.create_user("ada"), roles=[admins])
    return Table(env, app, front, guild, channel, mira, torv, admin)


@pytest.fixture
async def at_table(tmp_path: Path) -> AsyncIterator[Table]:
    """With the embedded model alone."""
    async with table(tmp_path) as seated:
        yield seated


def shown(result: simcord.InteractionResult) -> simcord.ResponseMessage:
    """The message that answers an interaction."""
    assert result.response is not None
    return result.response


def text(message: Any) -> str:
    """All text of a message, also of a Components v2 one."""
    return "\n".join(_texts(message.components)) or str(message.content)


def labels(message: Any) -> list[str]:
    """The labels of its buttons."""
    return [item["label"] for item in walk(message.components) if item.get("type") == 2]


def walk(components: Any) -> list[dict[str, Any]]:
    """Every component, however deep."""
    found: list[dict[str, Any]] = []
    for item in components:
        raw = item if isinstance(item, dict) else item.to_dict()
        found.append(raw)
        found.extend(walk(raw.get("components") or []))
    return found


def _texts(components: Any) -> list[str]:
    return [str(item["content"]) for item in walk(components) if item.get("content")]


def raw(message: Any) -> list[dict[str, Any]]:
    """The components of a message that was not sent."""
    components: list[dict[str, Any]] = message.view.to_components()
    return components
