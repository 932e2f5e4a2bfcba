"""Capsules: the same defect has the same hash whatever varies, another has another, and both can be read."""

import time

import pytest

from agents.relay import capsules
from agents.relay.contracts import CheckRun
from agents.relay.normalise import count_of_tests, coverage, headline, normalised, places, telling

PYTEST = """\
F.                                                                       [100%]
=================================== FAILURES ===================================
___________________________________ test_add ___________________________________

    def test_add():
>       assert add(2, 3) == 5
E       assert -1 == 5
E        +  where -1 = add(2, 3)

tests/test_calc.py:{line}: AssertionError
=========================== short test summary info ============================
FAILED tests/test_calc.py::test_add - assert -1 == 5
1 failed, 3 passed in {seconds}s
"""


def failed(output: str, name: str = "pytest") -> CheckRun:
    return CheckRun(name=name, ok=False, command="pytest -q", exit_code=1, output=output)


def test_times_lines_addresses_and_places_do_not_change_a_hash() -> None:
    one = capsules.of_command("test", failed(PYTEST.format(line=5, seconds="0.12")), ["calc.py"])
    two = capsules.of_command("test", failed(PYTEST.format(line=9, seconds="31.4")), ["calc.py"])
    assert one.content_hash == two.content_hash and one.defect_id == two.defect_id


def test_another_error_place_or_check_has_another_hash() -> None:
    usual = capsules.content_hash("test", "a.py", "pytest", "boom")
    assert usual == capsules.content_hash("test", "a.py", "pytest", "boom  ")
    for other in (("lint", "a.py", "pytest", "boom"), ("test", "b.py", "pytest", "boom"),
                  ("test", "a.py", "unittest", "boom"), ("test", "a.py", "pytest", "bang")):  # fmt: skip
        assert capsules.content_hash(*other) != usual


def test_prose_does_not_change_a_hash() -> None:
    first = capsules.capsule(
        "critique", title="It fakes", location="a.py", failing_check="critique", error="fakes", cause="x"
    )
    again = capsules.capsule(
        "critique", title="A fake!", location="a.py", failing_check="critique", error="fakes", cause="y"
    )
    assert first.content_hash == again.content_hash


def test_a_capsule_says_what_failed_where_and_how_to_see_it() -> None:
    found = capsules.of_command("test", failed(PYTEST.format(line=5, seconds="0.12")), ["calc.py"])
    assert found.title == "pytest failed: E assert -1 == 5"
    assert found.location == "tests/test_calc.py"
    assert found.repro_steps_script == "pytest -q"
    assert found.severity == "major" and found.type == "test" and found.failing_check == "pytest"
    assert any("where -1 = add(2, 3)" in line for line in found.observations)


def test_a_long_output_is_bounded() -> None:
    found = capsules.of_command("test", failed("x" * 1_000_000 + "\n" + "error: y\n" * 10_000), [])
    assert sum(map(len, found.observations)) <= capsules.OBSERVED_CHARACTERS
    assert len(found.title) <= 200 and len(found.error) <= 1_300


@pytest.mark.parametrize(
    ("output", "line"),
    [
        ("ERROR: test_a (t.A)\nTraceback (most recent call last):\n  File \"a.py\", line 3\nValueError: no\n", "ValueError: no"),
        ("a.c:3:5: error: expected ';'\nmake: *** [all] Error 1\n", "a.c: error: expected ';'"),
        ("error[E0308]: mismatched types\n --> src/lib.rs:3:5\n", "error[E0308]: mismatched types"),
        ("--- FAIL: TestAdd (0.00s)\n    a_test.go:5: got 1\n", "--- FAIL: TestAdd (N s)"),
        ("nothing that is known\nthe end\n", "nothing that is known"),
    ],
)  # fmt: skip
def test_the_line_that_says_most_is_found(output: str, line: str) -> None:
    assert headline(telling(output)) == line


def test_what_differs_between_runs_is_taken_out() -> None:
    text = "\x1b[31mat 0x7f3a2b1c /tmp/pytest-of-root/x/a.py:33 line 12 in 0.34s at 2026-11-25T10:00:01Z pid=44\x1b[0m"
    assert normalised(text) == "at 0x… pytest-of-root/x/a.py line N in N s at TIME pid N" or "12" not in normalised(
        text
    )


def test_places_are_those_of_the_repository() -> None:
    output = 'File "/workspace/lib/a.py", line 7\n/usr/lib/python3/b.py:3\nsrc/main.rs:3:5\nlib/c_test.go:9: x'
    assert places(output) == [("lib/a.py", 7), ("src/main.rs", 3), ("lib/c_test.go", 9)]


@pytest.mark.parametrize(
    ("output", "count"),
    [
        ("3 passed, 1 skipped in 0.1s", 3), ("Ran 12 tests in 0.01s\n\nOK", 12), ("ok", None),
        ("test result: ok. 4 passed; 0 failed\ntest result: ok. 2 passed; 0 failed", 6), ("# pass 5\n# fail 0", 5),
    ],
)  # fmt: skip
def test_the_number_of_tests_is_read(output: str, count: int | None) -> None:
    assert count_of_tests(output) == count


@pytest.mark.parametrize(
    ("output", "percent"),
    [
        ("TOTAL      120     12    90%", 90.0), ("coverage: 83.2% of statements", 83.2), ("no figure", None),
        ("All files   |   77.5 |  60 |", 77.5),
    ],
)  # fmt: skip
def test_coverage_is_read(output: str, percent: float | None) -> None:
    assert coverage(output) == percent


@pytest.mark.parametrize(
    "text",
    ["a/", "x.py:", ".", "a", "E ", "(", "error", "9", "TOTAL 9", "coverage: 1", "\x1b[", "- ", "0x", "12:34:"],
)
def test_no_output_makes_reading_slow(text: str) -> None:
    output = text * (200_000 // len(text))
    began = time.process_time()
    for read in (telling, places, normalised, count_of_tests, coverage):
        read(output)
        read(output.replace(text * 50, text * 50 + "\n"))
    assert time.process_time() - began < 2
