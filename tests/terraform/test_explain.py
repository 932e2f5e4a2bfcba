import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.terraform.requests import REQUESTS
from tests.terraform.samples import block, drafted
from truth_blocks.contracts import LookUp, Question, SourceFile
from truth_blocks.terraform.explanation import EXPOSING
from truth_blocks.terraform.rules import RULES

FILE = """\
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = var.region
}

variable "region" {
  description = "Where it runs"
  type        = string
}

variable "size" {
  default = "t3.micro"
}

locals {
  zone = data.aws_availability_zones.all.names[0]
}

data "aws_availability_zones" "all" {
  state = "available"
}

resource "aws_security_group" "web" {
  name = "web"

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_instance" "web" {
  count = 2

  ami                    = "ami-123" # the golden one
  instance_type          = var.size
  availability_zone      = local.zone
  vpc_security_group_ids = [aws_security_group.web.id]

  root_block_device {
    encrypted = true
  }
}

resource "aws_ssm_parameter" "login" {
  name  = "login"
  type  = "SecureString"
  value = "0p3n"

  tags = {
    api_token = "s3cr3t"
  }
}

module "dns" {
  source  = "./dns"
  address = aws_instance.web[0].private_ip
}

output "id" {
  description = "The first one"
  value       = aws_instance.web[0].id
}
"""


def _explained(text: str) -> LookUp:
    answer = block().look_up(block().resolve(Question("cloud.explain", {}, (SourceFile("main.tf", text),))))
    assert answer is not None
    return answer


@pytest.mark.parametrize(
    "line",
    [
        "**Makes 3 resources** of 3 kinds.",
        "**aws_instance**",
        '- `aws_instance.web` (main.tf:40), `2` times: ami `"ami-123"`, instance_type `var.size`, '
        "availability_zone `local.zone`, vpc_security_group_ids `[aws_security_group.web.id]`, "
        "root_block_device (encrypted on)",
        "**Reads**",
        '- `data.aws_availability_zones.all` (main.tf:25): state `"available"`',
        "**Calls**",
        '- `module.dns` (main.tf:63): source `"./dns"`, address `aws_instance.web[0].private_ip`',
        "- `aws_instance.web` needs `data.aws_availability_zones.all`, `aws_security_group.web`",
        "- `module.dns` needs `aws_instance.web`",
        "- `var.region` (string): Where it runs",
        '- `var.size`, else `"t3.micro"`',
        "- `output.id` = `aws_instance.web[0].id`: The first one",
        "- Terraform >= 1.5",
        "- `aws` (aws) ~> 6.0",
        "- `provider.aws` is configured: region `var.region`",
        "tags.api_token `(hidden)`",
        "main.tf:32:3  aws_security_group.web opens port 22 to 0.0.0.0/0   [warning SEC-007: give the admin network]",
        "-# read from the file alone · checked against aws 6",
    ],
)
def test_a_file_is_explained_from_its_parse(line: str) -> None:
    assert line in _explained(FILE).text


def test_secrets_and_comments_do_not_appear_in_an_explanation() -> None:
    text = _explained(FILE).text
    assert "s3cr3t" not in text
    assert "0p3n" not in text
    assert "golden" not in text


def test_what_is_not_in_the_schema_is_marked_and_the_errors_are_counted() -> None:
    answer = _explained('resource "aws_s3_bucket" "b" {\n  bucket_acl = "private"\n}\n')
    assert 'bucket_acl `"private"` (not in the schema)' in answer.text
    assert "1 error in this file: `/cloud check` lists them." in answer.text
    assert answer.ok


def test_a_type_without_a_schema_is_shown_as_written() -> None:
    text = _explained('resource "acme_thing" "t" {\n  size = 3\n}\n').text
    assert "- `acme_thing.t` (main.tf:1): size `3`" in text
    assert "1 place that this file alone or the schemas cannot decide." in text


def test_a_file_that_makes_nothing_says_so() -> None:
    assert _explained("# empty\n").text.startswith("**Makes nothing.**")


def test_a_file_that_cannot_be_read_is_not_explained() -> None:
    answer = _explained('resource "aws_s3_bucket" "b" {\n')
    assert not answer.ok
    assert "Nothing was explained." in answer.text
    assert "main.tf:1:30" in answer.text


def test_nothing_open_says_what_the_rules_cannot_see() -> None:
    assert "- Nothing that the" in _explained('resource "aws_s3_bucket" "b" {}\n').text


def test_the_rules_about_exposure_exist() -> None:
    assert set(RULES) >= EXPOSING


@pytest.mark.parametrize("provider", REQUESTS)
def test_every_draft_can_be_explained(provider: str) -> None:
    for request in REQUESTS[provider].values():
        main = next(file.content for file in drafted(request) if file.name == "main.tf")
        text = _explained(main).text
        assert "**Makes " in text
        assert "not in the schema" not in text


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300) | st.text('resource"ab{}=[]\n ,.${}()<-EOT', max_size=200))
def test_any_text_gets_an_answer(text: str) -> None:
    assert _explained(text).text
