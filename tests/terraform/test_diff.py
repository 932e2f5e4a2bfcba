import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import UserMistake
from tests.terraform.samples import block
from truth_blocks.contracts import LookUp, Question, SourceFile

BUCKET = 'resource "aws_s3_bucket" "logs" {\n  bucket = "logs"\n\n  tags = {\n    Env = "dev"\n  }\n}\n'
GROUP = """\
resource "aws_security_group" "web" {
  name = "web"

  ingress {
    from_port = 80
    to_port   = 80
    protocol  = "tcp"
  }

  ingress {
    from_port = 443
    to_port   = 443
    protocol  = "tcp"
  }
}
"""
DATABASE = 'resource "aws_db_instance" "db" {\n  instance_class = "db.t3.micro"\n  password = "hunter2"\n}\n'
QUEUE = 'resource "aws_sqs_queue" "jobs" {\n  name = "jobs"\n  delay_seconds = 5\n  max_message_size = 2048\n}\n'


def _compared(before: str, after: str) -> LookUp:
    files = (SourceFile("main.tf", after, "after"), SourceFile("main.tf", before, "before"))
    answer = block().look_up(block().resolve(Question("cloud.diff", {}, files)))
    assert answer is not None
    return answer


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("", BUCKET, ["**1 added**; 0 unchanged.", "+ aws_s3_bucket.logs  (main.tf:1)"]),
        (BUCKET, "", ["**1 removed**; 0 unchanged.", "- aws_s3_bucket.logs  (main.tf:1)"]),
        (BUCKET, BUCKET.replace("dev", "prod"), ["! aws_s3_bucket.logs", '    tags.Env: "dev" → "prod"']),
        (BUCKET, BUCKET.replace('  bucket = "logs"\n', ""), ['    bucket: no longer set (was "logs")']),
        (BUCKET, BUCKET.replace('    Env = "dev"\n', '    Env = "dev"\n    Team = "ops"\n'), ['tags.Team: set to "ops"']),
        (GROUP, GROUP.replace("443", "8443"), ["    ingress[1].from_port: 443 → 8443", "    ingress[1].to_port"]),
        (GROUP, GROUP.replace("80\n", "8080\n", 1), ["    ingress[0].from_port: 80 → 8080"]),
        ("variable \"a\" {}\n", "variable \"a\" {\n  default = 1\n}\n", ["! var.a", "    default: set to 1"]),
        ("locals {\n  a = 1\n  b = 2\n}\n", "locals {\n  a = 1\n  b = 3\n}\n", ["! local.b", "    value: 2 → 3", "1 unchanged"]),
        ('output "x" {\n  value = 1\n}\n', 'output "x" {\n  value = 1 + 1\n}\n', ["! output.x", "    value: 1 → 1 + 1"]),
        (QUEUE, QUEUE.replace('"jobs" {', '"work" {'), ["**1 likely renamed**", "! aws_sqs_queue.jobs → aws_sqs_queue.work  (a guess: 3 of 3 settings are equal)", "without a `moved` block"]),
        (QUEUE, QUEUE.replace('"jobs" {', '"work" {').replace("5", "9"), ["(a guess: 2 of 3", "    delay_seconds: 5 → 9"]),
        (QUEUE, QUEUE.replace('"jobs" {', '"work" {') + "moved {\n  from = aws_sqs_queue.jobs\n  to   = aws_sqs_queue.work\n}\n", ["1 moved", "(a moved block says so)"]),
        ('module "a" {\n  source = "./a"\n}\n', 'module "a" {\n  source = "./b"\n}\n', ["! module.a", '    source: "./a" → "./b"']),
        ('provider "aws" {\n  region = "eu-west-1"\n}\n', 'provider "aws" {\n  region = "eu-west-2"\n}\n', ["! provider.aws"]),
    ],
)  # fmt: skip
def test_what_changed_is_told_by_resource(before: str, after: str, lines: list[str]) -> None:
    text = _compared(before, after).text
    for line in lines:
        assert line in text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (BUCKET, "# a comment\n" + BUCKET.replace("  bucket = ", "  bucket    =    ").replace("\n\n", "\n")),
        (BUCKET, BUCKET.replace('tags = {\n    Env = "dev"\n  }', 'tags = { Env: "dev", }')),
        ("locals {\n  a = [1, 2]\n}\n", "locals {\n  a = [\n    1, # one\n    2,\n  ]\n}\n"),
        ("locals {\n  a = { b = f(1, 2), c = 3 }\n}\n", "locals {\n  a = {\n    b = f( 1,2 )\n    c = 3\n  }\n}\n"),
        (BUCKET + QUEUE, QUEUE + BUCKET),
        (QUEUE, QUEUE.replace("\n", "\r\n")),
    ],
)
def test_comments_formatting_and_order_do_not_count(before: str, after: str) -> None:
    assert _compared(before, after).text.startswith("**Nothing changed** but comments, formatting or order.")


