"""The table of insecure defaults: what each rule is called, how bad it is, and what to write instead."""

from typing import Literal

import msgspec


class Rule(msgspec.Struct, frozen=True):
    """One rule; ``fix`` is the sentence a finding ends with."""

    id: str
    level: Literal["high", "medium", "low"]
    title: str
    fix: str


_TABLE: tuple[tuple[str, Literal["high", "medium", "low"], str, str], ...] = (
    ("SEC-001", "high", "bucket readable by everyone", 'use acl = "private", or no ACL at all'),
    ("SEC-002", "medium", "bucket's public access block has a gap", "set all four arguments to true"),
    ("SEC-003", "high", "all ports open to everyone", "name the ports and the networks that need them"),
    ("SEC-004", "medium", "volume not encrypted", "set encrypted = true"),
    ("SEC-005", "high", "database storage not encrypted", "set storage_encrypted = true"),
    ("SEC-006", "high", "database reachable from the internet", "set publicly_accessible = false"),
    ("SEC-007", "high", "administration port open to everyone", "give the admin network"),
    ("SEC-008", "high", "database port open to everyone", "allow the security group of the application instead"),
    ("SEC-009", "high", "policy allows every action on everything", "name the actions and the resources"),
    ("SEC-010", "high", "policy trusts everyone", "name the principals, or add a condition"),
    ("SEC-011", "high", "secret written in the file", "use a sensitive variable or a secrets store"),
    ("SEC-012", "medium", "instance metadata service v1 allowed", 'set metadata_options { http_tokens = "required" }'),
    ("SEC-013", "medium", "cluster API open to everyone", "restrict public_access_cidrs or close the public endpoint"),
    ("SEC-014", "medium", "listener speaks plain HTTP", "redirect to HTTPS"),
    ("SEC-015", "medium", "distribution serves plain HTTP", 'set viewer_protocol_policy = "redirect-to-https"'),
    ("SEC-016", "medium", "file system not encrypted", "set encrypted = true"),
    ("SEC-017", "medium", "cache not encrypted", "set at_rest_encryption_enabled and transit_encryption_enabled"),
    ("SEC-018", "high", "function URL without authorization", 'set authorization_type = "AWS_IAM"'),
    ("SEC-019", "low", "key is never rotated", "set enable_key_rotation = true"),
    ("SEC-020", "medium", "outdated TLS version allowed", "require TLS 1.2 or newer"),
    ("SEC-021", "high", "Google IAM grants everyone", "name the members instead of allUsers"),
    ("SEC-022", "low", "bucket without uniform access", "set uniform_bucket_level_access = true"),
    ("SEC-023", "high", "Cloud SQL open to everyone", "name the authorized networks, or use a private address"),
    ("SEC-024", "medium", "Cloud SQL accepts plain connections", 'set ssl_mode = "ENCRYPTED_ONLY"'),
    ("SEC-025", "medium", "serial console open", "leave serial-port-enable out of the metadata"),
    ("SEC-026", "high", "GKE legacy authorization", "set enable_legacy_abac = false"),
    ("SEC-027", "medium", "GKE API open to everyone", "add master_authorized_networks_config with your networks"),
    ("SEC-028", "high", "basic role granted", "grant the narrow role instead of roles/owner or roles/editor"),
    ("SEC-029", "low", "Cloud KMS key is never rotated", 'set rotation_period = "7776000s"'),
    ("SEC-030", "medium", "instance without shielded boot", "set enable_integrity_monitoring and enable_secure_boot"),
    (
        "SEC-031",
        "high",
        "Azure storage readable by everyone",
        "set allow_nested_items_to_be_public = false and private",
    ),
    ("SEC-032", "medium", "Azure storage serves plain HTTP", "set https_traffic_only_enabled = true"),
    ("SEC-033", "high", "Azure database open to everyone", "name the addresses that need it"),
    ("SEC-034", "medium", "Azure service reachable from the internet", "set public_network_access_enabled = false"),
    ("SEC-035", "medium", "virtual machine takes passwords", "set disable_password_authentication = true and a key"),
    ("SEC-036", "high", "AKS without role-based access", "set role_based_access_control_enabled = true"),
    ("SEC-037", "medium", "AKS API open to everyone", "add api_server_access_profile, or private_cluster_enabled"),
    ("SEC-038", "medium", "key vault can be purged", "set purge_protection_enabled = true"),
    ("SEC-039", "high", "Azure role Owner granted", "grant the narrow role instead of Owner"),
    ("SEC-040", "medium", "web app serves plain HTTP", "set https_only = true"),
    ("SEC-041", "high", "provisioner runs a program", "use cloud-init, an image, or a resource of the provider"),
    ("SEC-042", "high", "external program is run", "read it with a data source of the provider, or take a variable"),
    (
        "SEC-043",
        "medium",
        "state kept on another host",
        "keep the state where only your team can read it, and name that host yourself",
    ),
    ("SEC-044", "medium", "remote module without a fixed version", "set version, or ?ref= with a commit"),
)
RULES = {row[0]: Rule(*row) for row in _TABLE}
"""Rule id → rule."""
