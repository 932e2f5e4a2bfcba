"""Read access to the fact file: rows by edition and name, nothing else."""

import json
import re
import sqlite3
import weakref
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

DATA = Path(__file__).with_name("data") / "facts.sqlite"
EDITIONS = ("5.2", "5.1")
JSON_COLUMNS = {
    "spell": ("damage_type", "class"),
    "creature": ("speed", "saves", "skills", "resistances", "immunities", "vulnerabilities", "condition_immunities"),
    "class": ("saves", "slots", "slot_level", "features", "columns"),
    "rule": ("aliases", "related", "calc", "facts"),
}
Row = dict[str, Any]


def key_of(name: str) -> str:
    """The form in which names are compared: lower case, letters and digits, single spaces."""
    plain = re.sub(r"['’]", "", name.lower())
    return re.sub(r"[^a-z0-9+]+", " ", plain).strip()


class Effect(msgspec.Struct, frozen=True):
    """One fact of a rule: its field, its value, and the sentence that says it in our own words."""

    field: str
    value: Any
    sentence: str


class Rule(msgspec.Struct, frozen=True):
    """One topic of the rules table in one edition."""

    key: str
    title: str
    kind: str
    """``condition`` or ``rule``; also the subject key of a claim about it."""
    edition: str
    source: str
    related: tuple[str, ...]
    operations: tuple[str, ...]
    """Calculations (`op`) that a draft on this topic may claim."""
    effects: tuple[Effect, ...]

    def effect(self, field: str) -> Effect | None:
        """The fact of that field, or None."""
        return next((effect for effect in self.effects if effect.field == field), None)


