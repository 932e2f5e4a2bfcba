"""Records and vectors as they stand in SQLite, each row guarded by a CRC over all of it."""

import struct
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

import at_rest
from memory.contracts import NewRecord, Record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_pack = msgspec.msgpack.Encoder().encode
_json = msgspec.json.Encoder().encode
_parse_ids = msgspec.json.Decoder(tuple[int, ...]).decode
_parse_tags = msgspec.json.Decoder(tuple[str, ...]).decode
_stamp = struct.Struct("<QQ").pack
_values = msgspec.structs.astuple

FIELDS = (
    "tenant", "kind", "project_id", "agent_id", "role", "task_id", "status", "depends_on", "requires_reply", "priority",
    "created_at", "expires_at", "tags", "user", "trusted", "once",
)  # fmt: skip
"""Columns of ``records`` between ``lsn`` and ``crc``."""
COLUMNS = ", ".join(("id", "lsn", *FIELDS, "crc", "text"))
"""What a SELECT must name for `read_record`."""
INSERT = f"INSERT INTO records ({COLUMNS}) VALUES ({', '.join('?' * 20)})"  # noqa: S608
MODEL_SHIFT = 32
TAGS = FIELDS.index("tags")
_TYPES: tuple[Any, ...] = (
    str, str, str, str, str, str, str, str, int, int, float, (float, type(None)), str, str, int, (str, type(None)),
)  # fmt: skip


class Row(msgspec.Struct, frozen=True):
    """A record ready to be written, but for its number and its commit."""

    fields: tuple[Any, ...]
    """Values of `FIELDS`."""
    text: str
    body_crc: int


def vector_key(model: int, record_id: int) -> int:
    """Key of a record's vector."""
    return model << MODEL_SHIFT | record_id


def to_rows(records: Sequence[NewRecord], now: float) -> list[Row]:
    """Records as rows. `now`: Unix seconds, for those that bring no time of their own."""
    return [_to_row(record, now) for record in records]


def _to_row(record: NewRecord, now: float) -> Row:
    (
        tenant, kind, text, project_id, agent_id, role, task_id, status, depends_on, requires_reply, priority,
        created_at, expires_at, tags, user, trusted, once,
    ) = _values(record)  # fmt: skip
    fields = (
        tenant, kind, project_id, agent_id, role, task_id, status, _listed(depends_on), int(requires_reply), priority,
        float(created_at or now), None if expires_at is None else float(expires_at), _listed(tags), user, int(trusted),
        once or None,
    )  # fmt: skip
    return Row(fields, text, zlib.crc32(_pack((fields, text))))


def row_crc(record_id: int, lsn: int, body_crc: int) -> int:
    """CRC of a whole row."""
    return zlib.crc32(_stamp(record_id, lsn), body_crc)


def read_record(values: Sequence[Any], model: str = "") -> Record | None:
    """A row as selected by `COLUMNS`; None when its CRC does not fit."""
    record_id, lsn, *fields, crc, text = values
    try:
        if isinstance(crc, bytes):
            fields[TAGS], text, crc = open_words(record_id, fields[TAGS], text, crc)
        if crc != row_crc(record_id, lsn, zlib.crc32(_pack((tuple(fields), text)))):
            return None
        return Record(id=record_id, lsn=lsn, new=_new(fields, text), model=model)
    except (msgspec.MsgspecError, UnicodeError, TypeError, ValueError, OverflowError, struct.error):
        return None  # A flipped byte can give a column another type, or text that is none.


def seal_words(record_id: int, tags: str, text: str, crc: int) -> tuple[Any, Any, Any]:
    """Tags, text and check of a record as they may stand on disk."""
    seal, row = at_rest.keyring().seal, str(record_id).encode()
    return seal(tags, "records.tags", row), seal(text, "records.text", row), seal(crc, "records.crc", row)


def open_words(record_id: int, tags: Any, text: Any, crc: Any = None) -> tuple[Any, Any, Any]:
    """What `seal_words` was given."""
    unseal, row = at_rest.keyring().unseal, str(record_id).encode()
    return unseal(tags, "records.tags", row), unseal(text, "records.text", row), unseal(crc, "records.crc", row)


def _new(fields: Sequence[Any], text: str) -> NewRecord:
    (
        tenant, kind, project_id, agent_id, role, task_id, status, depends_on, requires_reply, priority,
        created_at, expires_at, tags, user, trusted, once,
    ) = fields  # fmt: skip
    return NewRecord(
        tenant=tenant,
        kind=kind,
        text=text,
        project_id=project_id,
        agent_id=agent_id,
        role=role,
        task_id=task_id,
        status=status,
        depends_on=read_ids(depends_on),
        requires_reply=bool(requires_reply),
        priority=priority,
        created_at=created_at,
        expires_at=expires_at,
        tags=read_tags(tags),
        user=user,
        trusted=bool(trusted),
        once=once or "",
    )


def plausible(fields: Sequence[Any]) -> bool:
    """Whether values of `FIELDS` are of the types their columns have, so that bitmaps can be made of them."""
    if not all(map(isinstance, fields, _TYPES)) or not fields[0]:
        return False
    try:
        read_ids(fields[7])
        read_tags(fields[12])
    except (msgspec.MsgspecError, UnicodeError):
        return False
    return bool(0 <= fields[10] < 1e11)


def read_ids(listed: str) -> tuple[int, ...]:
    """``depends_on`` as stored."""
    return _parse_ids(listed) if listed else ()


def read_tags(listed: str) -> tuple[str, ...]:
    """``tags`` as stored."""
    return _parse_tags(listed) if listed else ()


def _listed(values: tuple[Any, ...]) -> str:
    return _json(values).decode() if values else ""


def vector_crc(key: int, bf16: bytes) -> int:
    """CRC of a vector's row."""
    return zlib.crc32(bf16, zlib.crc32(_stamp(key, len(bf16))))


def to_bf16(vectors: "NDArray[np.float32]") -> list[bytes]:
    """Each row rounded to bf16, half to even, little-endian."""
    import numpy as np

    bits = np.ascontiguousarray(vectors, dtype="<f4").view("<u4")
    rounded = ((bits + (((bits >> 16) & 1) + 0x7FFF)) >> 16).astype("<u2")
    whole, width = rounded.tobytes(), rounded.shape[1] * 2
    return [whole[start : start + width] for start in range(0, len(whole), width)]


def from_bf16(rows: Sequence[bytes], dimension: int) -> "NDArray[np.float32]":
    """Shape ``(len(rows), dimension)``: what `to_bf16` stored."""
    import numpy as np

    bits = np.frombuffer(b"".join(rows), dtype="<u2").astype("<u4")
    return (bits << 16).view("<f4").reshape(len(rows), dimension)
