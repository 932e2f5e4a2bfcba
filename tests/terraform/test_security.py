import pytest

from tests.terraform.samples import critic, valid_modules
from truth_blocks.terraform.rules import RULES

GROUP = (
    'resource "aws_security_group" "web" {\n  ingress {\n    from_port = %s\n    to_port = %s\n    protocol = "%s"\n'
)
OPEN = '    cidr_blocks = ["0.0.0.0/0"]\n  }\n}\n'
IMDS = 'metadata_options {\n    http_tokens = "required"\n  }\n'


def _resource(kind: str, body: str) -> str:
    return f'resource "{kind}" "x" {{\n{body}\n}}\n'


INSECURE = [
    ("SEC-001", _resource("aws_s3_bucket", '  acl = "public-read"'), 2),
    ("SEC-001", _resource("aws_s3_bucket_acl", '  bucket = "b"\n  acl = "public-read-write"'), 3),
    ("SEC-002", _resource("aws_s3_bucket_public_access_block", '  bucket = "b"\n  block_public_acls = false'), 3),
    ("SEC-003", GROUP % (0, 0, "-1") + OPEN, 2),
    ("SEC-003", GROUP % (0, 65535, "tcp") + OPEN, 2),
    ("SEC-004", _resource("aws_ebs_volume", '  availability_zone = "a"'), 1),
    ("SEC-005", _resource("aws_db_instance", '  instance_class = "a"\n  storage_encrypted = false'), 3),
    ("SEC-006", _resource("aws_db_instance", '  instance_class = "a"\n  publicly_accessible = true'), 3),
    ("SEC-007", GROUP % (22, 22, "tcp") + OPEN, 2),
    ("SEC-007", GROUP % (0, 4000, "tcp") + OPEN, 2),
    (
        "SEC-007",
        _resource(
            "aws_vpc_security_group_ingress_rule",
            '  security_group_id = "g"\n  ip_protocol = "tcp"\n  from_port = 3389\n  to_port = 3389'
            '\n  cidr_ipv6 = "::/0"',
        ),
        1,
    ),
    ("SEC-008", GROUP % (5432, 5432, "tcp") + OPEN, 2),
    (
        "SEC-009",
        _resource(
            "aws_iam_policy",
            '  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = ["*"] }] })',
        ),
        2,
    ),
    (
        "SEC-009",
        'data "aws_iam_policy_document" "x" {\n  statement {\n    actions = ["*"]\n    resources = ["*"]\n  }\n}\n',
        2,
    ),
    (
        "SEC-009",
        _resource(
            "aws_iam_policy",
            '  policy = <<EOT\n{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}\nEOT',
        ),
        2,
    ),
    (
        "SEC-010",
        _resource(
            "aws_sqs_queue_policy",
            '  queue_url = "q"\n  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, '
            'Action = "sqs:SendMessage", Resource = "q" }] })',
        ),
        3,
    ),
    (
        "SEC-011",
        _resource("aws_db_instance", '  instance_class = "a"\n  storage_encrypted = true\n  password = "x"'),
        4,
    ),
    ("SEC-011", 'provider "aws" {\n  secret_key = "abc"\n}\n', 2),
    ("SEC-011", 'variable "password" {\n  default = "abc"\n}\n', 2),
    ("SEC-012", _resource("aws_instance", '  ami = "a"'), 1),
    ("SEC-012", _resource("aws_launch_template", "  metadata_options {\n  }"), 2),
    (
        "SEC-013",
        _resource("aws_eks_cluster", '  name = "a"\n  role_arn = "b"\n  vpc_config {\n    subnet_ids = []\n  }'),
        4,
    ),
    (
        "SEC-014",
        _resource(
            "aws_lb_listener",
            '  load_balancer_arn = "a"\n  protocol = "HTTP"\n  default_action {\n    type = "forward"\n  }',
        ),
        3,
    ),
    ("SEC-016", _resource("aws_efs_file_system", "  encrypted = false"), 2),
    ("SEC-018", _resource("aws_lambda_function_url", '  function_name = "f"\n  authorization_type = "NONE"'), 3),
    ("SEC-019", _resource("aws_kms_key", "  enable_key_rotation = false"), 2),
]


@pytest.mark.parametrize(("rule", "text", "line"), INSECURE)
def test_an_insecure_default_is_a_warning_with_its_rule_and_fix(rule: str, text: str, line: int) -> None:
    report = critic(text)
    warnings = [found for found in report.findings if found.severity == "warning" and found.code == rule]
    assert warnings, report.findings
    assert line in [found.line for found in warnings]
    assert warnings[0].suggestion == RULES[rule].fix
    assert report.verdict == "valid", report.findings


def test_the_port_and_the_network_are_named() -> None:
    found = critic(GROUP % (22, 22, "tcp") + OPEN).findings[0]
    assert found.message == "aws_security_group.web opens port 22 to 0.0.0.0/0"


@pytest.mark.parametrize(
    "text",
    [
        GROUP % (443, 443, "tcp") + OPEN,
        GROUP % (22, 22, "tcp") + OPEN.replace("0.0.0.0/0", "10.0.0.0/8"),
        GROUP % ("var.p", "var.p", "tcp") + OPEN + 'variable "p" {}\n',
        _resource("aws_instance", f'  ami = "a"\n  {IMDS}'),
        _resource("aws_db_instance", '  instance_class = "a"\n  snapshot_identifier = "s"'),
        _resource("aws_db_instance", '  instance_class = "a"\n  storage_encrypted = true\n  password = var.p')
        + 'variable "p" {}\n',
        _resource(
            "aws_s3_bucket_policy",
            '  bucket = "b"\n  policy = jsonencode({ Statement = [{ Effect = "Deny", Principal = "*", Action = "*", '
            'Resource = "*" }] })',
        ),
    ],
)
def test_what_is_secure_or_unknown_is_not_warned_about(text: str) -> None:
    assert [found for found in critic(text).findings if found.severity != "unverifiable"] == []


def test_no_recipe_breaks_a_security_rule() -> None:
    for name, text in valid_modules().items():
        if name.startswith("recipe"):
            assert critic(text).findings == [], name


def test_there_are_at_least_twelve_rules_each_with_level_and_fix() -> None:
    assert len(RULES) >= 12
    assert all(rule.level in ("high", "medium", "low") and rule.fix and rule.title for rule in RULES.values())
    assert {rule for rule, _, _ in INSECURE} >= {f"SEC-{number:03}" for number in (*range(1, 15), 16, 18, 19)}