def _values(said: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for each in said.split("; ") if said else ():
        kind, _, value = each.partition(" ")
        found.setdefault(kind, set()).add(value)
    return {kind: frozenset(values) for kind, values in found.items()}


class Entry(msgspec.Struct, frozen=True):
    """A named part of an entry of the SRD: a trait, an action, a feature, what a spell does."""

    owner_kind: str
    owner: str
    kind: str
    name: str
    values: dict[str, frozenset[str]]
    """What the text says in values, by kind: ``{"dc": {"21"}, "dice": {"18d6"}}``; see `readers.entry_words`."""


class Facts:
    """The fact file, opened read-only on first use; rows are remembered, up to 512 of them.

    Raises:
        FileNotFoundError: the file is missing (run ``tools/build_dnd5e.py``).
    """

    def __init__(self, path: Path = DATA) -> None:
        if not path.is_file():
            raise FileNotFoundError(f"{path} is missing; build it with tools/build_dnd5e.py")
        uri = f"file:{path}?mode=ro&immutable=1"
        self._db = sqlite3.connect(uri, uri=True, check_same_thread=False, cached_statements=32)
        weakref.finalize(self, self._db.close)  # Python 3.13 warns of a connection that is left to the collector.
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA cache_size=-512")
        meta = dict(self._db.execute("SELECT key, value FROM meta").fetchall())
        self.version = f"{meta['version']}+{meta['checksum'][:12]}"
        self._figures: dict[str, Any] = {}
        self._row = lru_cache(maxsize=512)(self._read)
        self._key = lru_cache(maxsize=2_048)(self._find)
        self.rule = lru_cache(maxsize=128)(self._rule)
        self.entries = lru_cache(maxsize=128)(self._entries)
        self.entry_names = lru_cache(maxsize=8)(self._entry_names)

    def row(self, kind: str, edition: str, name: str) -> Row | None:
        """The row of a spell, creature, weapon, armor, item or class by any of its names."""
        key = self._key(kind, edition, name)
        return self._row(kind, edition, key) if key is not None else None

    def key(self, kind: str, edition: str, name: str) -> str | None:
        """The key a name stands for, or None when the edition does not know it."""
        return self._key(kind, edition, name)

    def kinds(self, edition: str, name: str) -> list[str]:
        """Everything that goes by this name: ``["spell", "class_feature"]``."""
        found = self._db.execute("SELECT kind FROM name WHERE ed=? AND alias=? ORDER BY kind", (edition, key_of(name)))
        return [kind for (kind,) in found]

    def names(self, kind: str, edition: str) -> list[str]:
        """All names of a kind, in alphabetical order."""
        query = "SELECT DISTINCT name FROM name WHERE ed=? AND kind=? ORDER BY name"
        return [name for (name,) in self._db.execute(query, (edition, kind))]

    def aliases(self, kind: str, edition: str) -> list[tuple[str, str]]:
        """All spellings of a kind with the name each stands for."""
        return self._db.execute("SELECT alias, name FROM name WHERE ed=? AND kind=?", (edition, kind)).fetchall()

    def attacks(self, edition: str, creature: str) -> list[Row]:
        """A creature's attacks, by its key."""
        query = "SELECT * FROM attack WHERE ed=? AND creature=? ORDER BY key"
        return [dict(row) for row in self._db.execute(query, (edition, creature))]

    def scaling(self, edition: str, spell: str) -> list[Row]:
        """What a spell does with higher slots and at higher character levels, by its key."""
        query = "SELECT * FROM spell_scale WHERE ed=? AND key=? ORDER BY slot, caster_level"
        return [dict(row) for row in self._db.execute(query, (edition, spell))]

    def figures(self, name: str) -> Any:
        """A table of figures by its name, for example ``xp_by_cr``; names with an edition end in it.

        Raises:
            KeyError: there is no such table.
        """
        if not self._figures:
            rows = self._db.execute("SELECT key, value FROM num")
            self._figures.update({key: json.loads(value) for key, value in rows})
        return self._figures[name]

    def _entries(self, edition: str, owner_kind: str, owner: str) -> tuple[Entry, ...]:
        """The named parts of a creature, spell, class … by its key."""
        query = "SELECT * FROM entry WHERE ed=? AND owner_kind=? AND owner=?"
        rows = self._db.execute(query, (edition, owner_kind, owner))
        return tuple(
            Entry(row["owner_kind"], row["owner"], row["kind"], row["name"], _values(row["said"])) for row in rows
        )

    def _entry_names(self, edition: str, owner_kind: str, *kinds: str) -> tuple[tuple[str, str], ...]:
        """Name and owner of every part of these kinds; each name once where all owners are creatures."""
        marks = ",".join("?" * len(kinds))
        one = "GROUP BY name" if owner_kind == "creature" else ""
        query = f"SELECT name, owner FROM entry WHERE ed=? AND owner_kind=? AND kind IN ({marks}) {one}"  # noqa: S608
        return tuple((row[0], row[1]) for row in self._db.execute(query, (edition, owner_kind, *kinds)))

    def _find(self, kind: str, edition: str, name: str) -> str | None:
        query = "SELECT key FROM name WHERE ed=? AND kind=? AND alias=?"
        found = self._db.execute(query, (edition, kind, key_of(name))).fetchone()
        return found[0] if found else None

    def _read(self, kind: str, edition: str, key: str) -> Row | None:
        query = f"SELECT * FROM {kind} WHERE ed=? AND key=?"  # noqa: S608 (kind is one of ours, never a person's text)
        found = self._db.execute(query, (edition, key)).fetchone()
        if found is None:
            return None
        row = dict(found)
        for column in JSON_COLUMNS.get(kind, ()):
            row[column] = json.loads(row[column]) if row[column] is not None else None
        return row

    def _rule(self, edition: str, name: str, kinds: tuple[str, ...] = ("condition", "rule")) -> Rule | None:
        if kinds[0] in ("feat", "skill"):
            keys = [f"{kinds[0]} {key_of(name)}"]
        else:
            keys = [key for kind in kinds if (key := self._key(kind, edition, name)) is not None]
        key = keys[0] if keys else None
        row = self._read("rule", edition, key) if key is not None else None
        if row is None:
            return None
        effects = tuple(Effect(field, value, sentence) for field, (value, sentence) in row["facts"].items())
        source = f'SRD {edition}, "{row["section"]}"'
        lists = (tuple(row["related"]), tuple(row["calc"]))
        return Rule(
            row["key"].removeprefix(f"{kinds[0]} "), row["title"], row["kind"], edition, source, *lists, effects
        )
