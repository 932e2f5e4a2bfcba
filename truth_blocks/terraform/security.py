"""Insecure defaults in AWS resources: valid Terraform that likely does what nobody wanted. Warnings, never errors.

A rule fires on literals only: where a value is an expression, nothing is guessed.
"""

from collections.abc import Callable, Iterator

from truth_blocks.terraform.exposure import open_ports, policy_problems
from truth_blocks.terraform.model import (
    Block,
    Expression,
    ListValue,
    Literal,
    ParsedFile,
    literal_text,
)
from truth_blocks.terraform.rules import RULES
from truth_blocks.terraform.survey import Placed, Survey

Hit = tuple[str, Placed, str]
"""Rule id, where, and what the resource does (the predicate of the sentence)."""
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
    }
)
_PUBLIC_ACLS = frozenset({"public-read", "public-read-write", "authenticated-read"})
_GATES = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
_OLD_TLS = ("TLSv1", "TLSv1_2016", "TLSv1.1_2016", "SSLv3", "ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-TLS-1-0")


def insecure_settings(survey: Survey, file: ParsedFile) -> None:
    """Report every rule that a file's resources, data sources and providers break."""
    for block in file.body.blocks:
        name = ".".join(block.labels)
        if block.type == "data":
            name = f"data.{name}"
        for rule_id, at, does in _hits(block):
            rule = RULES[rule_id]
            survey.warning(rule_id, at, f"{name or block.type} {does}", rule.fix, rule.fix)


def _hits(block: Block) -> Iterator[Hit]:
    if block.type == "resource" and block.labels[:1]:
        for check in _CHECKS.get(block.labels[0], ()):
            yield from check(block)
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


def _is(value: Expression | None, wanted: object) -> bool:
    return isinstance(value, Literal) and value.value == wanted and type(value.value) is type(wanted)


def _value(block: Block, name: str) -> Expression | None:
    attribute = block.attribute(name)
    return attribute.value if attribute else None


def _off_unless_true(name: str, rule: str, does: str) -> Callable[[Block], Iterator[Hit]]:
    """A switch that is off by default: missing or ``false`` fires."""

    def check(block: Block) -> Iterator[Hit]:
        attribute = block.attribute(name)
        copied = block.attribute("snapshot_identifier") or block.attribute("replicate_source_db")
        if attribute is None and copied is None:
            yield rule, block, does
        elif attribute is not None and _is(attribute.value, False):
            yield rule, attribute, does

    return check


def _bad_values(name: str, bad: tuple[object, ...], rule: str, does: str) -> Callable[[Block], Iterator[Hit]]:
    """An argument with a literal value that is never wise."""

    def check(block: Block) -> Iterator[Hit]:
        attribute = block.attribute(name)
        if attribute is not None and any(_is(attribute.value, each) for each in bad):
            yield rule, attribute, does

    return check


def _access_block(block: Block) -> Iterator[Hit]:
    for gate in _GATES:
        attribute = block.attribute(gate)
        if attribute is None or _is(attribute.value, False):
            yield "SEC-002", attribute or block, f"leaves `{gate}` off"


def _metadata(block: Block) -> Iterator[Hit]:
    options = block.children("metadata_options")
    if not options:
        yield "SEC-012", block, "allows the instance metadata service v1"
    for option in options:
        tokens = option.attribute("http_tokens")
        if tokens is None or _is(tokens.value, "optional"):
            yield "SEC-012", tokens or option, "allows the instance metadata service v1"


def _volumes(block: Block) -> Iterator[Hit]:
    for name in ("root_block_device", "ebs_block_device"):
        for device in block.children(name):
            encrypted = device.attribute("encrypted")
            if encrypted is not None and _is(encrypted.value, False):
                yield "SEC-004", encrypted, f"has an unencrypted `{name}`"


def _cluster_endpoint(block: Block) -> Iterator[Hit]:
    for network in block.children("vpc_config"):
        cidrs = _value(network, "public_access_cidrs")
        everyone = cidrs is None or (isinstance(cidrs, ListValue) and any(_is(x, "0.0.0.0/0") for x in cidrs.items))
        public = _value(network, "endpoint_public_access")
        if everyone and (public is None or _is(public, True)):
            yield "SEC-013", network, "opens its API to 0.0.0.0/0"


def _listener(block: Block) -> Iterator[Hit]:
    protocol = block.attribute("protocol")
    if protocol is None or not _is(protocol.value, "HTTP"):
        return
    actions = [_value(action, "type") for action in block.children("default_action")]
    if any(_is(action, "forward") or _is(action, "fixed-response") for action in actions):
        yield "SEC-014", protocol, "serves plain HTTP"


def _distribution(block: Block) -> Iterator[Hit]:
    for name in ("default_cache_behavior", "ordered_cache_behavior"):
        for behavior in block.children(name):
            policy = behavior.attribute("viewer_protocol_policy")
            if policy is not None and _is(policy.value, "allow-all"):
                yield "SEC-015", policy, "serves plain HTTP"
    for certificate in block.children("viewer_certificate"):
        yield from _bad_values("minimum_protocol_version", _OLD_TLS, "SEC-020", "allows an outdated TLS version")(
            certificate
        )


_encrypted_storage = _off_unless_true("storage_encrypted", "SEC-005", "stores its data unencrypted")
_private_database = _bad_values("publicly_accessible", (True,), "SEC-006", "is reachable from the internet")
_CHECKS: dict[str, tuple[Callable[[Block], Iterator[Hit]], ...]] = {
    "aws_s3_bucket": (_bad_values("acl", tuple(sorted(_PUBLIC_ACLS)), "SEC-001", "is readable by everyone"),),
    "aws_s3_bucket_acl": (_bad_values("acl", tuple(sorted(_PUBLIC_ACLS)), "SEC-001", "makes the bucket public"),),
    "aws_s3_bucket_public_access_block": (_access_block,),
    "aws_security_group": (open_ports,),
    "aws_security_group_rule": (open_ports,),
    "aws_vpc_security_group_ingress_rule": (open_ports,),
    "aws_default_security_group": (open_ports,),
    "aws_ebs_volume": (_off_unless_true("encrypted", "SEC-004", "is not encrypted"),),
    "aws_instance": (_metadata, _volumes),
    "aws_launch_template": (_metadata,),
    "aws_db_instance": (_encrypted_storage, _private_database),
    "aws_rds_cluster": (_encrypted_storage,),
    "aws_rds_cluster_instance": (_private_database,),
    "aws_redshift_cluster": (_private_database,),
    "aws_dms_replication_instance": (_private_database,),
    "aws_eks_cluster": (_cluster_endpoint,),
    "aws_lb_listener": (_listener, _bad_values("ssl_policy", _OLD_TLS, "SEC-020", "allows an outdated TLS version")),
    "aws_cloudfront_distribution": (_distribution,),
    "aws_efs_file_system": (_off_unless_true("encrypted", "SEC-016", "is not encrypted"),),
    "aws_elasticache_replication_group": (
        _off_unless_true("at_rest_encryption_enabled", "SEC-017", "stores its data unencrypted"),
        _off_unless_true("transit_encryption_enabled", "SEC-017", "sends its data unencrypted"),
    ),
    "aws_lambda_function_url": (_bad_values("authorization_type", ("NONE",), "SEC-018", "can be called by everyone"),),
    "aws_kms_key": (_bad_values("enable_key_rotation", (False,), "SEC-019", "is never rotated"),),
}
