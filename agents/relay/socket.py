"""The relay's counter over its unix socket ``relay.sock``: for the terminal and the bot, same user only.

The server is the process that owns ``relay.sqlite``. aiohttp is loaded when first used.
"""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from agents.contracts import Request
from agents.relay.desk import Changes, Desk, Ledger, Verified
from agents.relay.jobs import Checkpoint, JobView
from agents.relay.orders import Order
from agents.relay.wire import failure, raised
from errors import RelayGone, VesperaError

if TYPE_CHECKING:
    import aiohttp
    from aiohttp import web

T = TypeVar("T")
NAME = "relay.sock"
MAX_BYTES = 64 * 2**20
SILENT_S = 180.0
"""Longest wait for an answer; approving runs git, starting reads a repository."""
WAIT_S = 20.0
"""Longest one `wait` lasts; whoever wants to wait longer asks again."""


class StartJob(msgspec.Struct, frozen=True):
    """Arguments of ``start``."""

    request: Request
    order: Order
    owner: bool


class OfJob(msgspec.Struct, frozen=True):
    """Arguments of every other verb."""

    tenant: str
    job: int = 0
    user: str = ""
    hint: str = ""
    checkpoint: int = 0
    seconds: float = 0.0
    cursor: str = ""


def desk_app(desk: Desk) -> "web.Application":
    """The server's side of the counter."""
    from aiohttp import web

    leaving = asyncio.Event()

    async def leave(_: web.Application) -> None:
        leaving.set()

    verbs: dict[str, tuple[type[Any], Callable[[Any], Awaitable[Any]]]] = {
        "start": (StartJob, lambda said: desk.start(said.request, said.order, owner=said.owner)),
        "job": (OfJob, lambda of: desk.job(of.tenant, of.job)),
        "jobs": (OfJob, lambda of: desk.jobs(of.tenant)),
        "wait": (OfJob, lambda of: desk.wait(of.tenant, of.job, min(of.seconds, WAIT_S))),
        "changes": (OfJob, lambda of: _unless(leaving, desk.changes(of.cursor, min(of.seconds, WAIT_S)))),
        "stop": (OfJob, lambda of: desk.stop(of.tenant, of.job, of.user)),
        "resume": (OfJob, lambda of: desk.resume(of.tenant, of.job, of.user, of.hint)),
        "approve": (OfJob, lambda of: desk.approve(of.tenant, of.job, of.user)),
        "roll_back": (OfJob, lambda of: desk.roll_back(of.tenant, of.job, of.user, of.checkpoint)),
        "ledger": (OfJob, lambda of: desk.ledger(of.tenant, of.job)),
        "checkpoints": (OfJob, lambda of: desk.checkpoints(of.tenant, of.job)),
        "verify": (OfJob, lambda of: desk.verify(of.tenant, of.job)),
    }
    app = web.Application(client_max_size=MAX_BYTES)
    app.on_shutdown.append(leave)
    for name, (kind, act) in verbs.items():
        app.router.add_post(f"/desk/{name}", _verb(kind, act))
    return app


async def _unless(leaving: asyncio.Event, work: Coroutine[Any, Any, T]) -> T:
    """The work's result; RelayGone as soon as this process leaves, so that no listener holds it up."""
    task, left = asyncio.ensure_future(work), asyncio.ensure_future(leaving.wait())
    try:
        await asyncio.wait((task, left), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise RelayGone("The relay is stopping.")
        return task.result()
    finally:
        task.cancel()
        left.cancel()


def _verb(kind: type[T], act: Callable[[T], Awaitable[Any]]) -> "Callable[[web.Request], Awaitable[web.Response]]":
    from aiohttp import web

    async def answer(request: web.Request) -> web.Response:
        try:
            said = msgspec.json.decode(await request.read(), type=kind)
        except msgspec.MsgspecError as error:
            return web.json_response({"error": "UserMistake", "message": str(error)}, status=400)
        try:
            return web.Response(body=msgspec.json.encode(await act(said)), content_type="application/json")
        except VesperaError as error:
            return web.Response(status=409, body=failure(error), content_type="application/json")

    return answer


@contextlib.asynccontextmanager
async def served(app: "web.Application", data_dir: Path) -> Any:
    """Serve on the data directory's socket while the block runs. The caller owns ``relay.sqlite``."""
    from aiohttp import web

    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5.0)
    await runner.setup()
    path = data_dir / NAME
    await asyncio.to_thread(path.unlink, missing_ok=True)
    before = os.umask(0o177)
    try:
        folder = os.open(data_dir, os.O_PATH | os.O_DIRECTORY)
        await web.UnixSite(runner, f"/proc/self/fd/{folder}/{NAME}").start()
    finally:
        os.umask(before)
    try:
        yield
    finally:
        await runner.cleanup()
        await asyncio.to_thread(path.unlink, missing_ok=True)
        os.close(folder)


