"""The three verbs over loopback HTTP: ``builder/run_iteration``, ``verifier/validate``, ``scheduler/dispatch``.

A caller brings the token; a role that runs elsewhere is called the same way. aiohttp is loaded when first used.
"""

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import msgspec

from agents.relay.contracts import BuildReport, BuildRequest, ValidateRequest, Verdict
from agents.relay.jobs import JobView
from agents.relay.roles import BuilderRole, VerifierRole
from agents.relay.wire import failure, raised
from errors import RelayError, RoleGone, VesperaError

if TYPE_CHECKING:
    from aiohttp import web

T = TypeVar("T")
MAX_BYTES = 8 * 2**20
GRACE_S = 30.0
"""A role elsewhere has its own budget; its caller waits this much longer."""
VERBS = ("/builder/run_iteration", "/verifier/validate", "/scheduler/dispatch")


class Dispatcher(Protocol):
    """The Scheduler as a verb: one transition of a job."""

    async def dispatch(self, job: int) -> JobView:
        """Make it."""
        ...


class DispatchRequest(msgspec.Struct, frozen=True):
    """Which job is to make its next transition."""

    job: int


def roles_app(builder: BuilderRole, verifier: VerifierRole, scheduler: Dispatcher, token: str) -> "web.Application":
    """The server's side. Every request needs ``Authorization: Bearer TOKEN``."""
    from aiohttp import web

    async def dispatched(request: DispatchRequest) -> JobView:
        return await scheduler.dispatch(request.job)

    app = web.Application(client_max_size=MAX_BYTES)
    app.router.add_post(VERBS[0], _verb(BuildRequest, builder.run_iteration, token))
    app.router.add_post(VERBS[1], _verb(ValidateRequest, verifier.validate, token))
    app.router.add_post(VERBS[2], _verb(DispatchRequest, dispatched, token))
    return app


def _verb(
    kind: type[T], act: Callable[[T], Awaitable[Any]], token: str
) -> "Callable[[web.Request], Awaitable[web.Response]]":
    from aiohttp import web

    wanted = f"Bearer {token}".encode()

    async def answer(request: web.Request) -> web.Response:
        given = request.headers.get("Authorization", "").encode()
        if not token or not hmac.compare_digest(given, wanted):
            return web.json_response({"error": "NotAllowed", "message": "The token is missing or wrong."}, status=401)
        try:
            asked = msgspec.json.decode(await request.read(), type=kind, strict=True)
        except msgspec.MsgspecError as error:
            return web.json_response({"error": "UserMistake", "message": f"Not of the contract: {error}"}, status=400)
        try:
            body = msgspec.json.encode(await act(asked))
        except VesperaError as error:
            return web.Response(status=409, body=failure(error), content_type="application/json")
        return web.Response(body=body, content_type="application/json")

    return answer


class _Remote:
    """One role at an address."""

    def __init__(self, url: str, token: str, budget_s: float) -> None:
        self._url, self._token, self._budget_s = url.rstrip("/"), token, budget_s

    async def _call(self, verb: str, request: msgspec.Struct, kind: type[T]) -> T:
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=self._budget_s + GRACE_S)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, headers=headers) as session,
                session.post(self._url + verb, data=msgspec.json.encode(request)) as response,
            ):
                body = await response.read()
                if response.status != 200:
                    raise raised(body, f"{self._url} answered HTTP {response.status}.")
        except (aiohttp.ClientError, OSError) as error:
            raise RoleGone(f"The role at {self._url} cannot be reached ({type(error).__name__}).") from error
        try:
            return msgspec.json.decode(body, type=kind, strict=True)
        except msgspec.MsgspecError as error:
            raise RoleGone(f"The role at {self._url} answers another contract: {error}") from error


class RemoteBuilder(_Remote):
    """A Builder that runs elsewhere."""

    async def run_iteration(self, request: BuildRequest) -> BuildReport:
        """One sprint's proposal; a Builder that is not there counts as one that did not answer."""
        began = time.monotonic()
        try:
            return await self._call(VERBS[0], request, BuildReport)
        except asyncio.TimeoutError:  # noqa: UP041 (aiohttp raises a subclass of its own)
            return BuildReport(failure="timeout", note="the Builder did not answer", seconds=time.monotonic() - began)
        except RelayError as error:
            return BuildReport(failure="unavailable", note=str(error), seconds=time.monotonic() - began)


class RemoteVerifier(_Remote):
    """A Verifier that runs elsewhere, on the same machine: it reads the same repository."""

    async def validate(self, request: ValidateRequest) -> Verdict:
        """The verdict. Raises RelayError when it cannot be had."""
        try:
            return await self._call(VERBS[1], request, Verdict)
        except asyncio.TimeoutError:  # noqa: UP041
            raise RoleGone(f"The Verifier at {self._url} did not answer in time.") from None
