"""The file of a backup: a stream in chunks, each authenticated, so that no flip, cut or swap goes unnoticed.

``header | chunk …``; the header is magic (8), mode (1), zeros (7), salt (16) and a hint on the key (8). A chunk is its
length (4, big endian; the top bit marks the last chunk) and its body. With a key the body is XChaCha20-Poly1305
(RFC 8439 with the extended nonce), the nonce being salt, number of the chunk and whether it is the last: the STREAM
construction (Hoang, Reyhanitabar, Rogaway and Vizár, "Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance"). Without a key the body is the plain chunk and its BLAKE2b, over the same nonce.
"""

import os
import secrets
import struct
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Protocol

from errors import BadConfiguration, StoreCorrupt

CHUNK_BYTES = 256 * 2**10
_HEADER = struct.Struct(">8sB7x16s8s")
_MAGIC = b"VSPBACK1"
_TAG_BYTES = 16
_LAST = 1 << 31
_PLAIN, _SEALED = 0, 1


class _Chunks(Protocol):
    """How one chunk is closed and opened; `open` gives None for a chunk that was altered."""

    def close(self, nonce: bytes, chunk: bytes) -> bytes: ...

    def open(self, nonce: bytes, body: bytes) -> bytes | None: ...


class _Plain:
    """Chunks that anybody may read; a digest guards them against accidents, not against people."""

    def __init__(self, header: bytes) -> None:
        self._header = header

    def close(self, nonce: bytes, chunk: bytes) -> bytes:
        return chunk + self._digest(nonce, chunk)

    def open(self, nonce: bytes, body: bytes) -> bytes | None:
        chunk, digest = body[:-_TAG_BYTES], body[-_TAG_BYTES:]
        return chunk if digest == self._digest(nonce, chunk) else None

    def _digest(self, nonce: bytes, chunk: bytes) -> bytes:
        digest = blake2b(self._header + nonce, digest_size=_TAG_BYTES)
        digest.update(chunk)
        return digest.digest()


class _Sealed:
    """Chunks that only the key opens."""

    def __init__(self, header: bytes, key: bytes, salt: bytes) -> None:
        from nacl import bindings

        self._header = header
        self._key = blake2b(key=key, salt=salt, person=b"backup of chunks", digest_size=32).digest()
        self._encrypt = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt
        self._decrypt = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt

    def close(self, nonce: bytes, chunk: bytes) -> bytes:
        return self._encrypt(chunk, self._header, nonce, self._key)

    def open(self, nonce: bytes, body: bytes) -> bytes | None:
        from nacl.exceptions import CryptoError

        try:
            return self._decrypt(body, self._header, nonce, self._key)
        except CryptoError:
            return None


class ContainerWriter:
    """Writes a stream into a container. `close` writes the last chunk and syncs; without it the file is not whole."""

    def __init__(self, file: BinaryIO, key: bytes | None) -> None:
        self._file = file
        self._salt = secrets.token_bytes(16)
        self._chunks = _begin(file, key, self._salt)
        self._waiting = bytearray()
        self._number = 0

    def write(self, part: bytes) -> None:
        """Add to the stream."""
        self._waiting += part
        while len(self._waiting) > CHUNK_BYTES:  # one chunk stays behind: it may be the last
            self._put(bytes(self._waiting[:CHUNK_BYTES]), last=False)
            del self._waiting[:CHUNK_BYTES]

    def close(self) -> None:
        """End the stream; it is on disk when this returns."""
        self._put(bytes(self._waiting), last=True)
        self._waiting.clear()
        self._file.flush()
        os.fsync(self._file.fileno())

    def _put(self, chunk: bytes, *, last: bool) -> None:
        body = self._chunks.close(_nonce(self._salt, self._number, last), chunk)
        self._file.write(struct.pack(">I", len(body) | (_LAST if last else 0)))
        self._file.write(body)
        self._number += 1


def _begin(file: BinaryIO, key: bytes | None, salt: bytes) -> _Chunks:
    header = _HEADER.pack(_MAGIC, _PLAIN if key is None else _SEALED, salt, _hint(key, salt))
    file.write(header)
    return _Plain(header) if key is None else _Sealed(header, key, salt)


def read_container(file: BinaryIO, path: Path, key: bytes | None) -> Iterator[bytes]:
    """The chunks of a container; `path` names it in errors.

    Raises:
        StoreCorrupt: it is not a backup, or was altered or cut short; what was yielded before is as it was written.
        BadConfiguration: it is encrypted, and `key` is missing or another one.
    """
    header = file.read(_HEADER.size)
    if len(header) != _HEADER.size or not header.startswith(_MAGIC):
        raise StoreCorrupt(f"{path} is not a backup of Vespera. Nothing was changed.")
    _, mode, salt, hint = _HEADER.unpack(header)
    chunks = _Plain(header) if mode == _PLAIN else _opened(path, mode, header, key, salt, hint)
    number, last = 0, False
    while not last:
        prefix = file.read(4)
        (length,) = struct.unpack(">I", prefix) if len(prefix) == 4 else (0,)
        last, length = bool(length & _LAST), length & ~_LAST
        fits = _TAG_BYTES <= length <= CHUNK_BYTES + _TAG_BYTES
        body = file.read(length) if fits else b""
        chunk = chunks.open(_nonce(salt, number, last), body) if fits and len(body) == length else None
        if chunk is None:
            raise damaged(path, f"chunk {number} of it was altered or cut off")
        yield chunk
        number += 1
    if file.read(1):
        raise damaged(path, "something follows its end")


def _opened(path: Path, mode: int, header: bytes, key: bytes | None, salt: bytes, hint: bytes) -> _Chunks:
    if mode != _SEALED or header[9:16] != bytes(7):
        raise damaged(path, "its header was altered")
    if key is None:
        raise BadConfiguration(f"{path} is encrypted. Set VESPERA_BACKUP_KEY to the key it was made with.")
    if hint != _hint(key, salt):
        raise BadConfiguration(
            f"{path} was encrypted with another key than VESPERA_BACKUP_KEY, or its header was altered. "
            "Nothing was changed."
        )
    return _Sealed(header, key, salt)


def damaged(path: Path, what: str) -> StoreCorrupt:
    """What is told of a backup that is not as it was written."""
    return StoreCorrupt(f"The backup {path} is damaged: {what}. Nothing was changed. Use another backup.")


def _hint(key: bytes | None, salt: bytes) -> bytes:
    """Tells a wrong key from damage; tells nothing of the key."""
    if key is None:
        return bytes(8)
    return blake2b(key=key, salt=salt, person=b"hint on the key ", digest_size=8).digest()


def _nonce(salt: bytes, number: int, last: bool) -> bytes:
    return salt + number.to_bytes(7, "big") + bytes([last])
