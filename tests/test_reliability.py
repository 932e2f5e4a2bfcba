"""docs/reliability.md says what the tests prove, no more and no less, and is written by their own report."""

import subprocess
import sys
from pathlib import Path

import pytest

from settings import HOME
from terminal import reliability
from terminal.reliability import Kept, declared, kept_in, merged, read_page

CASES = """
import pytest
from tests.promises import promise

@pytest.mark.parametrize("n", [1, 2])
def test_counts(promise, n):
    promise("Both are counted.", count=n, of="tries")

def test_words(promise):
    promise("Words stay.", "within 10 s")

def test_fails(promise):
    assert False
    promise("Never said.")
"""


def test_every_promise_of_the_page_is_made_by_its_tests_and_every_promise_is_on_the_page() -> None:
    made = declared()
    page = read_page(reliability.PAGE.read_text("utf-8"))
    assert {text: set(kept.tests) for text, kept in page.items()} == made, "run ./vespera test --write"
    for kept in page.values():
        assert kept.figure.strip()


def test_the_page_is_as_the_builder_writes_it() -> None:
    page = reliability.PAGE.read_text("utf-8")
    assert merged(page, {}, declared()) == page


def test_a_report_becomes_figures(tmp_path: Path) -> None:
    (tmp_path / "test_made.py").write_text(CASES)
    report = tmp_path / "report.xml"
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", "--rootdir", tmp_path,
         "-c", "/dev/null", "-n", "2", tmp_path / "test_made.py"],
        cwd=HOME, capture_output=True, check=False,
    )  # fmt: skip
    kept = kept_in(report)
    assert {text: one.figure for text, one in kept.items()} == {
        "Both are counted.": "3 tries",
        "Words stay.": "within 10 s",
    }
    assert declared(tmp_path) == {
        "Both are counted.": {f"{tmp_path.name}/test_made.py::test_counts"},
        "Words stay.": {f"{tmp_path.name}/test_made.py::test_words"},
        "Never said.": {f"{tmp_path.name}/test_made.py::test_fails"},
    }


def test_what_did_not_run_as_a_whole_keeps_its_figure_and_what_nobody_makes_goes() -> None:
    made = {
        "a.": {"tests/faults/test_a.py::test_a", "tests/faults/test_a.py::test_other"},
        "b.": {"tests/blackboard/test_b.py::test_b"},
        "c.": {"tests/x/test_c.py::test_c"},
    }
    whole = {text: tuple(sorted(tests)) for text, tests in made.items()}
    first = merged("", {"a.": Kept("2 kills", whole["a."]), "b.": Kept("2", whole["b."])}, made)
    again = merged(first, {"a.": Kept("1 kill", whole["a."][:1]), "b.": Kept("3", whole["b."])}, made)
    figures = {text: kept.figure for text, kept in read_page(again).items()}
    assert figures == {"b.": "3", "a.": "2 kills", "c.": reliability.NOT_YET}
    assert list(figures) == ["b.", "a.", "c."], "sections in their order"
    assert "a." not in read_page(merged(again, {}, {"b.": made["b."]}))


def test_a_promise_that_is_computed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "test_made.py").write_text("def test_it(promise):\n    promise(f'{1} kept')\n")
    with pytest.raises(ValueError, match="literal"):
        declared(tmp_path)
