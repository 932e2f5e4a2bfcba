"""Whether a Discord token and the keys of model providers are accepted: one cheap call each, for setup and doctor."""

import time
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from errors import BadConfiguration, ModelError, ModelRejected
from llm.contracts import LanguageModel, ModelCall

DISCORD_API = "https://discord.com/api/v10"
TIMEOUT_S = 10.0

NEEDED = {
    "View Channels": 1 << 10,
    "Send Messages": 1 << 11,
    "Embed Links": 1 << 14,
    "Attach Files": 1 << 15,
    "Send Messages in Threads": 1 << 38,
}
"""Permissions by Discord's bits (Discord API, "Permissions")."""
PERMISSIONS = sum(NEEDED.values())
_ADMINISTRATOR = 1 << 3
PRIVILEGED = {
    "presences": 1 << 12 | 1 << 13,
    "members": 1 << 14 | 1 << 15,
    "message content": 1 << 18 | 1 << 19,
}
"""Application flags of privileged intents, each for large and for small bots (Discord API, "Application Flags")."""
MOST_SERVERS = 200
"""Discord lists at most so many in one answer."""


class Identity(NamedTuple):
    """Who a token is. ``clock_ahead_s`` is how far this machine's clock is ahead of Discord's."""

    bot: str
    application_id: str
    clock_ahead_s: float
    flags: int = 0

    @property
    def privileged(self) -> list[str]:
        """Privileged intents that are switched on for the application; the bot asks for none."""
        return [name for name, bits in PRIVILEGED.items() if self.flags & bits]

    @property
    def invite(self) -> str:
        """The link that adds the bot to a server with exactly the permissions it needs."""
        return (
            f"https://discord.com/oauth2/authorize?client_id={self.application_id}"
            f"&scope=bot+applications.commands&permissions={PERMISSIONS}"
        )


class Server(NamedTuple):
    """A server that the bot is in, and what it may do there as a whole; channels may say otherwise."""

    name: str
    permissions: int

    @property
    def lacking(self) -> list[str]:
        """Permissions that are missing."""
        if self.permissions & _ADMINISTRATOR:
            return []
        return [name for name, bit in NEEDED.items() if not self.permissions & bit]


class Unreachable(Exception):
    """Discord gave no usable reply, so nothing is known of the token."""


async def discord_identity(token: str, api_url: str) -> Identity:
    """Ask Discord whose token this is.

    Raises:
        BadConfiguration: Discord does not accept the token.
        Unreachable: no connection, or a reply that is not Discord's.
    """
    document, date = await _asked(token, api_url, "/applications/@me")
    try:
        return Identity(str(document["name"]), str(document["id"]), _ahead(date), int(document.get("flags") or 0))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _not_discords(error) from None


async def servers(token: str, api_url: str) -> list[Server]:
    """The servers that the bot is in. Raises as `discord_identity`."""
    listed, _ = await _asked(token, api_url, f"/users/@me/guilds?limit={MOST_SERVERS}")
    try:
        return [Server(str(entry["name"]), int(entry["permissions"])) for entry in listed]
    except (ValueError, KeyError, TypeError) as error:
        raise _not_discords(error) from None


async def _asked(token: str, api_url: str, path: str) -> tuple[Any, str | None]:
    """What Discord's REST answers, and when it says it is."""
    import aiohttp

    base = (api_url or DISCORD_API).rstrip("/")
    headers = {"Authorization": f"Bot {token}", "User-Agent": "DiscordBot (vespera, 0.1)"}
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(headers=headers, timeout=timeout) as session,
            session.get(f"{base}{path}") as reply,
        ):
            if reply.status in (401, 403):
                raise BadConfiguration(
                    "Discord does not accept this token. Copy it anew: Developer Portal, Bot, Reset Token."
                )
            if reply.status != 200:
                raise Unreachable(f"Discord answered with status {reply.status}")
            return await reply.json(content_type=None), reply.headers.get("Date")
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise _not_discords(error) from None


def _not_discords(error: Exception) -> Unreachable:
    return Unreachable(f"{type(error).__name__}: {error}".rstrip(": "))


def _ahead(date: str | None) -> float:
    return time.time() - parsedate_to_datetime(date).timestamp() if date else 0.0


_PROBE = ModelCall(
    purpose="draft",
    task_type="ask",
    system="Reply with the JSON object asked for.",
    user='Reply with {"answer": "ok"}.',
    schema_name="probe",
    schema={
        "type": "object",
        "properties": {"answer": {"type": "string"}},
        "required": ["answer"],
        "additionalProperties": False,
    },
    max_tokens=64,
)


async def model_problem(model: LanguageModel) -> tuple[bool, str]:
    """Whether the provider accepts the key, and what is wrong otherwise (or empty). One short call."""
    try:
        await model.complete(_PROBE, 2 * TIMEOUT_S)
    except ModelRejected as error:
        return False, str(error)
    except ModelError as error:
        return True, f"{error} (the key itself was not refused)"
    finally:
        await model.close()
    return True, ""
