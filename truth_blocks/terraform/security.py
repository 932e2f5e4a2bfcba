"""Insecure defaults: valid Terraform that likely does what nobody wanted. Warnings, unless the caller wants errors.

A rule fires on literals only: where a value is an expression, nothing is guessed.
"""

from collections.abc import Iterator

from truth_blocks.terraform.conditions import Check, Hit, bad_values, is_literal, off_unless_true, value_of
from truth_blocks.terraform.exposure import open_ports, policy_problems
from truth_blocks.terraform.model import Block, ListValue, ParsedFile, literal_text
from truth_blocks.terraform.rules import RULES
from truth_blocks.terraform.security_azure import AZURE_CHECKS
from truth_blocks.terraform.security_google import GOOGLE_CHECKS, granted_to_everyone
from truth_blocks.terraform.security_outside import outside
from truth_blocks.terraform.survey import Survey

_SECRET_NAMES = frozenset(
    {
        "password",
        "master_password",
        "master_user_password",
        "admin_password",
        "secret_string",
        "secret_key",
        "auth_token",
    }
    | {
        "access_key",
        "private_key",
        "api_key",
        "secret",
        "token",
        "shared_key",
        "preshared_key",
        "tunnel1_preshared_key",
        "administrator_login_password",
        "administrator_password",
        "root_password",
        "client_secret",
    }
)
_PUBLIC_ACLS = frozenset({"public-read", "public-read-write", "authenticated-read"})
_GATES = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
_OLD_TLS = ("TLSv1", "TLSv1_2016", "TLSv1.1_2016", "SSLv3", "ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-TLS-1-0")


def insecure_settings(survey: Survey, file: ParsedFile, as_errors: bool = False) -> None:
    """Report every rule that a file's resources, data sources and providers break."""
    report = survey.error if as_errors else survey.warning
    for block in file.body.blocks:
        name = ".".join(block.labels)
        if block.type == "data":
            name = f"data.{name}"
        for rule_id, at, does in _hits(block):
            rule = RULES[rule_id]
            report(rule_id, at, f"{name or block.type} {does}", rule.fix, rule.fix)


def _hits(block: Block) -> Iterator[Hit]:
    yield from outside(block)
    if block.type == "resource" and block.labels[:1]:
        for check in _CHECKS.get(block.labels[0], ()):
            yield from check(block)
        yield from granted_to_everyone(block)
    if block.type in ("resource", "data") and block.labels[:1]:
        yield from policy_problems(block)
    if block.type in ("resource", "provider"):
        yield from _plain_secrets(block)
    if block.type == "variable" and block.labels[:1] and block.labels[0] in _SECRET_NAMES:
        default = block.attribute("default")
        if default is not None and literal_text(default.value):
            yield "SEC-011", default, "has its secret written as a default"


def _plain_secrets(block: Block) -> Iterator[Hit]:
    for attribute in block.attributes:
        if attribute.name in _SECRET_NAMES and literal_text(attribute.value):
            yield "SEC-011", attribute, f"has `{attribute.name}` written in plain text"


def _access_block(block: Block) -> Iterator[Hit]:
    for gate in _GATES:
        attribute = block.attribute(gate)
        if attribute is None or is_literal(attribute.value, False):
            yield "SEC-002", attribute or block, f"leaves `{gate}` off"


def _metadata(block: Block) -> Iterator[Hit]:
    options = block.children("metadata_options")
    if not options:
        yield "SEC-012", block, "allows the instance metadata service v1"
    for option in options:
        tokens = option.attribute("http_tokens")
        if tokens is None or is_literal(tokens.value, "optional"):
            yield "SEC-012", tokens or option, "allows the instance metadata service v1"


def _volumes(block: Block) -> Iterator[Hit]:
    for name in ("root_block_device", "ebs_block_device"):
        for device in block.children(name):
            encrypted = device.attribute("encrypted")
            if encrypted is not None and is_literal(encrypted.value, False):
                yield "SEC-004", encrypted, f"has an unencrypted `{name}`"


