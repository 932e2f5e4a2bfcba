"""docs/reliability.md: each promise, the tests that prove it and their latest figure, from the tests' own report."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from settings import HOME

PAGE = HOME / "docs" / "reliability.md"
SECTIONS = {
    "blackboard": "What is accepted and kept",
    "faults": "Kills",
    "storage": "Disks, logs, clocks, backups",
    "load": "Crowds and long runs",
    "llm": "Models that fail",
    "wire": "Discord",
    "memory": "The memory",
    "relay": "Coding jobs",
    "agents": "Answers",
    "combat": "Fights",
    "attacks": "Attacks",
    "guard": "Who may do what, and secrets",
    "telemetry": "Figures",
}
NOT_YET = "not run here yet"
_HEAD = """# What is promised, and what proves it

Written by the tests themselves: each says at its end what it has proved and by how much, and `./vespera test` writes
this page when all of them passed (`--write` also after a part of them, and in continuous integration). A test fails
when a promise stands here that no test makes, or is made and missing here. Tests marked slow keep the figure of their
last run; `./vespera test --write -m slow` runs them.
"""
_ROW = re.compile(r"^\| (?P<text>[^|]+) \| (?P<figure>[^|]*) \| (?P<tests>[^|]+) \|$", re.MULTILINE)


class Kept(NamedTuple):
    """One promise as the page shows it. ``tests`` are ``path::name``."""

    figure: str
    tests: tuple[str, ...]


Promises = dict[str, Kept]
"""By their text."""


def read_page(page: str) -> Promises:
    """The promises that a page holds."""
    rows = (match.groupdict() for match in _ROW.finditer(page))
    return {
        row["text"]: Kept(row["figure"], tuple(re.findall(r"`([^`]+)`", row["tests"])))
        for row in rows
        if "`" in row["tests"]
    }


def declared(folder: Path = HOME / "tests") -> dict[str, set[str]]:
    """Every promise that the source of the tests makes, with the tests that make it."""
    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        for function in ast.parse(path.read_text("utf-8")).body:
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for text in _made(function):
                    found.setdefault(text, set()).add(f"{path.relative_to(folder.parent)}::{function.name}")
    return found


def _made(function: ast.AST) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "promise":
            first = node.args[0] if node.args else None
            if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
                raise ValueError("a promise is a literal sentence")
            yield first.value


def kept_in(report: Path) -> Promises:
    """What the tests of a JUnit report have proved."""
    notes: dict[str, list[dict[str, str]]] = {}
    tests: dict[str, set[str]] = {}
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 (pytest wrote it a moment ago)
        name = f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name', '').partition('[')[0]}"
        for item in case.iter("property"):
            if item.get("name") == "promise":
                note = json.loads(item.get("value", "{}"))
                notes.setdefault(note["text"], []).append(note)
                tests.setdefault(note["text"], set()).add(name)
    return {text: Kept(_figure(said), tuple(sorted(tests[text]))) for text, said in notes.items()}


def _figure(notes: list[dict[str, str]]) -> str:
    """Counts of the same things are added up; words that say the same are said once."""
    counts: dict[str, int] = {}
    for note in notes:
        if note["count"]:
            counts[note["of"]] = counts.get(note["of"], 0) + int(note["count"])
    words = [f"{count:,} {of}" for of, count in sorted(counts.items())]
    return "; ".join([*words, *sorted({note["figure"] for note in notes if note["figure"]})])


def merged(page: str, new: Promises, made: Mapping[str, set[str]]) -> str:
    """The page after a run: new figures where all tests of a promise ran, else the former; nothing nobody makes."""
    former = read_page(page)
    rows = {}
    for text, tests in made.items():
        ran = new.get(text)
        kept = ran if ran is not None and tests <= set(ran.tests) else former.get(text) or Kept(NOT_YET, ())
        rows[text] = Kept(kept.figure, tuple(sorted(tests)))
    return _HEAD + "".join(_sections(rows))


def _sections(rows: Promises) -> Iterator[str]:
    by_section: dict[str, list[tuple[str, Kept]]] = {}
    for text, kept in sorted(rows.items(), key=lambda row: (row[1].tests, row[0])):
        by_section.setdefault(Path(kept.tests[0]).parts[1], []).append((text, kept))
    order = list(SECTIONS)
    for name in sorted(by_section, key=lambda name: (order.index(name) if name in order else len(order), name)):
        yield f"\n## {SECTIONS.get(name, name.removesuffix('.py').title())}\n\n"
        yield "| promise | latest figure | proved by |\n|---|---|---|\n"
        for text, kept in by_section[name]:
            yield f"| {text} | {kept.figure} | {'<br>'.join(f'`{test}`' for test in kept.tests)} |\n"


def update(report: Path, *, write: bool) -> str:
    """Bring the page up to a report; the sentence that tells what was done, empty when it is as it was."""
    page = PAGE.read_text("utf-8") if PAGE.exists() else ""
    new = merged(page, kept_in(report), declared())
    if new == page:
        return ""
    if not write:
        return "docs/reliability.md has older figures; ./vespera test --write brings them up to this run"
    PAGE.write_text(new, "utf-8")
    return "docs/reliability.md was written"
