"""What leaves a plan: warned about in a person's file, refused in a draft."""

import json

import pytest

from tests.terraform.samples import block, critic
from truth_blocks.contracts import Question, Report
from truth_blocks.terraform.rules import RULES

BUCKET = 'resource "aws_s3_bucket" "logs" {\n  bucket = "logs"\n%s}\n'
EXTERNAL = 'data "external" "x" {\n  program = ["sh", "-c", "id"]\n}\n'


def _provisioner(name: str) -> str:
    return BUCKET % f'  provisioner "{name}" {{\n  }}\n'


def _terraform(inner: str) -> str:
    return f"terraform {{\n{inner}\n}}\n"


HTTP = _terraform('  backend "http" {\n    address = "https://state.example.org/x"\n  }')
REMOTE = _terraform('  backend "remote" {\n    hostname = "tfe.example.org"\n    organization = "o"\n  }')
ENDPOINT = _terraform('  backend "s3" {\n    bucket = "b"\n    endpoints = { s3 = "https://s3.example.org" }\n  }')
CLOUD = _terraform('  cloud {\n    organization = "o"\n  }')
MODULES = (
    "git::https://example.org/m.git", "https://example.org/m.zip", "terraform-aws-modules/vpc/aws", "github.com/a/b",
)  # fmt: skip
HELM = 'provider "helm" {\n  kubernetes = {\n    exec = {\n      command = "%s"\n    }\n  }\n}\n'
INSECURE = [
    *(("SEC-041", _provisioner(name), 3) for name in ("local-exec", "remote-exec", "file")),
    ("SEC-042", EXTERNAL, 2),
    ("SEC-042", f'check "c" {{\n{EXTERNAL}}}\n', 3),
    ("SEC-042", HELM % "sh", 3),
    (
        "SEC-042",
        'resource "helm_release" "r" {\n  name = "r"\n  chart = "c"\n  postrender = {\n    binary_path = "/bin/sh"\n  }\n}\n',
        4,
    ),
    ("SEC-042", 'provider "kubernetes" {\n  exec {\n    command = "sh"\n  }\n}\n', 2),
    ("SEC-043", HTTP, 2),
    ("SEC-043", REMOTE, 2),
    ("SEC-043", ENDPOINT, 2),
    *(("SEC-044", f'module "m" {{\n  source = "{source}"\n}}\n', 2) for source in MODULES),
]
SECURE = [
    CLOUD,
    HELM % "aws",
    _terraform('  backend "http" {\n  }'),
    _terraform('  backend "s3" {\n    bucket = "b"\n    endpoint = "https://s3.eu-west-1.amazonaws.com"\n  }'),
    'module "m" {\n  source = "./m"\n}\n',
    'module "m" {\n  source = "a/b/aws"\n  version = "1.2.3"\n}\n',
    'module "m" {\n  source = "git::https://example.org/m.git?ref=v1"\n}\n',
]


def _rules(text: str) -> list[tuple[str, str, int, str]]:
    found = critic(text).findings
    return [(each.code, each.severity, each.line, each.suggestion) for each in found if each.code[:3] == "SEC"]


def _draft(text: str, request: str = "a bucket") -> Report:
    content = {"files": [{"name": "main.tf", "content": text}], "summary": "A bucket.", "assumptions": []}
    topic = block().resolve(Question("cloud.plan", {"request": request}))
    return block().check(topic, json.dumps(content | {"questions": []}))


@pytest.mark.parametrize(("rule", "text", "line"), INSECURE)
def test_what_leaves_a_persons_plan_is_a_warning_with_its_fix(rule: str, text: str, line: int) -> None:
    assert (rule, "warning", line, RULES[rule].fix) in _rules(text)


@pytest.mark.parametrize("text", SECURE)
def test_what_stays_or_is_pinned_is_not_named(text: str) -> None:
    assert _rules(text) == []


@pytest.mark.parametrize(("rule", "text"), [(row[0], row[1]) for row in INSECURE if row[0] != "SEC-044"])
def test_a_draft_that_runs_a_program_or_sends_its_state_away_is_rejected(rule: str, text: str) -> None:
    report = _draft(text + ("" if "aws_s3_bucket" in text else BUCKET % ""))
    assert not report.passed
    assert (rule, "error") in [(each.rule, each.severity) for each in report.violations]
    assert report.verified < report.checkable


def test_the_refusal_says_why() -> None:
    [violation] = _draft(_provisioner("local-exec")).violations
    assert "a plan never runs programs" in violation.message
    assert violation.location == "main.tf:3:3"


def test_many_warnings_do_not_hide_a_program() -> None:
    public = "".join(f'variable "a{n}" {{}}\nresource "aws_ebs_volume" "v{n}" {{\n}}\n' for n in range(510))
    report = _draft(public + _provisioner("local-exec"))
    assert "SEC-041" in [each.rule for each in report.violations]


def test_a_backend_that_the_request_names_is_drafted() -> None:
    plain = BUCKET % ""
    assert _draft(HTTP + plain, "a bucket, state at https://state.example.org/x").passed
    assert _draft(REMOTE + plain, "a bucket, state in tfe.example.org").passed
    assert not _draft(HTTP + plain, "a bucket for evilstate.example.org").passed
    assert not _draft(CLOUD + plain).passed
    computed = _terraform('  backend "http" {\n    address = "https://${local.h}"\n  }') + 'locals {\n  h = "x"\n}\n'
    assert not _draft(computed + plain, "a bucket ? please").passed
    assert _draft(CLOUD + plain, "a bucket, state in Terraform Cloud").passed


@pytest.mark.parametrize("source", [*MODULES, "./m", "a/b/aws?ref=1"])
def test_a_module_in_a_draft_is_not_checked_and_says_so(source: str) -> None:
    report = _draft(BUCKET % "" + f'module "m" {{\n  source = "{source}"\n}}\n')
    assert report.passed
    assert [each.rule for each in report.unverifiable] == ["remote-module"]
