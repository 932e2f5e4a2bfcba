"""The provider schemas: one small SQLite file, read lazily.

A nested block is stored once however many types and generations share it; some dozen neighbours are deflated together,
against one dictionary. Its text holds a line per setting: ``name`` and a code. First letter: ``r`` required, ``o``
optional, ``b`` optional and computed, ``c`` computed only (in generations read from npm packages ``o`` stands for both
``o`` and ``b``). Then the type: ``s`` string, ``n`` number, ``b`` bool, ``a`` anything, ``L``/``E``/``M`` + letter for
a list, set or map of such; or a nesting and the number of the nested block: ``l`` list, ``t`` set, ``o`` one, ``k``
map, upper case where it is written as a block, lower case where it is an attribute. ``A`` is an unread block.
"""

import sqlite3
import weakref
import zlib
from collections import OrderedDict
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec

SCHEMA_FILE = Path(__file__).parent / "data" / "schemas.sqlite"
Kind = Literal["r", "d", "p", "e", "f"]
"""Resource, data source, provider configuration, ephemeral resource, function of a provider."""
_KEEP_BLOCKS = 512
"""Decoded blocks kept in memory: about 1 MB."""
_KEEP_CHUNKS = 8
"""Inflated chunks kept: some 5 kB each."""
_KEEP_NAMES = 6
"""Lists of type names kept: up to 150 kB each."""
_PRIMITIVES = {"s": "string", "n": "number", "b": "bool", "a": "any"}
_COLLECTIONS = {"L": "list", "E": "set", "M": "map"}
_NESTINGS = {"l": "list", "t": "set", "o": "one", "k": "map"}


class Setting(msgspec.Struct, frozen=True, gc=False):
    """One argument, attribute or nested block of a type."""

    name: str
    flag: str
    code: str
    child: int | None = None

    @property
    def required(self) -> bool:
        """True when a configuration without it is invalid."""
        return self.flag == "r"

    @property
    def computed_only(self) -> bool:
        """True when only the provider sets it."""
        return self.flag == "c"

    @property
    def is_block(self) -> bool:
        """True when it is written ``name { … }`` and never ``name = …``."""
        return self.code in ("A", "L", "T", "O", "K") and (self.code == "A" or self.child is not None)

    @property
    def nesting(self) -> str | None:
        """``list``, ``set``, ``one`` or ``map`` of nested settings; None for a plain value."""
        return _NESTINGS[self.code.lower()] if self.child is not None else None

    @property
    def type_name(self) -> str:
        """The type in Terraform's words: ``list of string``."""
        if self.is_block:
            return "block"
        if self.child is not None:
            return {"one": "object", "list": "list of objects", "set": "set of objects", "map": "map of objects"}[
                self.nesting or "one"
            ]
        if len(self.code) == 2:
            return f"{_COLLECTIONS[self.code[0]]} of {_PRIMITIVES[self.code[1]]}"
        return _PRIMITIVES[self.code]


class BlockSchema(msgspec.Struct, frozen=True):
    """The settings of a type or of a nested block, by name."""

    settings: dict[str, Setting]


class Provider(msgspec.Struct, frozen=True):
    """One generation of a provider whose schema is in the file."""

    number: int
    name: str
    version: str

    @property
    def generation(self) -> str:
        """``aws 6``: the major version that breaking changes follow."""
        return f"{self.name} {self.version.partition('.')[0]}"


