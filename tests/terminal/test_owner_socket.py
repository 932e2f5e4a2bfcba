"""The owner's socket: many clients at once, and clients that misbehave."""

import asyncio
import contextlib
import os
import socket
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from agents.contracts import Answer, Request, Stage
from errors import Busy, UserMistake
from owner_socket import address, wire
from owner_socket.client import OwnerConnection, OwnerGone
from owner_socket.server import PATIENCE, OwnerServer, Patience
from terminal import asking
from terminal.front import RemoteFront
from tests.apps import PASS, author_and_critic, opened, rule
from tests.scripted_model import ScriptedModel

QUESTION = msgspec.json.encode({"answer": "Four."}).decode()


@contextlib.asynccontextmanager
async def owner(folder: Path, *servers: ScriptedModel, patience: Patience = PATIENCE) -> AsyncIterator[OwnerServer]:
    """An App served on its socket."""
    async with opened(folder, *servers, model_deadline_s=60.0) as app:
        served = OwnerServer(app, patience)
        await served.start()
        try:
            yield served
        finally:
            await served.leave(1)


class Silent:
    """Follows nothing."""

    def accepted(self, task_id: int | None) -> None:
        pass

    def stage(self, stage: Stage) -> None:
        pass


def question(number: int, **changes: str) -> Request:
    return rule(str(number), task_type="ask", options={"question": f"What is {number}?"}, **changes)


async def say(folder: Path, *lines: bytes) -> bytes:
    """Send raw lines; everything the owner says until it hangs up or has answered."""
    connection = await address.connect(folder)
    reader, writer = await asyncio.open_unix_connection(sock=connection, limit=wire.MAX_REPLY_BYTES)
    with contextlib.suppress(ConnectionError):
        writer.writelines(lines)
        await writer.drain()
    said = b""
    with contextlib.suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(5):
            said = await reader.readline()
    writer.close()
    return said


