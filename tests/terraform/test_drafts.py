import json
from typing import Any

import pytest

from errors import DraftMalformed, UserMistake
from tests.terraform.samples import block, drafted
from truth_blocks.contracts import Question, Topic

MAIN = 'resource "aws_s3_bucket" "logs" {\n  bucket = "logs"\n}\n'


def _topic(request: str) -> Topic:
    return block().resolve(Question("cloud.plan", {"request": request}))


def _draft(**changes: Any) -> str:
    draft = {
        "files": [{"name": "main.tf", "content": MAIN}],
        "summary": "A bucket.",
        "assumptions": [],
        "questions": [],
    }
    return json.dumps(draft | changes)


def _rules(request: str, draft: str) -> list[str]:
    return [violation.rule for violation in block().check(_topic(request), draft).violations]


def test_names_and_numbers_come_from_the_request_and_the_rest_is_asked() -> None:
    topic = _topic("A Postgres database of 50 GB called orders in eu-west-1 please")
    draft = json.loads(block().draft_offline(topic, ()))
    variables = next(file["content"] for file in draft["files"] if file["name"] == "variables.tf")
    for value in ('"orders"', "= 50", '"eu-west-1"', '"postgres"'):
        assert value in variables
    assert any("subnet_ids" in question for question in draft["questions"])
    assert not any("region" in question for question in draft["questions"])


def test_recipes_of_one_request_are_wired_together() -> None:
    main = next(file.content for file in drafted("a VPC with a redis cluster") if file.name == "main.tf")
    assert "subnet_ids = aws_subnet.main_private[*].id" in main
    assert "var.subnet_ids" not in main


def test_a_type_named_outright_is_drafted_from_its_required_settings() -> None:
    main = next(file.content for file in drafted("an aws_sfn_state_machine named flow") if file.name == "main.tf")
    assert 'resource "aws_sfn_state_machine" "flow"' in main
    assert "role_arn   = var.sfn_state_machine_role_arn" in main


def test_what_the_rules_cannot_draft_is_said_with_what_they_can() -> None:
    with pytest.raises(UserMistake, match=r"recipes only.*bucket.*Nothing|Nothing.*bucket"):
        block().draft_offline(_topic("a quantum teapot"), ())
    with pytest.raises(UserMistake, match=r"no resource aws_s3_buckett\. Closest: aws_s3_bucket"):
        block().draft_offline(_topic("an aws_s3_buckett"), ())


@pytest.mark.parametrize(
    "draft",
    [
        "not json",
        "[]",
        _draft(extra=1),
        _draft(files=[{"name": "main.tf", "content": MAIN, "mode": 7}]),
        _draft(files=[{"name": "../main.tf", "content": MAIN}]),
        _draft(files=[{"name": "Main.tf", "content": MAIN}]),
        _draft(files=[{"name": "main.tf.json", "content": "{}"}]),
        _draft(files=[{"name": "main.tf", "content": MAIN}, {"name": "main.tf", "content": MAIN}]),
        _draft(files=[{"name": f"f{number}.tf", "content": ""} for number in range(13)]),
        _draft(files=[{"name": "main.tf", "content": "#" * 60_001}]),
        _draft(summary="x" * 5_000),
        _draft(summary=None),
        '{"files": []}',
        "[" * 100_000,
    ],
)
def test_a_draft_of_another_shape_is_malformed(draft: str) -> None:
    with pytest.raises(DraftMalformed):
        block().check(_topic("a bucket"), draft)


def test_a_good_draft_passes_with_its_insecure_settings_as_warnings() -> None:
    content = MAIN.replace("}\n", '  acl = "public-read"\n}\n')
    report = block().check(_topic("a bucket"), _draft(files=[{"name": "main.tf", "content": content}]))
    assert report.passed
    assert [(violation.rule, violation.severity) for violation in report.violations] == [("SEC-001", "warning")]


def test_a_hallucinated_argument_rejects_with_its_place() -> None:
    content = MAIN.replace("bucket =", "bucket_acl =")
    report = block().check(_topic("a bucket"), _draft(files=[{"name": "main.tf", "content": content}]))
    assert not report.passed
    assert report.violations[0].rule == "unknown-argument"
    assert report.violations[0].location == "main.tf:2:3"
    assert report.verified < report.checkable


