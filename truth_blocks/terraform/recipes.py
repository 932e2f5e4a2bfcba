"""Curated recipes: files of Terraform under ``recipes/PROVIDER/``, with their meaning in the comment lines on top.

``# makes:`` one phrase; ``# needs:`` recipes it stands on; ``# assumes:`` and ``# asks:`` a sentence each;
``# output:`` name, value and description, parted by ``|``. ``recipe_name`` stands for the label of what is made.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec

FOLDER = Path(__file__).parent / "recipes"
_VARIABLE = re.compile(r"\bvar\.(\w+)")
_TYPE = re.compile(r'^(resource|data) "(\w+)"', re.M)


class Output(msgspec.Struct, frozen=True):
    """One output value."""

    name: str
    value: str
    description: str


class Recipe(msgspec.Struct, frozen=True):
    """One recipe; ``recipe_name`` in its text stands for the label."""

    provider: str
    name: str
    makes: str
    needs: tuple[str, ...]
    assumes: tuple[str, ...]
    asks: tuple[str, ...]
    outputs: tuple[Output, ...]
    body: str

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the variables it uses, in order of appearance."""
        return tuple(dict.fromkeys(_VARIABLE.findall(self.body)))

    @property
    def types(self) -> tuple[tuple[str, str], ...]:
        """(resource or data, type name) of everything it makes or looks up."""
        return tuple(dict.fromkeys(_TYPE.findall(self.body)))


@cache
def recipe(name: str, provider: str = "aws") -> Recipe:
    """The recipe of a kind on one cloud."""
    lines = (FOLDER / provider / f"{name}.tf").read_text("utf-8").split("\n")
    head = [line[2:] for line in lines if line.startswith("# ")]
    body = "\n".join(lines[len(head) :]).strip() + "\n"
    facts: dict[str, list[str]] = {"makes": [], "needs": [], "assumes": [], "asks": [], "output": []}
    for line in head:
        key, _, value = line.partition(": ")
        facts[key].append(value)
    outputs = tuple(Output(*(part.strip() for part in line.split(" | "))) for line in facts["output"])
    needs = tuple(" ".join(facts["needs"]).split())
    return Recipe(
        provider, name, facts["makes"][0], needs, tuple(facts["assumes"]), tuple(facts["asks"]), outputs, body
    )


@cache
def recipe_names(provider: str = "aws") -> tuple[str, ...]:
    """All recipes of a provider, sorted."""
    return tuple(sorted(path.stem for path in (FOLDER / provider).glob("*.tf")))


def with_what_they_need(names: Iterable[str], provider: str) -> list[Recipe]:
    """The recipes of these names, each after the ones it stands on, none twice."""
    chosen: dict[str, Recipe] = {}
    for name in names:
        found = recipe(name, provider)
        for needed in found.needs:
            chosen.setdefault(needed, recipe(needed, provider))
        chosen.setdefault(name, found)
    return list(chosen.values())
