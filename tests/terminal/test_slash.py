"""Typed slash commands."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import slash
from errors import UserMistake
from truth_blocks.contracts import Command, Option

COMMANDS = (
    Command(
        "/dnd rule", "dnd.rule", "", "/dnd rule topic: grappled",
        (Option("topic", "what", required=True), Option("edition", "which", choices=("5.1", "5.2"))),
    ),
    Command("/dnd spell", "dnd.spell", "", "", (Option("name", "", required=True), Option("edition", ""))),
    Command(
        "/dnd roll", "dnd.roll", "", "",
        (Option("dice", "", required=True, max_length=20), Option("hidden", "", kind="flag")),
    ),
    Command("/cloud check", "cloud.check", "", "", (Option("file", "", kind="file"), Option("text", ""))),
    Command(
        "/cloud diff", "cloud.diff", "", "",
        (Option("before", "", kind="file"), Option("after", "", kind="file"), Option("before_text", "")),
    ),
    Command("/ask", "ask", "", "", (Option("question", "", required=True),)),
    Command("/why", "why", "", "", (Option("task", ""),)),
    Command("/status", "status", "", ""),
)  # fmt: skip


def options(line: str) -> dict[str, str]:
    return slash.parse(line, COMMANDS).options


def mistake(line: str) -> str:
    with pytest.raises(UserMistake) as raised:
        slash.parse(line, COMMANDS)
    return str(raised.value)


def test_a_value_runs_to_the_next_option() -> None:
    assert options("/dnd rule topic: cover and sight edition:5.1") == {"topic": "cover and sight", "edition": "5.1"}


def test_options_come_in_any_order_and_the_slash_may_be_left_out() -> None:
    assert options("dnd rule edition:5.2 topic:prone") == {"topic": "prone", "edition": "5.2"}


def test_a_quoted_value_may_hold_what_looks_like_an_option() -> None:
    assert options('/dnd rule topic:"what edition:5 means" edition:5.1') == {
        "topic": "what edition:5 means",
        "edition": "5.1",
    }
    assert options("/dnd spell name:'Hunter\\'s Mark'") == {"name": "Hunter's Mark"}


def test_quotes_that_do_not_close_at_the_end_belong_to_the_value() -> None:
    assert options('/ask question:\'tis a "fine" day') == {"question": '\'tis a "fine" day'}


def test_a_value_may_stand_alone_where_only_one_option_can_be_meant() -> None:
    assert options("/dnd rule grappled") == {"topic": "grappled"}
    assert options("/dnd rule grappled edition:5.1") == {"topic": "grappled", "edition": "5.1"}
    assert options("/ask what is 5:30 in feet") == {"question": "what is 5:30 in feet"}
    assert options("/ask question: see https://example.org") == {"question": "see https://example.org"}
    assert options("/why 481") == {"task": "481"}


def test_an_attachment_is_a_path_after_an_at_sign() -> None:
    assert slash.parse("/cloud check file:@a b/main.tf", COMMANDS).files == {"file": Path("a b/main.tf")}
    assert slash.parse("/cloud check @main.tf", COMMANDS).files == {"file": Path("main.tf")}
    assert "file:@PATH" in mistake("/cloud check file:main.tf")


def test_two_attachments_are_told_apart_by_their_options() -> None:
    typed = slash.parse("/cloud diff before:@old dir/a.tf after:@b.tf", COMMANDS)
    assert typed.files == {"before": Path("old dir/a.tf"), "after": Path("b.tf")}
    assert slash.parse("/cloud diff after:@b.tf before:@a.tf", COMMANDS).files["before"] == Path("a.tf")
    assert "after:@PATH" in mistake("/cloud diff before:@a.tf after:b.tf")
    assert "takes several options" in mistake("/cloud diff @a.tf")


def test_a_command_without_options_takes_none() -> None:
    assert options("/status") == {}
    assert mistake("/status please") == "/status takes no options."


def test_an_unknown_command_names_the_closest() -> None:
    assert "/dnd spell" in mistake("/dnd spel name:fireball")
    assert "/why" in mistake("/wy")
    assert "/help shows" in mistake("/zzzzzz")
    assert "/help shows" in mistake("")
    assert "Closest: /status" in mistake("statsu")


def test_a_line_that_begins_with_no_command_is_a_question() -> None:
    for line in ("what does prone do?", "fireball", "How far can I jump: strength 14?"):
        typed = slash.parse(line, COMMANDS)
        assert (typed.command.task_type, typed.options) == ("ask", {"question": line})


def test_an_unknown_option_names_the_closest() -> None:
    assert 'no option "nmae". Closest: name' in mistake("/dnd spell nmae:fireball")
    assert 'no option "editon". Closest: edition' in mistake("/dnd spell name:fireball editon:5.1")


def test_a_required_option_that_is_missing_is_named_with_an_example() -> None:
    assert mistake("/dnd rule edition:5.1") == ("/dnd rule needs topic: (what). Example: /dnd rule topic: grappled")


def test_values_are_held_against_choices_flags_lengths_and_repetition() -> None:
    assert "Choose 5.1, 5.2." in mistake("/dnd rule topic:x edition:4e")
    assert mistake("/dnd roll dice:1d6 hidden:perhaps") == "hidden: is yes or no."
    assert options("/dnd roll dice:1d6 hidden:Yes") == {"dice": "1d6", "hidden": "true"}
    assert "at most 20 characters" in mistake("/dnd roll dice:" + "1d6+" * 10)
    assert "stands twice" in mistake("/dnd rule topic:a topic:b")
    assert mistake("/dnd rule topic: edition:5.1") == "The option topic: has no value."


@given(st.text(max_size=200))
def test_any_text_is_understood_or_a_mistake(text: str) -> None:
    for line in (text, f"/dnd rule {text}", f"/cloud check file:{text}", f"/ask question:{text}"):
        try:
            typed = slash.parse(line, COMMANDS)
        except UserMistake:
            continue
        assert all(typed.options.values())


@given(
    st.text(alphabet=st.characters(exclude_characters="'\"\\:", codec="utf-8"), min_size=1).map(str.strip).filter(bool)
)
def test_a_value_without_marks_arrives_as_it_was_typed(value: str) -> None:
    assert options(f"/ask question: {value}") == {"question": value}