class Heard:
    """A client that remembers what it heard."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.task_id: int | None = None
        self.stages: list[Stage] = []

    def accepted(self, task_id: int | None) -> None:
        self.task_id = task_id

    async def submit(self, request: Request) -> Answer:
        connection = await OwnerConnection.open(self._folder)
        try:
            return await connection.submit(request, self.accepted, self.stages.append)
        finally:
            await connection.close()


async def test_a_hundred_clients_at_once_are_thirteen_answers_and_eighty_seven_told_busy(tmp_path: Path) -> None:
    async with ScriptedModel(author_and_critic(QUESTION, opinion=PASS), hold=4) as model, owner(tmp_path, model):
        asking = [asyncio.create_task(Heard(tmp_path).submit(question(number))) for number in range(100)]
        while sum(task.done() for task in asking) < 87:
            await asyncio.sleep(0.01)
        assert sum(isinstance(task.exception(), Busy) for task in asking if task.done()) == 87
        release = asyncio.create_task(_fourth_request(model))
        answers = await asyncio.gather(*asking, return_exceptions=True)
        await release
    assert sum(isinstance(answer, Answer) for answer in answers) == 13


async def _fourth_request(model: ScriptedModel) -> None:
    import aiohttp

    async with aiohttp.ClientSession() as session:
        body = {"model": "any", "messages": [{"role": "user", "content": "go on"}]}
        async with session.post(f"{model.url}/v1/chat/completions", json=body) as reply:
            await reply.read()


async def test_a_client_hears_the_number_then_real_stages_then_the_answer(tmp_path: Path) -> None:
    async with owner(tmp_path):
        heard = Heard(tmp_path)
        answer = await heard.submit(rule())
    assert answer.status == "verified"
    assert heard.task_id == answer.task_id
    assert [stage.name for stage in heard.stages] == ["drafting", "checking"]


async def test_errors_arrive_as_they_were_raised(tmp_path: Path) -> None:
    async with owner(tmp_path):
        with pytest.raises(UserMistake, match="not in SRD"):
            await Heard(tmp_path).submit(rule(task_type="dnd.spell", options={"name": "zzfireball"}))


async def test_the_same_interaction_sent_twice_is_one_task(tmp_path: Path) -> None:
    async with owner(tmp_path):
        request = rule(interaction_id="terminal:1")
        answers = await asyncio.gather(*(Heard(tmp_path).submit(request) for _ in range(20)))
    assert len({answer.task_id for answer in answers}) == 1


async def test_a_cancelled_request_is_cancelled_at_the_owner(tmp_path: Path) -> None:
    async with ScriptedModel(author_and_critic(QUESTION), hold=2) as model, owner(tmp_path, model):
        heard = Heard(tmp_path)
        asking = asyncio.create_task(heard.submit(question(1)))
        while not model.requests:
            await asyncio.sleep(0.01)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        connection = await OwnerConnection.open(tmp_path)
        told = await connection.ask(wire.AskWhy("local", heard.task_id), dict[str, object])
        await connection.close()
    assert told["status"] == "cancelled"
    assert model.requests[0].closed_early


async def test_a_client_that_goes_away_leaves_its_task_to_be_finished(tmp_path: Path) -> None:
    async with ScriptedModel(author_and_critic(QUESTION, opinion=PASS), hold=2) as model, owner(tmp_path, model):
        request = question(1, interaction_id="terminal:2")
        line = wire.written(wire.Submit(request))
        assert b"accepted" in await say(tmp_path, line) or model.requests
        await _fourth_request(model)
        answer = await Heard(tmp_path).submit(request)
    assert answer.status == "unchecked"


@pytest.mark.parametrize(
    "line",
    [
        b"\n", b"garbage\n", b"\x00\xff\xfe\n", b"[]\n", b'{"verb":"dance"}\n', b'{"verb":"submit"}\n',
        b"[" * 100_000 + b"\n",
        b'{"verb":"why","tenant":"local","task_id":"x","user":"y"}\n', b'{"verb":"cancel"}\n',
        b'{"verb":"help","command":null,"extra":1}\n', b'"\\ud800"\n',
    ],
)  # fmt: skip
async def test_a_line_that_is_not_understood_gets_an_error_and_harms_nobody(tmp_path: Path, line: bytes) -> None:
    async with owner(tmp_path):
        said = await say(tmp_path, line)
        assert msgspec.json.decode(said)["kind"] == "error"
        assert (await Heard(tmp_path).submit(rule())).status == "verified"


async def test_a_line_without_end_is_cut_off_at_its_bound(tmp_path: Path) -> None:
    async with owner(tmp_path):
        said = await say(tmp_path, *[b"x" * 2**20] * 9)
        assert said == b"" or b"at most" in said
        assert (await Heard(tmp_path).submit(rule())).status == "verified"


async def test_a_silent_client_is_let_go(tmp_path: Path) -> None:
    async with owner(tmp_path, patience=Patience(first_line_s=0.05)):
        connection = await address.connect(tmp_path)
        reader, writer = await asyncio.open_unix_connection(sock=connection)
        assert await asyncio.wait_for(reader.read(), 2) == b""
        writer.close()


async def test_a_client_that_does_not_read_costs_only_itself(tmp_path: Path) -> None:
    async with owner(tmp_path, patience=Patience(write_s=0.2)) as served:
        connection = await address.connect(tmp_path)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        await asyncio.get_running_loop().sock_sendall(connection, b'{"verb":"commands"}\n' * 2_000)
        assert (await Heard(tmp_path).submit(rule())).status == "verified"
        await asyncio.sleep(0.5)
        assert served.serving == 0
        connection.close()


async def test_an_owner_that_leaves_finishes_what_it_serves_and_tells_the_idle(tmp_path: Path) -> None:
    script = author_and_critic(QUESTION, opinion=PASS)
    async with ScriptedModel(script, hold=2) as model, owner(tmp_path, model) as served:
        idle = await OwnerConnection.open(tmp_path)
        asking = asyncio.create_task(Heard(tmp_path).submit(question(1)))
        while not model.requests:
            await asyncio.sleep(0.01)
        leaving = asyncio.create_task(served.leave(20))
        await asyncio.sleep(0.1)
        with pytest.raises(OwnerGone):
            await idle.ask(wire.AskCommands(), list[object])
        await idle.close()
        with pytest.raises(OwnerGone):
            await OwnerConnection.open(tmp_path)
        await _fourth_request(model)
        assert (await asking).status == "unchecked"
        await leaving


async def test_the_socket_is_private_and_a_stale_one_is_replaced(tmp_path: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / address.NAME))
    left.close()
    async with owner(tmp_path):
        assert stat.S_IMODE((tmp_path / address.NAME).stat().st_mode) == 0o600
        assert (await Heard(tmp_path).submit(rule())).status == "verified"
    assert not (tmp_path / address.NAME).exists()


async def test_a_path_longer_than_an_address_works_too(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    assert len(os.fsencode(str(deep / address.NAME))) > 107
    async with owner(deep):
        assert (await Heard(deep).submit(rule())).status == "verified"


async def test_a_fight_is_played_over_the_socket_and_its_mistakes_come_back_as_themselves(tmp_path: Path) -> None:
    async with owner(tmp_path):
        front = await RemoteFront.open(tmp_path)
        try:
            for line, said in (
                ("/combat start", "A fight begins"),
                ("/combat join name: Mira hp: 20 ac: 14", "Mira joins"),
                ("/combat next", "Mira's turn"),
            ):
                replied = await asking.reply(front, asking.Line(line, line), Silent())
                assert said in replied.answer.text
            with pytest.raises(UserMistake, match="not in this fight"):
                await asking.reply(front, asking.Line("/combat attack target: nobody", "x"), Silent())
            assert await front.suggest("combat.heal", "target", "mi", {}) == ["Mira"]
        finally:
            await front.close()