def test_the_same_file_twice_is_identical() -> None:
    assert _compared(BUCKET, BUCKET).text == "**Identical.**"


@pytest.mark.parametrize(
    ("before", "after", "hidden"),
    [
        (DATABASE, DATABASE.replace("hunter2", "hunter3"), ["hunter"]),
        ('variable "db_password" {\n  default = "old1"\n}\n', 'variable "db_password" {\n  default = "new1"\n}\n', ["old1", "new1"]),
        ('variable "x" {\n  default = "old1"\n  sensitive = true\n}\n', 'variable "x" {\n  default = "new1"\n  sensitive = true\n}\n', ["old1", "new1"]),
        ('locals {\n  env = merge({}, { API_TOKEN = "old1" })\n}\n', 'locals {\n  env = merge({}, { API_TOKEN = "new1" })\n}\n', ["old1", "new1"]),
        ('locals {\n  a = "AKIAABCDEFGHIJKLMNOP"\n}\n', 'locals {\n  a = "AKIAABCDEFGHIJKLMNOQ"\n}\n', ["AKIA"]),
        ('locals {\n  a = "postgres://u:pw1@h/d"\n}\n', 'locals {\n  a = "postgres://u:pw2@h/d"\n}\n', ["pw1", "pw2"]),
    ],
)  # fmt: skip
def test_sensitive_values_are_masked_and_their_change_is_told(before: str, after: str, hidden: list[str]) -> None:
    text = _compared(before, after).text
    assert "changed, the value is hidden" in text
    for value in hidden:
        assert value not in text


@pytest.mark.parametrize(
    ("type_name", "setting"),
    [
        ("aws_ssm_parameter", "value"),
        ("azurerm_key_vault_secret", "value"),
        ("google_secret_manager_secret_version", "secret_data"),
        ("kubernetes_secret_v1", "data"),
    ],
)
def test_what_a_secrets_store_holds_is_masked(type_name: str, setting: str) -> None:
    before = f'resource "{type_name}" "x" {{\n  {setting} = {{ login = "old1" }}\n  name = "n1"\n}}\n'
    text = _compared(before, before.replace("old1", "new1").replace('"n1', '"n2')).text
    assert "old1" not in text
    assert "new1" not in text
    assert 'name: "n1" → "n2"' in text


def test_a_secret_taken_from_a_variable_is_not_masked() -> None:
    text = _compared(DATABASE, DATABASE.replace('"hunter2"', "var.password")).text
    assert "password: (hidden) → var.password" in text


def test_findings_that_are_new_or_gone_are_told_with_their_place() -> None:
    public = BUCKET.replace("  tags", '  acl = "public-read"\n  tags')
    assert "+ main.tf:4:3  aws_s3_bucket.logs is readable by everyone" in _compared(BUCKET, public).text
    assert "- main.tf:4:3  aws_s3_bucket.logs is readable by everyone" in _compared(public, BUCKET).text
    moved = _compared(public, "\n\n" + public.replace("dev", "prod")).text
    assert "No finding is new and none is gone." in moved


def test_an_unreadable_file_is_named_and_nothing_is_compared() -> None:
    answer = _compared(BUCKET, "resource {")
    assert not answer.ok
    assert "after main.tf:1" in answer.text


@pytest.mark.parametrize(
    ("question", "part"),
    [
        (Question("cloud.diff", {}), "The before file is missing"),
        (Question("cloud.diff", {"before_text": "a = 1"}), "The after file is missing"),
        (Question("cloud.diff", {"before_text": "x"}, (SourceFile("a.tf", "", "before"),)), "Give one of them"),
        (Question("cloud.diff", {"before_text": "x"}, (SourceFile("a.txt", "", "after"),)), "only names ending in .tf"),
    ],
)
def test_what_cannot_be_compared_is_said_in_a_sentence(question: Question, part: str) -> None:
    with pytest.raises(UserMistake, match=part):
        block().resolve(question)


def test_pasted_texts_are_compared_too() -> None:
    options = {"before_text": f"```hcl\n{BUCKET}```", "after_text": BUCKET.replace("dev", "prod")}
    answer = block().look_up(block().resolve(Question("cloud.diff", options)))
    assert answer is not None
    assert "(before.tf:1 → after.tf:1)" in answer.text


@settings(max_examples=60, deadline=None)
@given(st.text('resource"ab{}=[]\n ,.${}()', max_size=200), st.text(max_size=200))
def test_any_two_texts_get_an_answer(before: str, after: str) -> None:
    assert _compared(before, after).text
