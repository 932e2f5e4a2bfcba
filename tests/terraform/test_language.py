"""Terraform's own rules: cycles, names bound in places, addresses, types, provider configurations, called modules."""

from pathlib import Path

import pytest

from tests.terraform.samples import critic, schemas
from truth_blocks.terraform.findings import Finding
from truth_blocks.terraform.paths import PathCheck, check_paths

EIP = 'resource "aws_eip" "x" {\n%s\n}\n'


def _errors(text: str) -> list[Finding]:
    return [found for found in critic(text).findings if found.severity == "error"]


@pytest.mark.parametrize(
    ("text", "code", "line", "part"),
    [
        ("locals {\n  a = local.b\n  b = local.a\n}\n", "cycle", 2, "local.a → local.b → local.a"),
        (EIP % "  instance = aws_eip.x.id", "cycle", 2, "aws_eip.x needs itself"),
        (EIP % "  depends_on = [local.a]" + "locals {\n  a = aws_eip.x.id\n}\n", "cycle", 2, "aws_eip.x → local.a"),
        (EIP % "  instance = each.key", "misplaced-each", 2, "only in a block with `for_each`"),
        (EIP % "  instance = count.index", "misplaced-count", 2, "only in a block with `count`"),
        (EIP % "  for_each = each.value", "misplaced-each", 2, "`each`"),
        ("locals {\n  a = each.key\n}\n", "misplaced-each", 2, "`each`"),
        (EIP % "  instance = self.id", "misplaced-self", 2, "provisioner"),
        (EIP % "  for_each = {}\n  instance = each.vlaue", "unknown-attribute", 3, "did you mean `value`?"),
        ("locals {\n  a = path.modul\n}\n", "unknown-attribute", 2, "did you mean `module`?"),
        ("locals {\n  a = terraform.workspaces\n}\n", "unknown-attribute", 2, "workspace"),
        (EIP % '  count = "many"', "wrong-type", 2, "whole number"),
        (EIP % '  for_each = ["a"]', "wrong-type", 2, "toset"),
        (EIP % "  depends_on = aws_eip.y" + 'resource "aws_eip" "y" {}\n', "wrong-type", 2, "list of addresses"),
        (EIP % "  provider = aws.east", "undeclared-provider", 2, 'alias "east"'),
        ('provider "aws" {}\nprovider "aws" {}\n', "duplicate", 2, "provider aws is declared twice"),
        ("terraform {\n  required_providers {}\n}\n" * 2, "duplicate", 5, "required_providers"),
        ("moved {\n  from = aws_eip.x\n  to = aws_eip.y\n}\n" + EIP % "", "still-declared", 2, "moved here"),
        ("removed {\n  from = aws_eip.x\n}\n" + EIP % "", "still-declared", 2, "removed here"),
        ('moved {\n  from = "aws_eip.x"\n  to = aws_eip.y\n}\n', "invalid-reference", 2, "an address"),
        ("moved {\n  from = aws_eip.x\n}\n", "missing-argument", 1, "`to`"),
        ("import {\n  to = aws_eip.x\n}\n" + EIP % "", "missing-argument", 1, "`id`"),
        ('check "c" {\n}\n', "missing-block", 1, "assert"),
        ('variable "v" {\n  type = strng\n}\n', "invalid-type", 2, "did you mean `string`?"),
        ('variable "v" {\n  type = optional(string)\n}\n', "invalid-type", 2, "object type"),
        ('variable "v" {\n  type = object({ a = optional() })\n}\n', "wrong-arity", 2, "optional"),
        ('variable "v" {\n  type = object(string)\n}\n', "invalid-type", 2, "braces"),
        ('variable "v" {\n  type = list(string)\n  default = "a"\n}\n', "wrong-type", 3, "is a list, found a string"),
        ('variable "v" {\n  type = number\n  default = "a"\n}\n', "wrong-type", 3, "is a number"),
        (
            'variable "v" {\n  type = object({ a = string, b = optional(number) })\n  default = {}\n}\n',
            "wrong-type",
            3,
            "lacks `a`",
        ),
        ('resource "terraform_data" "x" {\n  inputs = 1\n}\n', "unknown-argument", 2, "did you mean `input`?"),
        ('data "terraform_remote_state" "x" {}\n', "missing-argument", 1, "`backend`"),
        ("locals {\n  a = optional(1)\n}\n", "unknown-function", 2, "optional"),
        ('locals {\n  a = "%{ if true }x"\n}\n', "syntax", 2, ""),
        ("locals {\n  a = provider::time::rfc3339_parse()\n}\n", "wrong-arity", 2, "takes 1 arguments"),
        (
            "locals {\n  a = provider::time::rfc3339_pars(1)\n}\n",
            "unknown-function",
            2,
            "did you mean `rfc3339_parse`?",
        ),
    ],
)
def test_a_break_of_the_languages_rules_is_found_where_it_is(text: str, code: str, line: int, part: str) -> None:
    found = _errors(text)
    assert [(each.code, each.line) for each in found][:1] == [(code, line)], found
    assert part in found[0].message


