"""Insecure defaults in Google Cloud and Azure, and what the setting makes of them."""

import pytest

from tests.terraform.samples import schemas
from tests.terraform.test_outside import INSECURE as OUTSIDE_INSECURE
from tests.terraform.test_security import INSECURE as AWS_INSECURE
from truth_blocks.contracts import Question, SourceFile
from truth_blocks.terraform import TerraformBlock
from truth_blocks.terraform.critic import check_module
from truth_blocks.terraform.rules import RULES


def _resource(kind: str, body: str) -> str:
    return f'resource "{kind}" "x" {{\n{body}\n}}\n'


def _firewall(allow: str, ranges: str = '"0.0.0.0/0"') -> str:
    body = f'  name = "n"\n  network = "n"\n  source_ranges = [{ranges}]\n  allow {{\n{allow}\n  }}'
    return _resource("google_compute_firewall", body)


def _inbound(port: str, source: str = "*") -> str:
    return _resource(
        "azurerm_network_security_rule",
        '  direction = "Inbound"\n  access = "Allow"\n'
        f'  source_address_prefix = "{source}"\n  destination_port_range = "{port}"',
    )


ACCOUNT = "azurerm_storage_account"
SQL = "google_sql_database_instance"
INSECURE = [
    ("SEC-007", _firewall('    protocol = "tcp"\n    ports = ["22"]'), 5),
    ("SEC-008", _firewall('    protocol = "tcp"\n    ports = ["80", "5000-6000"]'), 5),
    ("SEC-003", _firewall('    protocol = "all"'), 5),
    ("SEC-007", _inbound("3389"), 1),
    ("SEC-008", _inbound("1433", "Internet"), 1),
    ("SEC-003", _inbound("*"), 1),
    ("SEC-021", _resource("google_storage_bucket_iam_member", '  role = "r"\n  member = "allUsers"'), 3),
    ("SEC-021", _resource("google_storage_bucket_iam_binding", '  members = ["allAuthenticatedUsers"]'), 2),
    ("SEC-022", _resource("google_storage_bucket", "  uniform_bucket_level_access = false"), 2),
    ("SEC-022", _resource("google_storage_bucket", '  name = "b"'), 1),
    (
        "SEC-023",
        _resource(
            SQL,
            "  settings {\n    ip_configuration {\n      authorized_networks {\n"
            '        value = "0.0.0.0/0"\n      }\n    }\n  }',
        ),
        5,
    ),
    ("SEC-024", _resource(SQL, "  settings {\n    ip_configuration {\n      require_ssl = false\n    }\n  }"), 4),
    ("SEC-024", _resource("azurerm_postgresql_server", "  ssl_enforcement_enabled = false"), 2),
    ("SEC-025", _resource("google_compute_instance", "  metadata = {\n    serial-port-enable = true\n  }"), 3),
    ("SEC-026", _resource("google_container_cluster", "  enable_legacy_abac = true"), 2),
    ("SEC-027", _resource("google_container_cluster", '  name = "c"'), 1),
    ("SEC-028", _resource("google_project_iam_member", '  role = "roles/owner"'), 2),
    ("SEC-029", _resource("google_kms_crypto_key", '  name = "k"'), 1),
    (
        "SEC-030",
        _resource(
            "google_compute_instance",
            "  shielded_instance_config {\n    enable_integrity_monitoring = false\n  }",
        ),
        3,
    ),
    ("SEC-020", _resource("google_compute_ssl_policy", '  name = "p"\n  min_tls_version = "TLS_1_0"'), 3),
    ("SEC-020", _resource(ACCOUNT, '  min_tls_version = "TLS1_0"'), 2),
    ("SEC-031", _resource(ACCOUNT, "  allow_nested_items_to_be_public = true"), 2),
    ("SEC-031", _resource("azurerm_storage_container", '  container_access_type = "blob"'), 2),
    ("SEC-032", _resource(ACCOUNT, "  https_traffic_only_enabled = false"), 2),
    (
        "SEC-033",
        _resource(
            "azurerm_mssql_firewall_rule",
            '  start_ip_address = "0.0.0.0"\n  end_ip_address = "255.255.255.255"',
        ),
        1,
    ),
    ("SEC-034", _resource("azurerm_mssql_server", "  public_network_access_enabled = true"), 2),
    ("SEC-035", _resource("azurerm_linux_virtual_machine", "  disable_password_authentication = false"), 2),
    ("SEC-036", _resource("azurerm_kubernetes_cluster", "  role_based_access_control_enabled = false"), 2),
    ("SEC-037", _resource("azurerm_kubernetes_cluster", '  name = "c"'), 1),
    ("SEC-038", _resource("azurerm_key_vault", '  name = "v"'), 1),
    ("SEC-039", _resource("azurerm_role_assignment", '  role_definition_name = "Owner"'), 2),
    ("SEC-040", _resource("azurerm_linux_web_app", '  name = "a"'), 1),
    (
        "SEC-015",
        _resource(
            "aws_cloudfront_distribution",
            '  default_cache_behavior {\n    viewer_protocol_policy = "allow-all"\n  }',
        ),
        3,
    ),
    ("SEC-017", _resource("aws_elasticache_replication_group", "  at_rest_encryption_enabled = false"), 2),
    ("SEC-009", _resource("azurerm_role_definition", '  permissions {\n    actions = ["*"]\n  }'), 3),
    ("SEC-011", _resource("azurerm_mssql_server", '  administrator_login_password = "hunter2"'), 2),
]
SECURE = [
    _firewall('    protocol = "tcp"\n    ports = ["22"]', '"10.0.0.0/8"'),
    _firewall('    protocol = "tcp"\n    ports = ["443"]'),
    _firewall('    protocol = "icmp"'),
    _inbound("443"),
    _inbound("22", "10.0.0.0/8"),
    _resource("google_storage_bucket", "  uniform_bucket_level_access = var.x"),
    _resource("google_container_cluster", "  master_authorized_networks_config {\n  }"),
    _resource("azurerm_kubernetes_cluster", "  private_cluster_enabled = true"),
    _resource("azurerm_key_vault", "  purge_protection_enabled = true"),
    _resource("google_storage_bucket_iam_member", '  member = "user:a@example.org"'),
]


