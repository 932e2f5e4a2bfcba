"""The secret of a data directory, and the boxes that need it."""

import os
import secrets
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from blackboard.failures import corrupt, file_error
from redaction import hide

if TYPE_CHECKING:
    from nacl.secret import SecretBox

KEY_BYTES = 32
KEY_FILE = "secret.key"


def load_key(data_dir: Path) -> bytes:
    """The 32-byte secret in ``secret.key``, made on first use with mode 600.

    Raises:
        StoreCorrupt: the file does not hold 32 bytes.
        StoreError: it can be neither read nor made.
    """
    path = data_dir / KEY_FILE
    try:
        if not path.exists():
            _make(path)
        key = path.read_bytes()
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise file_error(error, path) from error
    if len(key) != KEY_BYTES:
        raise corrupt(path, f"it holds {len(key)} bytes in place of {KEY_BYTES}")
    hide([key])
    return key


def subkey(key: bytes, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose; knowing it tells nothing of `key` or of the other subkeys."""
    return blake2b(purpose.encode(), key=key, digest_size=32).digest()


def _make(path: Path) -> None:
    """Write the key beside its place and link it there whole: a crash leaves no half key, a rival keeps its own."""
    draft = path.with_name(f"secret.key.{os.getpid()}.{secrets.token_hex(4)}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, secrets.token_bytes(KEY_BYTES))
        os.fsync(file)
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        os.close(file)
        draft.unlink()


class TokenBox:
    """Encrypts interaction tokens at rest (XSalsa20-Poly1305); PyNaCl is loaded when the first token comes."""

    def __init__(self, key: bytes) -> None:
        self._key = subkey(key, "interaction tokens")

    @cached_property
    def _box(self) -> "SecretBox":
        from nacl.secret import SecretBox

        return SecretBox(self._key)

    def seal(self, token: str) -> bytes:
        """The token as it may stand on disk."""
        return bytes(self._box.encrypt(token.encode()))

    def open(self, sealed: bytes) -> str | None:
        """The token, or None when it was sealed with another key or altered."""
        from nacl.exceptions import CryptoError

        try:
            return self._box.decrypt(sealed).decode()
        except (CryptoError, ValueError):
            return None