class Schemas:
    """Lazy look-ups; opened at the first one."""

    def __init__(self, path: Path = SCHEMA_FILE) -> None:
        self._path = path
        self._blocks: OrderedDict[int, BlockSchema] = OrderedDict()
        self._chunks: OrderedDict[int, list[str]] = OrderedDict()
        self._names: dict[tuple[int, str], tuple[str, ...]] = {}

    @cached_property
    def _database(self) -> sqlite3.Connection:
        uri = f"{self._path.resolve().as_uri()}?mode=ro&immutable=1"
        database = sqlite3.connect(uri, uri=True, check_same_thread=False)
        weakref.finalize(self, database.close)  # Python 3.13 warns of a connection that is left to the collector.
        database.execute("PRAGMA cache_size=-512")
        return database

    @cached_property
    def _dictionary(self) -> bytes:
        row = self._database.execute("SELECT bytes FROM dictionary").fetchone()
        return bytes(row[0])

    @cached_property
    def providers(self) -> tuple[Provider, ...]:
        """All generations in the file, newest first within a provider."""
        rows = self._database.execute("SELECT number, name, version FROM provider ORDER BY name, number DESC")
        return tuple(Provider(*row) for row in rows)

    @cached_property
    def fingerprint(self) -> str:
        """Digest of the facts as the builder wrote it (16 hex digits)."""
        return str(self._database.execute("SELECT digest FROM dictionary").fetchone()[0])

    def provider(self, name: str) -> Provider | None:
        """The newest generation of a provider, or None when its schema is not shipped."""
        return next(iter(self.generations(name)), None)

    def generations(self, name: str) -> tuple[Provider, ...]:
        """All shipped generations of a provider, newest first."""
        return tuple(provider for provider in self.providers if provider.name == name)

    def find(self, provider: Provider, kind: Kind, type_name: str) -> BlockSchema | None:
        """The settings of ``aws_s3_bucket``; None when the provider has no such type."""
        row = self._database.execute("SELECT blocks FROM type WHERE kind=? AND name=?", (kind, type_name)).fetchone()
        number = _number(row[0], provider) if row else None
        return self.block(number) if number is not None else None

    def block(self, number: int) -> BlockSchema:
        """A nested block by its number."""
        known = self._blocks.get(number)
        if known is not None:
            self._blocks.move_to_end(number)
            return known
        block = _decode(self._body(number))
        self._blocks[number] = block
        if len(self._blocks) > _KEEP_BLOCKS:
            self._blocks.popitem(last=False)
        return block

    def _body(self, number: int) -> str:
        """The text of a block; neighbours are deflated together, and often asked for next."""
        for start, known in self._chunks.items():
            if start <= number < start + len(known):
                return known[number - start]
        query = "SELECT first, bodies FROM chunk WHERE first<=? ORDER BY first DESC LIMIT 1"
        first, packed = self._database.execute(query, (number,)).fetchone()
        inflate = zlib.decompressobj(-15, self._dictionary)
        bodies: list[str] = inflate.decompress(packed).decode("ascii").split("\n\n")
        self._chunks[first] = bodies
        if len(self._chunks) > _KEEP_CHUNKS:
            self._chunks.popitem(last=False)
        return str(bodies[number - first])

    def names(self, provider: Provider, kind: Kind) -> tuple[str, ...]:
        """All type names of a provider, sorted."""
        key = (provider.number, kind)
        if key not in self._names:
            prefix = f"{provider.name}::" if kind == "f" else provider.name.partition("-")[0]
            rows = self._database.execute(
                "SELECT name, blocks FROM type WHERE kind=? AND name>=? AND name<? ORDER BY name",
                (kind, prefix, f"{prefix}~"),
            )
            self._names[key] = tuple(name for name, blocks in rows if _number(blocks, provider) is not None)
            if len(self._names) > _KEEP_NAMES:
                del self._names[next(iter(self._names))]
        return self._names[key]


def _number(blocks: str, provider: Provider) -> int | None:
    """The block of a type in one generation, from ``1:20 2:25``."""
    start = f"{provider.number}:"
    return next((int(pair[len(start) :]) for pair in blocks.split(" ") if pair.startswith(start)), None)


def _decode(text: str) -> BlockSchema:
    settings: dict[str, Setting] = {}
    for line in text.split("\n") if text else ():
        name, _, code = line.partition(" ")
        letters = code[1:].rstrip("0123456789")
        child = code[1 + len(letters) :]
        settings[name] = Setting(name, code[0], letters, int(child) if child else None)
    return BlockSchema(settings)