def _warnings(text: str, insecure_fails: bool = False) -> list[tuple[str, int, str]]:
    report = check_module(schemas(), [SourceFile("main.tf", text)], insecure_fails=insecure_fails)
    wanted = "error" if insecure_fails else "warning"
    return [
        (each.code, each.line, each.suggestion)
        for each in report.findings
        if each.severity == wanted and each.code.startswith("SEC-")
    ]


@pytest.mark.parametrize(("rule", "text", "line"), INSECURE)
def test_an_insecure_default_is_named_with_its_line_and_fix(rule: str, text: str, line: int) -> None:
    assert (rule, line, RULES[rule].fix) in _warnings(text)


@pytest.mark.parametrize("text", SECURE)
def test_what_is_secure_or_unknown_is_not_named(text: str) -> None:
    assert _warnings(text) == []


def test_there_are_forty_four_rules_each_with_an_id_a_severity_and_a_fix() -> None:
    assert list(RULES) == [f"SEC-{number:03}" for number in range(1, 45)]
    assert all(rule.level in ("high", "medium", "low") and rule.fix and rule.title for rule in RULES.values())
    tested = {row[0] for row in (*INSECURE, *AWS_INSECURE, *OUTSIDE_INSECURE)}
    assert tested == set(RULES)


def test_the_setting_makes_an_insecure_default_a_failure() -> None:
    text = 'resource "aws_ebs_volume" "x" {\n  availability_zone = "a"\n}\n'
    assert _warnings(text, insecure_fails=True) == _warnings(text)
    question = Question("cloud.check", {}, (SourceFile("main.tf", text),))
    lenient, strict = TerraformBlock(), TerraformBlock(insecure_fails=True)
    for block, ok in ((lenient, True), (strict, False)):
        found = block.look_up(block.resolve(question))
        assert found is not None
        assert found.ok is ok
    assert lenient.version != strict.version, "an answer checked one way is not served from the cache the other way"
