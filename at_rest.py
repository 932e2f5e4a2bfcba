"""Encryption of people's words on disk: XChaCha20-Poly1305 under keys that this process was given.

A sealed value says under which key it lies, so that two keys can be in use while one replaces the other, and words
written before encryption was switched on stay readable. What a value belongs to (its column and row) is authenticated
with it: it opens nowhere else. Without a key every value passes as it is.

Stored form: ``00 "VS" 01 | key id (8) | kind (1) | nonce (24) | ciphertext and tag``.
"""

import hmac
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b, sha256
from secrets import token_bytes

Value = str | bytes | int | float | None
MARK = b"\x00VS\x01"
ID_BYTES, NONCE_BYTES = 8, 24
_KIND_AT = len(MARK) + ID_BYTES
_HEAD = _KIND_AT + 1 + NONCE_BYTES
UNREADABLE = "\ufffd"
"""Stands for a sealed value that does not open: it fits no checksum and no digest, so its row is found damaged."""


class Keyring:
    """The key that new words are sealed with, if any, and those that older words may lie under (32 bytes each)."""

    def __init__(self, current: bytes | None = None, before: Sequence[bytes] = ()) -> None:
        self._keys = {_id(key): _sub(key, b"words") for key in (*before, *((current,) if current else ()))}
        self.current = _id(current) if current else b""
        self._pepper = _sub(current, b"digests") if current else b""
        self.token = lru_cache(8_192)(self._token)

    @property
    def active(self) -> bool:
        """Whether new words are sealed."""
        return bool(self.current)

    @property
    def names(self) -> frozenset[str]:
        """Ids of all keys, hexadecimal; they tell nothing of the keys."""
        return frozenset(key.hex() for key in self._keys)

    def seal(self, value: Value, column: str, row: bytes) -> Value:
        """A value as it may stand on disk. None and empty text say nothing and stay as they are."""
        if not self.current or value is None or value in ("", b""):
            return value
        from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as encrypt

        kind, plain = _plain(value)
        nonce = token_bytes(NONCE_BYTES)
        body = encrypt(plain, _belongs(column, row, kind), nonce, self._keys[self.current])
        return b"".join((MARK, self.current, kind, nonce, body))

    def unseal(self, value: Value, column: str, row: bytes) -> Value:
        """What `seal` was given; a value that is not sealed as it is; `UNREADABLE` when it does not open."""
        if not isinstance(value, bytes) or not value.startswith(MARK):
            return value
        key = self._keys.get(value[len(MARK) : _KIND_AT])
        if key is None or len(value) <= _HEAD:
            return UNREADABLE
        from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as decrypt
        from nacl.exceptions import CryptoError

        kind, nonce = value[_KIND_AT : _KIND_AT + 1], value[_KIND_AT + 1 : _HEAD]
        try:
            return _value(kind, decrypt(value[_HEAD:], _belongs(column, row, kind), nonce, key))
        except (CryptoError, ValueError):
            return UNREADABLE

    def reseal(self, value: Value, column: str, row: bytes) -> Value:
        """A value under the current key, or plain without one; one that does not open stays as it is."""
        under = key_id(value)
        if under == self.current:
            return value
        plain = self.unseal(value, column, row)
        return value if under and plain == UNREADABLE else self.seal(plain, column, row)

    def digest(self, text: str) -> str:
        """SHA-256 of a text, hexadecimal; keyed where there is a key, so that nobody tests guesses against it."""
        body = text.encode("utf-8", "surrogatepass")
        return hmac.new(self._pepper, body, sha256).hexdigest() if self._pepper else sha256(body).hexdigest()

    def hidden(self, text: str) -> str:
        """A text of an index, matched as a whole: itself without a key, else a keyed hash."""
        return self.digest(text) if self._pepper else text

    def _token(self, word: str) -> str:
        """A word of an index: itself without a key; else a keyed hash, the same for case, accents and a plural's s.

        The closing digit keeps a stemmer off it.
        """
        if not self._pepper:
            return word
        parts = unicodedata.normalize("NFKD", word.casefold())
        bare = "".join(part for part in parts if not unicodedata.combining(part))
        if len(bare) > 3 and bare.endswith("s") and not bare.endswith("ss"):
            bare = bare[:-1]
        return blake2b(bare.encode("utf-8", "surrogatepass"), key=self._pepper, digest_size=10).hexdigest() + "0"


def key_id(value: Value) -> bytes:
    """Under which key a value lies; empty for a plain one."""
    return value[len(MARK) : _KIND_AT] if isinstance(value, bytes) and value.startswith(MARK) else b""


def _id(key: bytes) -> bytes:
    return blake2b(b"id", key=key, digest_size=ID_BYTES).digest()


def _sub(key: bytes, purpose: bytes) -> bytes:
    return blake2b(purpose, key=key, digest_size=32).digest()


def _belongs(column: str, row: bytes, kind: bytes) -> bytes:
    return b"\x1f".join((column.encode(), row, kind))


def _plain(value: str | bytes | int | float | None) -> tuple[bytes, bytes]:
    if isinstance(value, str):
        return b"t", value.encode("utf-8", "surrogatepass")
    if isinstance(value, bytes):
        return b"b", value
    return b"i", str(int(value or 0)).encode()


def _value(kind: bytes, plain: bytes) -> Value:
    return plain.decode("utf-8", "surrogatepass") if kind == b"t" else int(plain) if kind == b"i" else plain


_held = Keyring()


def use(current: str = "", before: str = "") -> None:
    """Give this process its keys: 64 hexadecimal digits each, empty for none. Connections opened later use them."""
    global _held
    _held = Keyring(bytes.fromhex(current) or None, [bytes.fromhex(before)] if before else [])


def keyring() -> Keyring:
    """The keys of this process."""
    return _held
