"""Insecure defaults in Google Cloud resources."""

from collections.abc import Iterator, Mapping

from truth_blocks.terraform.conditions import (
    Check,
    Hit,
    bad_values,
    is_literal,
    off_unless_true,
    texts_of,
    value_of,
    within,
    without,
)
from truth_blocks.terraform.exposure import EVERYONE, opened, port_range
from truth_blocks.terraform.model import Block, ObjectValue

_ALL_USERS = frozenset({"allUsers", "allAuthenticatedUsers"})
_BASIC_ROLES = ("roles/editor", "roles/owner")
_PLAIN_SSL_MODES = ("ALLOW_UNENCRYPTED_AND_ENCRYPTED",)


def granted_to_everyone(block: Block) -> Iterator[Hit]:
    """Any ``google_…_iam_member`` or ``…_iam_binding`` with a member that is everyone; an ACL entity likewise."""
    name = block.labels[0]
    if not name.startswith("google_"):
        return
    if name.endswith(("_iam_member", "_iam_binding")):
        for argument in ("member", "members"):
            attribute = block.attribute(argument)
            if attribute is not None and _ALL_USERS & set(texts_of(attribute.value)):
                yield "SEC-021", attribute, "grants access to everyone"
    elif name.endswith("_access_control"):
        entity = block.attribute("entity")
        if entity is not None and _ALL_USERS & set(texts_of(entity.value)):
            yield "SEC-021", entity, "grants access to everyone"


def _firewall(block: Block) -> Iterator[Hit]:
    cidr = next((text for text in texts_of(value_of(block, "source_ranges")) if text in EVERYONE), None)
    if (
        cidr is None
        or is_literal(value_of(block, "direction"), "EGRESS")
        or is_literal(value_of(block, "disabled"), True)
    ):
        return
    for allow in block.children("allow"):
        ports = texts_of(value_of(allow, "ports"))
        if not ports and is_literal(value_of(allow, "protocol"), "all"):
            yield "SEC-003", allow, f"opens all ports to {cidr}"
        for found in filter(None, map(port_range, ports)):
            hits = list(opened(*found, allow, cidr))
            yield from hits
            if hits:
                break


def _metadata(block: Block) -> Iterator[Hit]:
    metadata = block.attribute("metadata")
    for item in metadata.value.items if metadata and isinstance(metadata.value, ObjectValue) else ():
        if item.key == "serial-port-enable" and any(
            is_literal(item.value, on) for on in (True, "true", "TRUE", 1, "1")
        ):
            yield "SEC-025", item, "opens the serial console"


def _shielding(block: Block) -> Iterator[Hit]:
    for config in block.children("shielded_instance_config"):
        for name in ("enable_integrity_monitoring", "enable_secure_boot", "enable_vtpm"):
            attribute = config.attribute(name)
            if attribute is not None and is_literal(attribute.value, False):
                yield "SEC-030", attribute, f"turns `{name}` off"


def _sql_networks(network: Block) -> Iterator[Hit]:
    attribute = network.attribute("value")
    if attribute is not None and EVERYONE & set(texts_of(attribute.value)):
        yield "SEC-023", attribute, "lets everyone connect"


_ip_configuration = ("settings", "ip_configuration")
_basic_role = bad_values("role", _BASIC_ROLES, "SEC-028", "grants a basic role")
_old_tls = bad_values("min_tls_version", ("TLS_1_0", "TLS_1_1"), "SEC-020", "allows an outdated TLS version")
GOOGLE_CHECKS: Mapping[str, tuple[Check, ...]] = {
    "google_compute_firewall": (_firewall,),
    "google_storage_bucket": (
        off_unless_true("uniform_bucket_level_access", "SEC-022", "leaves access to single objects"),
    ),
    "google_storage_bucket_acl": (
        bad_values("predefined_acl", ("publicRead", "publicReadWrite"), "SEC-001", "makes the bucket public"),
    ),
    "google_sql_database_instance": (
        within((*_ip_configuration, "authorized_networks"), _sql_networks),
        within(_ip_configuration, bad_values("require_ssl", (False,), "SEC-024", "accepts plain connections")),
        within(_ip_configuration, bad_values("ssl_mode", _PLAIN_SSL_MODES, "SEC-024", "accepts plain connections")),
    ),
    "google_compute_instance": (_metadata, _shielding),
    "google_compute_instance_template": (_metadata, _shielding),
    "google_compute_project_metadata": (_metadata,),
    "google_container_cluster": (
        bad_values("enable_legacy_abac", (True,), "SEC-026", "turns legacy authorization on"),
        without(
            ("master_authorized_networks_config", "private_cluster_config", "control_plane_endpoints_config"),
            "SEC-027",
            "opens its API to everyone",
        ),
    ),
    "google_project_iam_member": (_basic_role,),
    "google_project_iam_binding": (_basic_role,),
    "google_folder_iam_member": (_basic_role,),
    "google_folder_iam_binding": (_basic_role,),
    "google_organization_iam_member": (_basic_role,),
    "google_organization_iam_binding": (_basic_role,),
    "google_kms_crypto_key": (without(("rotation_period", "purpose"), "SEC-029", "is never rotated"),),
    "google_compute_ssl_policy": (
        without(("min_tls_version",), "SEC-020", "allows an outdated TLS version"),
        _old_tls,
    ),
}
"""Resource type → its checks."""
