"""Finding a name a person typed: completions, closest matches, and a typo with one clear meaning."""

from difflib import SequenceMatcher

from errors import UserMistake
from truth_blocks.dnd5e.facts import Facts, key_of

KIND_WORDS = {"spell": "spell", "creature": "monster", "gear": "item", "class": "class", "rule": "rule"}
_TOGETHER = {"rule": ("condition", "rule"), "gear": ("item", "armor", "weapon")}
"""Kinds that people ask for as one."""


def _is_typo(likeness: float, name: str, text: str) -> bool:
    """Close enough to be a slip of the finger: alike, and (unless very much alike) with the same first letter."""
    return likeness >= 0.93 or (likeness >= 0.84 and key_of(name)[:1] == key_of(text)[:1])


class Names:
    """The names of one kind in one edition, read when first needed.

    ``rule`` covers conditions and rules together, ``gear`` weapons, armour and other items.
    """

    def __init__(self, facts: Facts, kind: str, edition: str) -> None:
        kinds = _TOGETHER.get(kind, (kind,))
        pairs = [pair for each in kinds for pair in facts.aliases(each, edition)]
        self.by_alias: dict[str, str] = dict(sorted((alias, name) for alias, name in pairs))
        self.shown = sorted(set(self.by_alias.values()))
        self._kind, self._edition = kind, edition
        self._suggested: dict[str, list[str]] = {}

    def suggest(self, prefix: str) -> list[str]:
        """Up to 25 names: those that start so, then those with a word that starts so, then near misses."""
        wanted = key_of(prefix[:100])
        if wanted not in self._suggested:
            if len(self._suggested) > 256:
                self._suggested.clear()
            self._suggested[wanted] = self._ranked(wanted)
        return self._suggested[wanted]

    def _ranked(self, wanted: str) -> list[str]:
        if not wanted:
            return self.shown[:25]
        starts = [name for alias, name in self.by_alias.items() if alias.startswith(wanted)]
        words = [name for alias, name in self.by_alias.items() if f" {wanted}" in alias]
        found = list(dict.fromkeys(starts + words))[:25]
        return found or self._near(wanted)

    def _near(self, wanted: str) -> list[str]:
        """Names that share the most letter pairs with the text; under a millisecond for 350 names."""
        pairs = {wanted[i : i + 2] for i in range(len(wanted) - 1)}
        scored = []
        for alias, name in self.by_alias.items():
            shared = sum(pair in alias for pair in pairs)
            if shared * 2 >= max(len(pairs), 2):
                scored.append((-shared / (len(alias) + len(wanted)), name))
        return list(dict.fromkeys(name for _, name in sorted(scored)))[:25]

    def closest(self, text: str, count: int = 3) -> list[tuple[float, str]]:
        """The most similar names with their likeness from 0 to 1, best first."""
        wanted = key_of(text[:100])
        best: dict[str, float] = {}
        matcher = SequenceMatcher(b=wanted, autojunk=False)
        for alias, name in self.by_alias.items():
            matcher.set_seq1(alias)
            if matcher.real_quick_ratio() > 0.4 and matcher.quick_ratio() > 0.4:
                best[name] = max(best.get(name, 0.0), matcher.ratio())
        ranked = sorted(((score, name) for name, score in best.items()), key=lambda pair: (-pair[0], pair[1]))
        return ranked[:count]

    def resolve(self, text: str) -> tuple[str, bool]:
        """The name meant, and whether the spelling had to be mended.

        Raises:
            UserMistake: nothing, or more than one thing, is close enough; the text names the closest.
        """
        if not key_of(text):
            raise UserMistake(f"Say which {KIND_WORDS[self._kind]} you mean. Nothing was looked up.")
        exact = self.by_alias.get(key_of(text))
        if exact is not None:
            return exact, False
        near = self.closest(text)
        if near and _is_typo(near[0][0], near[0][1], text) and (len(near) == 1 or near[0][0] - near[1][0] >= 0.05):
            return near[0][1], True
        shown = ", ".join(name for _, name in near)
        said = " ".join(text.split())[:60]
        where = f"in SRD {self._edition}" if self._kind != "rule" else f"among the rules of SRD {self._edition}"
        raise UserMistake(f'"{said}" is not {where}.' + (f" Closest: {shown}." if shown else ""))
