"""Handing a Builder's `next_input` on after a pass: to a webhook, with a key that makes a repetition harmless."""

import asyncio
from typing import Protocol

import msgspec

POST_S = 10.0


class NextInput(msgspec.Struct, frozen=True, kw_only=True):
    """What is posted."""

    job: str
    checkpoint: int
    commit: str
    goal: str
    next_input: str


class Poster(Protocol):
    """Posts; what went wrong comes back as a sentence, empty when it arrived."""

    async def post(self, address: str, said: NextInput) -> str:
        """Post once."""
        ...


class Webhook:
    """Posts JSON by HTTP. aiohttp is loaded with the first one."""

    async def post(self, address: str, said: NextInput) -> str:
        """POST within ten seconds; redirects are not followed."""
        import aiohttp

        headers = {"Content-Type": "application/json", "Idempotency-Key": f"{said.job}:{said.checkpoint}"}
        timeout = aiohttp.ClientTimeout(total=POST_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(
                    address, data=msgspec.json.encode(said), headers=headers, allow_redirects=False
                ) as response,
            ):
                return "" if response.status < 300 else f"the webhook answered HTTP {response.status}"
        except (aiohttp.ClientError, OSError, asyncio.TimeoutError) as error:  # noqa: UP041
            return f"the webhook could not be reached ({type(error).__name__})"
