import random
import shutil
import subprocess
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syntax import MAX_BYTES
from tests.terraform.mutations import mutations
from tests.terraform.samples import critic, schemas, valid_modules
from truth_blocks.terraform.model import Literal, Template, Traversal
from truth_blocks.terraform.parser import parse

TERRAFORM = shutil.which("terraform")


def test_positions_count_characters_not_bytes() -> None:
    block = parse("a.tf", 'x = "äöü" == var.grün ? 1 : 2\n').body
    assert block.attributes[0].value.column == 5
    report = critic('locals {\n  ä = "äöü" == var.none ? 1 : 2\n}\n')
    assert [(found.line, found.column) for found in report.findings] == [(2, 16)]


def test_strings_templates_and_references_are_read_as_what_they_are() -> None:
    text = 'a = "x\\n\\u00e4"\nb = "${var.x}-y"\nc = data.aws_ami.x[0].id\nd = -1\ne = <<-EOT\n  hello\n  EOT\n'
    values = [attribute.value for attribute in parse("a.tf", text).body.attributes]
    assert isinstance(values[0], Literal)
    assert values[0].value == "x\nä"
    assert isinstance(values[1], Template)
    assert values[1].text == "${}-y"
    assert isinstance(values[2], Traversal)
    assert (values[2].root, values[2].steps) == ("data", ("aws_ami", "x", "[]", "id"))
    assert isinstance(values[3], Literal)
    assert values[3].value == -1
    assert isinstance(values[4], Literal)
    assert "hello" in values[4].value


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        (b"\x00\x01\x02", "not-text", 1),
        (b"a = 1\n\xff\xfe", "not-text", 2),
        ("a".encode("utf-16"), "not-text", 1),
        (b"a" * (MAX_BYTES + 1), "too-large", 1),
        (b"a = " + b"[" * 5_000 + b"]" * 5_000, "too-deep", 1),
        (b"a {\n" * 5_000 + b"}\n" * 5_000, "too-deep", 81),
        (b"a = " + b"[" * 100_000, "syntax", 1),
        (b'resource "a" "b" {\n  x = "1\n}\n', "syntax", 2),
        (b'resource "a" "b"\n{\n}\n', "syntax", 1),
        (b"x = 'single'\n", "syntax", 1),
        (b"```hcl\nx = 1\n```\n", "syntax", 1),
        (b"x = 1 y = 2\n", "syntax", 1),
        (b"locals {\n  a = 1\n", "syntax", 1),
        (b"locals {\n  a = [1\n}\n", "syntax", 2),
        (b"a = <<EOT\nnever\n", "syntax", 1),
        (b"/* never", "syntax", 1),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: bytes, code: str, line: int) -> None:
    problem = parse("main.tf", text).problem
    assert problem is not None
    assert (problem.code, problem.line) == (code, line), problem
    assert problem.message


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    parsed = parse("main.tf", b"\xef\xbb\xbflocals {\r\n  a = 1\r\n}\r\n")
    assert parsed.problem is None
    assert parsed.body.blocks[0].attributes[0].name == "a"


@settings(max_examples=150, deadline=2_000, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.binary(max_size=400), st.text(max_size=400), st.text(alphabet='{}[]()"$%=\n a.<EOT', max_size=300)))
def test_any_text_whatever_gets_a_verdict(text: str | bytes) -> None:
    parsed = parse("main.tf", text)
    if isinstance(text, str):
        assert critic(text).verdict in ("valid", "invalid", "unverifiable")
    assert parsed.problem is None or parsed.problem.line >= 1


@settings(max_examples=80, deadline=2_000, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_valid_module_with_a_piece_torn_out_gets_a_verdict(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(sorted(valid_modules().values())))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 200)))
    assert critic(text[:start] + data.draw(st.text(max_size=10)) + text[end:]).verdict


@pytest.mark.parametrize("alphabet", ['{}[]()"$%=\n a', '{"${', '\n{}=a "', "a.b[", "<<A\n", "?:"])
def test_garbage_is_answered_within_a_bounded_time(alphabet: str) -> None:
    rng = random.Random(7)
    text = "".join(rng.choice(alphabet) for _ in range(200_000))
    started = time.monotonic()
    assert critic(text).verdict == "invalid"
    assert time.monotonic() - started < 6


@pytest.mark.skipif(TERRAFORM is None, reason="terraform is not installed: its formatter confirms syntax where it is")
def test_terraform_fmt_agrees_on_what_is_syntax() -> None:
    texts = [text for name, text in sorted(valid_modules().items())][:8]
    broken = [m.text for m in mutations(valid_modules()["service"], schemas()) if m.fault.startswith("syntax")][::12]
    assert len(broken) > 5
    for text in [*texts, *broken]:
        done = subprocess.run([str(TERRAFORM), "fmt", "-"], input=text, capture_output=True, text=True, check=False)
        assert (done.returncode == 0) == (parse("main.tf", text).problem is None), text
