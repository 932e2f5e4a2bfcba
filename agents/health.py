"""How this process is, as `/status` and `/metrics` show it."""

import msgspec

from blackboard.backups import online
from blackboard.contracts import StoreHealth
from database import Blackboard


class ModelState(msgspec.Struct, frozen=True):
    """One provider as `/status` shows it."""

    provider: str
    model: str
    state: str


class Inside(msgspec.Struct, frozen=True):
    """What concerns those who look after this process; nothing of it belongs to a tenant."""

    backup_at: float | None = None
    """When the last backup was made (Unix seconds); None before the first."""
    memories: int | None = None
    """Records in the memory; None while nothing has used it."""
    relay_jobs: dict[str, int] = {}
    """Coding jobs by state."""


class Health(msgspec.Struct, frozen=True):
    """How this process is."""

    store: StoreHealth
    running_limit: int
    waiting_limit: int
    models: tuple[ModelState, ...]
    blocks: tuple[tuple[str, str], ...]
    policy_version: int
    uptime_s: float
    inside: Inside | None = None
    """For admins and the owner."""


async def last_backup(blackboard: Blackboard) -> float | None:
    """When the last backup was made (Unix seconds); None before the first. Raises StoreError."""
    stored = await blackboard.get_state(online.STATE)
    try:
        return msgspec.json.decode(stored, type=online.Noted).made_at if stored else None
    except msgspec.MsgspecError:
        return None  # another version's note