def _cluster_endpoint(block: Block) -> Iterator[Hit]:
    for network in block.children("vpc_config"):
        cidrs = value_of(network, "public_access_cidrs")
        everyone = cidrs is None or (
            isinstance(cidrs, ListValue) and any(is_literal(x, "0.0.0.0/0") for x in cidrs.items)
        )
        public = value_of(network, "endpoint_public_access")
        if everyone and (public is None or is_literal(public, True)):
            yield "SEC-013", network, "opens its API to 0.0.0.0/0"


def _listener(block: Block) -> Iterator[Hit]:
    protocol = block.attribute("protocol")
    if protocol is None or not is_literal(protocol.value, "HTTP"):
        return
    actions = [value_of(action, "type") for action in block.children("default_action")]
    if any(is_literal(action, "forward") or is_literal(action, "fixed-response") for action in actions):
        yield "SEC-014", protocol, "serves plain HTTP"


def _distribution(block: Block) -> Iterator[Hit]:
    for name in ("default_cache_behavior", "ordered_cache_behavior"):
        for behavior in block.children(name):
            policy = behavior.attribute("viewer_protocol_policy")
            if policy is not None and is_literal(policy.value, "allow-all"):
                yield "SEC-015", policy, "serves plain HTTP"
    for certificate in block.children("viewer_certificate"):
        yield from bad_values("minimum_protocol_version", _OLD_TLS, "SEC-020", "allows an outdated TLS version")(
            certificate
        )


_encrypted_storage = off_unless_true("storage_encrypted", "SEC-005", "stores its data unencrypted")
_private_database = bad_values("publicly_accessible", (True,), "SEC-006", "is reachable from the internet")
_CHECKS: dict[str, tuple[Check, ...]] = {
    **GOOGLE_CHECKS,
    **AZURE_CHECKS,
    "aws_s3_bucket": (bad_values("acl", tuple(sorted(_PUBLIC_ACLS)), "SEC-001", "is readable by everyone"),),
    "aws_s3_bucket_acl": (bad_values("acl", tuple(sorted(_PUBLIC_ACLS)), "SEC-001", "makes the bucket public"),),
    "aws_s3_bucket_public_access_block": (_access_block,),
    "aws_security_group": (open_ports,),
    "aws_security_group_rule": (open_ports,),
    "aws_vpc_security_group_ingress_rule": (open_ports,),
    "aws_default_security_group": (open_ports,),
    "aws_ebs_volume": (off_unless_true("encrypted", "SEC-004", "is not encrypted"),),
    "aws_instance": (_metadata, _volumes),
    "aws_launch_template": (_metadata,),
    "aws_db_instance": (_encrypted_storage, _private_database),
    "aws_rds_cluster": (_encrypted_storage,),
    "aws_rds_cluster_instance": (_private_database,),
    "aws_redshift_cluster": (_private_database,),
    "aws_dms_replication_instance": (_private_database,),
    "aws_eks_cluster": (_cluster_endpoint,),
    "aws_lb_listener": (_listener, bad_values("ssl_policy", _OLD_TLS, "SEC-020", "allows an outdated TLS version")),
    "aws_cloudfront_distribution": (_distribution,),
    "aws_efs_file_system": (off_unless_true("encrypted", "SEC-016", "is not encrypted"),),
    "aws_elasticache_replication_group": (
        off_unless_true("at_rest_encryption_enabled", "SEC-017", "stores its data unencrypted"),
        off_unless_true("transit_encryption_enabled", "SEC-017", "sends its data unencrypted"),
    ),
    "aws_lambda_function_url": (bad_values("authorization_type", ("NONE",), "SEC-018", "can be called by everyone"),),
    "aws_kms_key": (bad_values("enable_key_rotation", (False,), "SEC-019", "is never rotated"),),
}
