"""Known names in free text: spells, creatures, conditions, features, items."""

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from truth_blocks.dnd5e.facts import Facts, key_of

KINDS = ("spell", "creature", "condition", "class_feature", "feat", "weapon", "armor", "item")
ALWAYS = ("condition",)
"""Kinds whose single-word names count in lower case too; ``light`` and ``guard`` only when written as a name."""
PLAIN_WORDS = frozenset(
    {"proficiency bonus", "hit points", "extra attack", "ability score improvement", "bonus proficiency"}
)
"""Class features whose names are ordinary words of the rules; saying them names no feature."""
_WORD = re.compile(r"[A-Za-z0-9+]+(?:['’][A-Za-z]+)*")
_OWNERS = ("'s", "’s")
_AROUND = {"spell", "cantrip", "casting", "cast", "casts"}


_KEPT = 256
"""Texts whose names are kept: every reading of a sentence asks for them."""


class Mention(msgspec.Struct, frozen=True):
    """One known name where it stands in a text."""

    kind: str
    name: str
    key: str
    start: int
    end: int


class Mentions:
    """Finds the known names of one edition; the index is built when first used (about 0.5 MB)."""

    def __init__(self, facts: Facts, edition: str) -> None:
        self._facts, self._edition = facts, edition
        self._index: dict[str, list[tuple[tuple[str, ...], str, str]]] | None = None
        self._found = lru_cache(maxsize=_KEPT)(self._all)

    def _by_first_word(self) -> dict[str, list[tuple[tuple[str, ...], str, str]]]:
        if self._index is None:
            index: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
            for kind in KINDS:
                for alias, name in self._facts.aliases(kind, self._edition):
                    if kind == "class_feature" and (alias in PLAIN_WORDS or " " not in alias):
                        continue
                    words = tuple(alias.split())
                    index.setdefault(words[0], []).append((words, kind, name))
            for entries in index.values():
                entries.sort(key=lambda entry: (-len(entry[0]), KINDS.index(entry[1])))
            self._index = index
        return self._index

    def find(self, text: str, kinds: tuple[str, ...] = KINDS, any_case: bool = False) -> list[Mention]:
        """Names in the order they stand, the longest at each place. ``any_case`` takes every spelling as a name."""
        return list(self._found(text, kinds, any_case))

    def _all(self, text: str, kinds: tuple[str, ...], any_case: bool) -> tuple[Mention, ...]:
        return tuple(self._walk(text, kinds, any_case))

    def _walk(self, text: str, kinds: tuple[str, ...], any_case: bool) -> Iterator[Mention]:
        tokens = list(_WORD.finditer(text))
        keys = [key_of(token[0]) for token in tokens]
        place = 0
        while place < len(tokens):
            found = self._at(text, tokens, keys, place, kinds, any_case)
            if found is None:
                place += 1
                continue
            words, mention = found
            yield mention
            place += words

    def _at(
        self,
        text: str,
        tokens: list[re.Match[str]],
        keys: list[str],
        place: int,
        kinds: tuple[str, ...],
        any_case: bool,
    ) -> tuple[int, Mention] | None:
        index, first = self._by_first_word(), tokens[place][0]
        starts = dict.fromkeys(
            (keys[place], *_singular(keys[place]), key_of(first[:-2]) if first[-2:] in _OWNERS else "")
        )
        for words, kind, name in [entry for start in starts for entry in index.get(start, ())]:
            size = len(words)
            if kind not in kinds or not _spelled(tuple(keys[place + 1 : place + size]), words[1:]):
                continue
            if size == 1 and not any_case and kind not in ALWAYS and not self._as_name(text, tokens, keys, place):
                continue
            end = tokens[place + size - 1].end()
            return size, Mention(kind, name, key_of(name), tokens[place].start(), end)
        return None

    def _as_name(self, text: str, tokens: list[re.Match[str]], keys: list[str], place: int) -> bool:
        """A single word written as a name: with a capital inside a sentence, in emphasis, or beside *spell*."""
        around = set(keys[max(place - 2, 0) : place]) | set(keys[place + 1 : place + 2])
        before = text[: tokens[place].start()].rstrip(" ")
        inside = bool(before) and before[-1] not in ".!?:;\n*_#-"
        return (tokens[place][0][0].isupper() and inside) or bool(around & _AROUND) or before.endswith(("*", "_"))


def _singular(key: str) -> tuple[str, ...]:
    """What a plural may be the plural of: wolves, spies, rhinoceroses, goblins."""
    if len(key) <= 3 or not key.endswith("s"):
        return (key,)
    found = [key[:-1]]
    for ending, single in (("ies", "y"), ("ves", "f"), ("ves", "fe"), ("es", ""), ("mice", "mouse")):
        if key.endswith(ending):
            found.append(key.removesuffix(ending) + single)
    return tuple(found)


def _spelled(said: tuple[str, ...], known: tuple[str, ...]) -> bool:
    """The rest of a name, its last word in the singular or plural."""
    return said == known or bool(known and said[:-1] == known[:-1] and said and known[-1] in _singular(said[-1]))