@pytest.mark.parametrize(
    "text",
    [
        EIP % "  for_each = {}\n  tags = { a = each.value }",
        EIP % '  provisioner "local-exec" {\n    command = self.public_ip\n  }',
        EIP
        % "  lifecycle {\n    postcondition {\n      condition = self.id\n      error_message = self.id\n    }\n  }",
        'data "aws_ami" "x" {}\nlocals {\n  a = data.aws_ami.x.block_device_mappings[0].ebs["size"]\n}\n',
        "moved {\n  from = aws_eip.y\n  to = aws_eip.x\n}\n" + EIP % "",
        "removed {\n  from = aws_eip.y\n  lifecycle {\n    destroy = false\n  }\n}\n",
        'import {\n  to = aws_eip.x\n  id = "e"\n}\n' + EIP % "",
        'check "c" {\n  data "http" "h" {\n    url = "u"\n  }\n  assert {\n    condition = true\n    error_message = "x"\n  }\n}\n',
        'variable "v" {\n  type = map(object({ a = optional(list(string), []) }))\n  default = { x = {} }\n}\n',
        'variable "v" {\n  type = string\n  default = 3\n}\n',
        'variable "v" {\n  type = string\n  default = null\n}\n',
        "locals {\n  a = resource.aws_eip.x.id\n}\n" + EIP % "",
        'provider "aws" {\n  alias = "b"\n}\nprovider "aws" {}\n' + EIP % "  provider = aws.b",
        'locals {\n  a = "%{ for x in [] }${x}%{ endfor }"\n  b = <<-A\n    ${local.a}\n  A\n}\n',
    ],
)
def test_what_the_language_allows_is_valid(text: str) -> None:
    assert _errors(text) == []


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("block_device_mappings[0].device_nam", "did you mean `device_name`?"),
        ("architecture.bits", "aws_ami.architecture has no attribute `bits`"),
    ],
)
def test_a_path_into_an_attribute_is_followed_as_far_as_the_schema_types_it(path: str, part: str) -> None:
    found = _errors(f'data "aws_ami" "x" {{}}\nlocals {{\n  a = data.aws_ami.x.{path}\n}}\n')
    assert [each.code for each in found] == ["unknown-attribute"]
    assert part in found[0].message


@pytest.fixture
def caller(tmp_path: Path) -> Path:
    """A folder with a module ``inner`` that takes ``name`` and gives ``id``."""
    (tmp_path / "inner").mkdir()
    variables = 'variable "name" {}\nvariable "size" {\n  default = 1\n}\noutput "id" {\n  value = var.name\n}\n'
    (tmp_path / "inner" / "main.tf").write_text(variables)
    return tmp_path


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ('  name = "x"', []),
        ('  name = "x"\n  size = 2\n  providers = {}', []),
        ("", ["missing-argument"]),
        ('  name = "x"\n  sise = 2', ["unknown-argument"]),
    ],
)
def test_the_arguments_of_a_local_module_are_its_variables(caller: Path, body: str, codes: list[str]) -> None:
    (caller / "main.tf").write_text(f'module "m" {{\n  source = "./inner"\n{body}\n}}\n')
    [result] = check_paths(schemas(), [caller])
    assert [each["code"] for each in result["findings"]] == codes


def test_only_the_outputs_of_a_local_module_can_be_read(caller: Path) -> None:
    call = 'module "m" {\n  source = "./inner"\n  name = "x"\n}\nlocals {\n  a = module.m.id\n  b = module.m.idd\n}\n'
    (caller / "main.tf").write_text(call)
    [result] = check_paths(schemas(), [caller])
    assert [(each["code"], each["line"], each["suggestion"]) for each in result["findings"]] == [
        ("unknown-attribute", 7, "id")
    ]


def test_a_module_that_is_not_at_hand_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('module "m" {\n  source = "./gone"\n  x = 1\n}\nlocals {\n  a = module.m.y\n}\n')
    [result] = check_paths(schemas(), [tmp_path])
    assert result["verdict"] == "valid"


def test_a_second_opinion_that_reads_a_refused_file_makes_it_unverifiable(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text("locals {\n")
    for reads, verdict in ((lambda _text: True, "unverifiable"), (lambda _text: None, "invalid")):
        [result] = PathCheck(schemas(), reads=reads).check([tmp_path])
        assert result["verdict"] == verdict
