"""Whether a Discord token and the keys of model providers are accepted: one cheap call each, for setup and doctor."""

import time
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from errors import BadConfiguration, ModelError, ModelRejected
from llm.contracts import LanguageModel, ModelCall

DISCORD_API = "https://discord.com/api/v10"
TIMEOUT_S = 10.0

PERMISSIONS = (1 << 10) | (1 << 11) | (1 << 14) | (1 << 15) | (1 << 38)
"""View channels, send messages, embed links, attach files, send messages in threads (Discord API, "Permissions")."""


class Identity(NamedTuple):
    """Who a token is. ``clock_ahead_s`` is how far this machine's clock is ahead of Discord's."""

    bot: str
    application_id: str
    clock_ahead_s: float

    @property
    def invite(self) -> str:
        """The link that adds the bot to a server with exactly the permissions it needs."""
        return (
            f"https://discord.com/oauth2/authorize?client_id={self.application_id}"
            f"&scope=bot+applications.commands&permissions={PERMISSIONS}"
        )


class Unreachable(Exception):
    """Discord gave no usable reply, so nothing is known of the token."""


async def discord_identity(token: str, api_url: str) -> Identity:
    """Ask Discord whose token this is.

    Raises:
        BadConfiguration: Discord does not accept the token.
        Unreachable: no connection, or a reply that is not Discord's.
    """
    import aiohttp

    base = (api_url or DISCORD_API).rstrip("/")
    headers = {"Authorization": f"Bot {token}", "User-Agent": "DiscordBot (vespera, 0.1)"}
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(headers=headers, timeout=timeout) as session,
            session.get(f"{base}/applications/@me") as reply,
        ):
            if reply.status in (401, 403):
                raise BadConfiguration(
                    "Discord does not accept this token. Copy it anew: Developer Portal, Bot, Reset Token."
                )
            if reply.status != 200:
                raise Unreachable(f"Discord answered with status {reply.status}")
            document = await reply.json(content_type=None)
            ahead = _ahead(reply.headers.get("Date"))
            return Identity(str(document["name"]), str(document["id"]), ahead)
    except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError) as error:
        raise Unreachable(f"{type(error).__name__}: {error}".rstrip(": ")) from None


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