class RemoteDesk:
    """The counter of another process."""

    def __init__(self, session: "aiohttp.ClientSession", folder: int) -> None:
        self._session, self._folder = session, folder

    @classmethod
    async def open(cls, data_dir: Path) -> "RemoteDesk":
        """Connect. Raises RelayGone when nobody listens."""
        if not await asyncio.to_thread((data_dir / NAME).exists):
            raise RelayGone("No relay is running.")
        import aiohttp

        folder = os.open(data_dir, os.O_PATH | os.O_DIRECTORY)
        connector = aiohttp.UnixConnector(f"/proc/self/fd/{folder}/{NAME}")
        timeout = aiohttp.ClientTimeout(total=SILENT_S)
        desk = cls(aiohttp.ClientSession(connector=connector, timeout=timeout), folder)
        try:
            await desk.jobs("nobody")
        except BaseException:
            await desk.close()
            raise
        return desk

    async def close(self) -> None:
        """Hang up."""
        await self._session.close()
        if self._folder >= 0:
            os.close(self._folder)
            self._folder = -1

    async def start(self, request: Request, order: Order, *, owner: bool) -> JobView:
        """See `Desk.start`."""
        return await self._ask("start", StartJob(request, order, owner), JobView)

    async def job(self, tenant: str, job: int) -> JobView:
        """See `Desk.job`."""
        return await self._ask("job", OfJob(tenant, job), JobView)

    async def jobs(self, tenant: str) -> list[JobView]:
        """See `Desk.jobs`."""
        return await self._ask("jobs", OfJob(tenant), list[JobView])

    async def wait(self, tenant: str, job: int, seconds: float) -> JobView:
        """See `Desk.wait`."""
        return await self._ask("wait", OfJob(tenant, job, seconds=seconds), JobView)

    async def changes(self, cursor: str, seconds: float) -> Changes:
        """See `Desk.changes`."""
        return await self._ask("changes", OfJob("", cursor=cursor, seconds=seconds), Changes)

    async def stop(self, tenant: str, job: int, user: str) -> JobView:
        """See `Desk.stop`."""
        return await self._ask("stop", OfJob(tenant, job, user), JobView)

    async def resume(self, tenant: str, job: int, user: str, hint: str) -> JobView:
        """See `Desk.resume`."""
        return await self._ask("resume", OfJob(tenant, job, user, hint), JobView)

    async def approve(self, tenant: str, job: int, user: str) -> str:
        """See `Desk.approve`."""
        return await self._ask("approve", OfJob(tenant, job, user), str)

    async def roll_back(self, tenant: str, job: int, user: str, checkpoint: int) -> JobView:
        """See `Desk.roll_back`."""
        return await self._ask("roll_back", OfJob(tenant, job, user, checkpoint=checkpoint), JobView)

    async def ledger(self, tenant: str, job: int) -> Ledger:
        """See `Desk.ledger`."""
        return await self._ask("ledger", OfJob(tenant, job), Ledger)

    async def checkpoints(self, tenant: str, job: int) -> list[Checkpoint]:
        """See `Desk.checkpoints`."""
        return await self._ask("checkpoints", OfJob(tenant, job), list[Checkpoint])

    async def verify(self, tenant: str, job: int) -> Verified:
        """See `Desk.verify`."""
        return await self._ask("verify", OfJob(tenant, job), Verified)

    async def _ask(self, verb: str, said: msgspec.Struct, kind: type[T]) -> T:
        import aiohttp

        try:
            async with self._session.post(f"http://relay/desk/{verb}", data=msgspec.json.encode(said)) as response:
                body = await response.read()
                if response.status != 200:
                    raise raised(body, f"The relay answered HTTP {response.status}.")
                return msgspec.json.decode(body, type=kind)
        except (aiohttp.ClientError, OSError) as error:
            raise RelayGone("The relay ended before it answered. What it had accepted is kept.") from error
