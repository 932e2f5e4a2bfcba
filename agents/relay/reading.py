"""The relay's file as another process reads it: the bot and the terminal, beside the relay that owns it."""

import asyncio
from pathlib import Path

from agents.contracts import Role
from agents.why import Why, why
from blackboard.readonly import ReadOnly
from errors import StoreError, UserMistake

NAME = "relay"


async def relay_why(data_dir: Path, tenant: str, task_id: int, *, user: str | None, role: Role) -> Why:
    """The story of a coding job or sprint; see `agents.why.why`.

    Raises:
        UserMistake: there is no such task here.
        NotAllowed: somebody else's, and the person is no admin.
    """
    try:
        reader = await asyncio.to_thread(ReadOnly, data_dir, NAME)
    except StoreError:
        raise UserMistake(f"There is no task r{task_id} here: no coding job was started yet.") from None
    try:
        return await why(reader, tenant, task_id, user=user, role=role)
    finally:
        await reader.close()