@pytest.mark.parametrize(
    ("prose", "uncovered"),
    [
        ({"summary": "A bucket with 3 replicas."}, True),
        ({"summary": "Makes aws_s3_bucket_versioning too."}, True),
        ({"assumptions": ["The network is 10.0.0.0/16."]}, True),
        ({"questions": ["Which `kms_key_id`?"]}, True),
        ({"questions": ["Which port instead of 8080?"]}, True),
        ({"summary": "One S3 bucket, `logs`, as aws_s3_bucket.logs in EC2 and IPv6."}, False),
        ({"summary": "No numbers at all."}, False),
        ({"summary": "It costs $5,000 a month."}, True),
        ({"summary": "It costs 5,000 a month."}, True),
        ({"summary": "It costs $5k."}, True),
        ({"summary": "It costs $\n5, or €\u202f3 thousand."}, True),
        ({"summary": "It costs 5k USD, or $5 million."}, True),
        ({"assumptions": ["It costs € 70."]}, True),
        ({"summary": "Sign in at https://example.org/login first."}, True),
        ({"questions": ["Is [this](http://example.org) yours?"]}, True),
        ({"questions": ["Run `terraform apply -var x=https://example.org`?"]}, True),
        ({"summary": "Makes aws_s3 things in `main`."}, True),
        ({"questions": ["Run `terraform apply` on `main.tf` for `aws_s3_bucket.logs`?"]}, False),
    ],
)
def test_prose_states_only_what_the_files_carry(prose: dict[str, Any], uncovered: bool) -> None:
    assert ("uncovered" in _rules("a bucket", _draft(**prose))) is uncovered


def test_a_number_may_stand_in_the_files_in_a_smaller_unit() -> None:
    queue = 'resource "aws_sqs_queue" "q" {\n  message_retention_seconds = 1209600\n}\n'
    draft = _draft(files=[{"name": "main.tf", "content": queue}], summary="Messages are kept for 14 days.")
    assert _rules("a queue", draft) == []


def test_money_thousands_lists_and_links_that_stand_in_the_files_are_covered() -> None:
    content = MAIN + 'locals {\n  limit = 5000\n  ports = [80, 443]\n  site = "https://example.org/a"\n}\n'
    prose = "At most $5,000, 5,000 or $5k; ports 80,443; see https://example.org/a."
    assert _rules("a bucket", _draft(files=[{"name": "main.tf", "content": content}], summary=prose)) == []


def test_a_plan_that_makes_nothing_or_not_what_was_asked_is_rejected() -> None:
    nothing = _draft(files=[{"name": "main.tf", "content": 'variable "x" {}\n'}])
    assert _rules("a bucket", nothing) == ["empty-plan"]
    assert _rules("a bucket", _draft(files=[])) == ["empty-plan"]
    assert _rules("a bucket and a postgres database", _draft()) == ["missing-from-plan"]
    assert _rules("a bucket without a database", _draft()) == []
    assert _rules("a bucket in our existing VPC", _draft()) == []


def test_a_provider_without_schema_is_unverifiable_and_does_not_reject() -> None:
    content = MAIN + 'resource "acme_id" "x" {\n  byte_length = 4\n}\n'
    report = block().check(_topic("a bucket"), _draft(files=[{"name": "main.tf", "content": content}]))
    assert report.passed
    assert [each.rule for each in report.unverifiable] == ["unknown-provider"]


def test_a_plan_for_another_generation_is_sent_back() -> None:
    asked = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws", version = "~> 3.0" }\n  }\n}\n'
    assert _rules("a bucket", _draft(files=[{"name": "main.tf", "content": asked + MAIN}])) == ["other-generation"]


@pytest.mark.parametrize(
    ("request_", "made"),
    [
        ("a bucket on GCP", "google_storage_bucket"),
        ("a storage account", "azurerm_storage_account"),
        ("a key vault", "azurerm_key_vault"),
        ("a GKE cluster", "google_container_cluster"),
        ("a config map", "kubernetes_config_map_v1"),
        ("a helm release", "helm_release"),
    ],
)
def test_a_plan_that_lacks_what_was_asked_is_rejected_on_every_cloud(request_: str, made: str) -> None:
    other = _draft(files=[{"name": "main.tf", "content": 'resource "random_id" "x" {\n  byte_length = 4\n}\n'}])
    assert "missing-from-plan" in _rules(request_, other)
    right = _draft(files=[{"name": "main.tf", "content": f'data "{made}" "x" {{\n}}\n'}])
    assert "missing-from-plan" not in _rules(request_, right)
