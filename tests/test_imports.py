"""Imports go one way, as DESIGN draws the house; a cog reaches the App and the shared contracts only."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from settings import HOME

FLOORS = (
    {"cli", "bot", "terminal", "owner_socket", "slash", "cogs", "telemetry"},
    {"app", "relay_app", "stores", "wiring"},
    {"agents"},
    {"llm", "memory", "truth_blocks", "prompts"},
    {"database", "blackboard"},
    {
        "settings",
        "errors",
        "logs",
        "redaction",
        "sealing",
        "addresses",
        "allocator",
        "at_rest",
        "faults",
        "metrics",
        "neutralise",
        "syntax",
    },
)
"""From the fronts down to the ground; nothing imports from a floor above its own."""
FLOOR_OF = {name: number for number, names in enumerate(FLOORS) for name in names}
NEIGHBOURS = {
    ("truth_blocks", "llm"),
    ("truth_blocks", "memory"),
    ("cogs", "terminal"),
    ("cogs", "owner_socket"),
    ("cogs", "telemetry"),
    ("telemetry", "cogs"),
}
"""Pairs on one floor where the first must not know the second either."""
COG_MAY_KNOW = (
    "app", "cogs", "agents.contracts", "agents.health", "agents.relay.contracts", "agents.relay.jobs", "agents.relay.shown", "agents.table_contracts", "agents.why",
    "agents.work.Ticket",
    "blackboard.contracts", "truth_blocks.contracts", "errors", "faults", "logs", "metrics", "neutralise", "settings",
)  # fmt: skip
OUTSIDE = {"tests", "benchmarks", "tools"}


def modules() -> Iterator[Path]:
    for path in HOME.rglob("*.py"):
        parts = path.relative_to(HOME).parts
        if not parts[0].startswith(".") and parts[0] not in OUTSIDE | {"data", "build"}:
            yield path.relative_to(HOME)


def imported(path: Path) -> Iterator[str]:
    """Dotted names of our own modules that a file imports, inside functions and for type checking alike."""
    for node in ast.walk(ast.parse((HOME / path).read_text("utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (name for name in names if name.split(".")[0] in FLOOR_OF)


def house_of(path: Path) -> str:
    return path.parts[0].removesuffix(".py")


def test_every_module_lives_on_a_floor() -> None:
    assert {house_of(path) for path in modules()} <= set(FLOOR_OF)


@pytest.mark.parametrize("path", sorted(modules()), ids=str)
def test_nothing_imports_from_a_floor_above(path: Path) -> None:
    here = house_of(path)
    for name in imported(path):
        there = name.split(".")[0]
        assert FLOOR_OF[there] >= FLOOR_OF[here], f"{path} imports {name}, which lies above it"
        assert (here, there) not in NEIGHBOURS, f"{path} imports {name}"


def test_a_cog_knows_the_app_and_the_shared_contracts_only() -> None:
    for path in modules():
        if house_of(path) == "cogs":
            for name in imported(path):
                assert name.startswith(COG_MAY_KNOW), f"{path} imports {name}"


def test_relative_imports_are_not_used() -> None:
    for path in modules():
        for node in ast.walk(ast.parse((HOME / path).read_text("utf-8"))):
            assert not (isinstance(node, ast.ImportFrom) and node.level), f"{path}:{node.lineno}"
