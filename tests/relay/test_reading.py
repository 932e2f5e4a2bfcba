"""Reading answers, roadmaps and relay.toml: what is right is understood, what is wrong is said."""

import json
from typing import Any

import pytest

from agents.relay.answers import read_answer
from agents.relay.orders import read_roadmap
from agents.relay.steps import plan_of
from errors import DraftMalformed, UserMistake
from tests.relay.house import RIGHT, answer, body

DIFF = body("return a + b")


def test_all_keys_of_an_answer_are_read() -> None:
    read = read_answer(
        answer(DIFF, open_issues=["a"], next_goal="b", retrieval_keys=["c"], next_input="d", commit_suggestion="e")
    )
    assert (read.open_issues, read.next_goal, read.retrieval_keys) == (("a",), "b", ("c",))
    assert (read.next_input, read.commit_suggestion, read.version) == ("d", "e", 1)
    assert read.patch_bundle[0].file == "calc.py"


def test_the_keys_beyond_the_first_three_may_be_left_out() -> None:
    assert read_answer(RIGHT).next_goal == ""


@pytest.mark.parametrize("missing", ["synopsis", "verification_hints"])
def test_the_first_three_keys_may_not(missing: str) -> None:
    said = json.loads(RIGHT)
    del said[missing]
    with pytest.raises(DraftMalformed):
        read_answer(json.dumps(said))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"synopsis": "word " * 121}, "121 words"),
        ({"synopsis": "  "}, "empty"),
        ({"synopsis": 5}, "str"),
        ({"open_issues": "one"}, "array"),
        ({"patch_bundle": [{"file": "a.py"}]}, "diff"),
        ({"patch_bundle": [{"file": 1, "diff": "x"}]}, "str"),
        ({"version": 2}, "version|enum|2"),
    ],
)
def test_another_shape_is_refused_with_a_sentence_for_the_model(change: dict[str, Any], words: str) -> None:
    with pytest.raises(DraftMalformed, match=words):
        read_answer(json.dumps(json.loads(RIGHT) | change))


@pytest.mark.parametrize("reply", ["", "no", "{", "[1, 2]", '{"a": 1}', "{" * 5_000, '"' * 5_000, "\x00"])
def test_what_is_no_answer_is_refused(reply: str) -> None:
    with pytest.raises(DraftMalformed):
        read_answer(reply)


def test_prose_and_braces_before_the_answer_are_passed_over() -> None:
    assert read_answer(f"Let me think {{about}} it: {{}}.\n{RIGHT}").synopsis == "Mended add."


def test_an_answer_that_was_cut_is_refused_when_its_patches_come_last() -> None:
    metadata = json.dumps({"synopsis": "x", "verification_hints": []})
    whole = f"{metadata}\n```diff\n{DIFF['diff']}```\n"
    assert read_answer(whole).patch_bundle
    with pytest.raises(DraftMalformed, match="cut"):
        read_answer(whole, "cut at the limit of 100 tokens")
    assert read_answer(RIGHT, "cut at the limit of 100 tokens").patch_bundle  # the JSON was whole


@pytest.mark.parametrize(
    "text",
    [
        "# Plan\n\n- [ ] one\n- [x] never again\n* two\n",
        "1. one\n2) two\n",
        "one\n\ntwo\n",
        '["one", "two"]',
        '{"items": [{"goal": "one"}, {"title": "two"}]}',
    ],
)
def test_a_roadmap_is_read_in_every_form(text: str) -> None:
    assert read_roadmap(text) == ("one", "two")


@pytest.mark.parametrize("text", ["", "# only a heading\n", "[]", '{"x": 1}', "[1", "- [x] done\n"])
def test_a_roadmap_without_items_is_refused(text: str) -> None:
    with pytest.raises(UserMistake, match="Nothing was started"):
        read_roadmap(text)


def plan(files: dict[str, str], python: str = "python3") -> Any:
    return plan_of(files.get, sorted(files), python)


def scripts(files: dict[str, str]) -> list[tuple[str, str]]:
    return [(step.kind, step.script) for step in plan(files).steps]


def test_relay_toml_says_what_is_run() -> None:
    found = plan(
        {"relay.toml": 'build = "make"\nlint = ["a", "b"]\ntest = "t"\nprotected = ["spec/**"]\ncoverage_min = 80\n'
         'timeout_s = 9\n[[probe]]\nname = "up"\ncommand = "curl x"\n'}
    )  # fmt: skip
    assert [(step.name, step.script, step.seconds) for step in found.steps] == [
        ("build", "make", 9), ("lint 1", "a", 9), ("lint 2", "b", 9), ("test", "t", 9), ("probe up", "curl x", 60),
    ]  # fmt: skip
    assert found.coverage_min == 80
    assert "spec/**" in found.protected and "relay.toml" in found.protected and "tests/**" not in found.protected


def test_relay_json_is_read_for_its_three_keys() -> None:
    found = plan({"relay.json": '{"build": "b", "test": ["t"], "protected": ["x"], "of": {"others": 1}}'})
    assert [step.script for step in found.steps] == ["b", "t"] and "x" in found.protected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("test = 5", "cannot be read"), ("test =", "cannot be read"), ('build = "b"', "names no test"),
        ('test = "t"\ntset = "u"', "cannot be read"), ('[[probe]]\nname = "x"', "neither command nor http"),
        ('[[probe]]\nhttp = "http://example.org/"', "127.0.0.1"),
    ],
)  # fmt: skip
def test_a_wrong_relay_toml_is_said(text: str, words: str) -> None:
    with pytest.raises(UserMistake, match=words):
        plan({"relay.toml": text})


def test_each_kind_of_tests_is_detected() -> None:
    pytest_run = ("test", "python3 -m pytest -q -p no:cacheprovider")
    unittest_run = ("test", "python3 -m unittest discover -s tests -t . -p '*test*.py'")
    assert scripts({"tests/test_a.py": "def test(): pass"}) == [pytest_run]
    assert scripts({"tests/test_a.py": "import unittest"}) == [unittest_run]
    assert scripts({"tests/test_a.py": "import unittest", "pytest.ini": ""}) == [pytest_run]
    assert scripts({"package.json": '{"scripts": {"test": "jest", "build": "tsc", "start": "x"}}'}) == [
        ("build", "npm run --silent build"), ("test", "npm run --silent test"),
    ]  # fmt: skip
    assert scripts({"Cargo.toml": ""}) == [("build", "cargo build --offline"), ("test", "cargo test --offline")]
    assert [kind for kind, _ in scripts({"go.mod": ""})] == ["build", "lint", "test"]
    assert scripts({"Makefile": "all:\n\tx\ntest: all\n\ty\n"}) == [("test", "make test")]
    assert scripts({"Makefile": "test := 1\ncheck:\n\ty\n"}) == [("test", "make check")]


@pytest.mark.parametrize(
    "files",
    [
        {}, {"a.py": "x"}, {"Makefile": "all:\n"}, {"package.json": "{"}, {"package.json": "[]"},
        {"package.json": '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}'},
    ],
)  # fmt: skip
def test_where_nothing_proves_a_step_no_job_is_begun(files: dict[str, str]) -> None:
    with pytest.raises(UserMistake, match=r"relay\.toml"):
        plan(files)


def test_where_no_python_has_pytest_it_is_said() -> None:
    with pytest.raises(UserMistake, match="pytest"):
        plan({"tests/test_a.py": "def test(): pass"}, python="")
