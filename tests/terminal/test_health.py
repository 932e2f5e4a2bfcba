"""`./vespera health`: yes while the owner answers, no otherwise, and never a hang."""

import asyncio
import socket
from pathlib import Path

from owner_socket import address
from owner_socket.server import OwnerServer
from tests.apps import opened
from tests.terminal.running import finish, start, vespera


async def test_a_running_owner_is_healthy_and_one_that_left_is_not(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        server = OwnerServer(app)
        await server.start()
        done = await finish(await start("health", "--json", data_dir=tmp_path))
        assert done.code == 0
        assert done.document["ok"] is True and done.document["uptime_s"] >= 0
        assert "answers" in (await finish(await start("health", data_dir=tmp_path))).out
        await server.leave(0)
    gone = await finish(await start("health", "--json", data_dir=tmp_path))
    assert (gone.code, gone.document["ok"]) == (1, False)


def test_nothing_is_made_by_asking(tmp_path: Path) -> None:
    assert vespera("health", data_dir=tmp_path / "none").code == 1
    assert not (tmp_path / "none").exists()


async def test_an_owner_that_does_not_answer_is_ill_within_ten_seconds(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(tmp_path / address.NAME))
        deaf.listen(1)
        began = asyncio.get_running_loop().time()
        done = await finish(await start("health", data_dir=tmp_path))
        assert done.code == 1 and "8 s" in done.out
        assert asyncio.get_running_loop().time() - began < 15
