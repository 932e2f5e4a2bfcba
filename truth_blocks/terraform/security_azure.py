"""Insecure defaults in Azure resources."""

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
)
from truth_blocks.terraform.exposure import opened, port_range
from truth_blocks.terraform.model import Block

_ANYWHERE = frozenset({"*", "0.0.0.0/0", "::/0", "Internet", "Any"})
_FIRST_ADDRESS = ".".join("0000")
_OLD_TLS = ("TLS1_0", "TLS1_1", "1.0", "1.1")


def _rule_ports(rule: Block) -> Iterator[Hit]:
    """An inbound rule that lets everyone reach administration ports, database ports or all ports."""
    if not is_literal(value_of(rule, "direction"), "Inbound") or not is_literal(value_of(rule, "access"), "Allow"):
        return
    sources = texts_of(value_of(rule, "source_address_prefix")) + texts_of(value_of(rule, "source_address_prefixes"))
    anywhere = next((text for text in sources if text in _ANYWHERE), None)
    if anywhere is None:
        return
    ports = texts_of(value_of(rule, "destination_port_range")) + texts_of(value_of(rule, "destination_port_ranges"))
    for found in filter(None, map(port_range, ports)):
        hits = list(opened(*found, rule, anywhere))
        yield from hits
        if hits:
            return


def _everyone_connects(block: Block) -> Iterator[Hit]:
    start, end = value_of(block, "start_ip_address"), value_of(block, "end_ip_address")
    if is_literal(start, _FIRST_ADDRESS) and is_literal(end, "255.255.255.255"):
        yield "SEC-033", block, "lets every address connect"


def _cluster_api(block: Block) -> Iterator[Hit]:
    private = block.attribute("private_cluster_enabled")
    limits = ("api_server_access_profile", "api_server_authorized_ip_ranges")
    if private is None and not any(block.attribute(name) or block.children(name) for name in limits):
        yield "SEC-037", block, "opens its API to everyone"


def _role_actions(permissions: Block) -> Iterator[Hit]:
    actions = permissions.attribute("actions")
    if actions is not None and "*" in texts_of(actions.value):
        yield "SEC-009", actions, "allows every action"


_tls = bad_values("min_tls_version", _OLD_TLS, "SEC-020", "allows an outdated TLS version")
_minimum_tls = bad_values("minimum_tls_version", _OLD_TLS, "SEC-020", "allows an outdated TLS version")
_public = bad_values("public_network_access_enabled", (True,), "SEC-034", "is reachable from the internet")
_https = off_unless_true("https_only", "SEC-040", "serves plain HTTP")
_passwords = bad_values("disable_password_authentication", (False,), "SEC-035", "takes passwords")
_public_items = "is readable by everyone"
_plain = "serves plain HTTP"
AZURE_CHECKS: Mapping[str, tuple[Check, ...]] = {
    "azurerm_network_security_group": (within(("security_rule",), _rule_ports),),
    "azurerm_network_security_rule": (_rule_ports,),
    "azurerm_storage_account": (
        bad_values("allow_nested_items_to_be_public", (True,), "SEC-031", _public_items),
        bad_values("allow_blob_public_access", (True,), "SEC-031", _public_items),
        bad_values("https_traffic_only_enabled", (False,), "SEC-032", _plain),
        bad_values("enable_https_traffic_only", (False,), "SEC-032", _plain),
        _tls,
    ),
    "azurerm_storage_container": (
        bad_values("container_access_type", ("blob", "container"), "SEC-031", _public_items),
    ),
    **{
        f"azurerm_{engine}_firewall_rule": (_everyone_connects,)
        for engine in (
            *("mssql", "sql", "postgresql", "postgresql_flexible_server", "mysql", "mysql_flexible_server"),
            *("mariadb", "redis", "synapse"),
        )
    },
    "azurerm_mssql_server": (_public, _minimum_tls),
    "azurerm_postgresql_server": (_public, bad_values("ssl_enforcement_enabled", (False,), "SEC-024", _plain)),
    "azurerm_mysql_server": (_public, bad_values("ssl_enforcement_enabled", (False,), "SEC-024", _plain)),
    "azurerm_postgresql_flexible_server": (_public,),
    "azurerm_cosmosdb_account": (_public,),
    "azurerm_container_registry": (_public,),
    "azurerm_redis_cache": (_minimum_tls, bad_values("enable_non_ssl_port", (True,), "SEC-017", "takes plain text")),
    "azurerm_linux_virtual_machine": (_passwords,),
    "azurerm_linux_virtual_machine_scale_set": (_passwords,),
    "azurerm_kubernetes_cluster": (
        bad_values("role_based_access_control_enabled", (False,), "SEC-036", "turns role-based access off"),
        _cluster_api,
    ),
    "azurerm_key_vault": (off_unless_true("purge_protection_enabled", "SEC-038", "can be purged"),),
    "azurerm_role_assignment": (bad_values("role_definition_name", ("Owner",), "SEC-039", "grants the role Owner"),),
    "azurerm_role_definition": (within(("permissions",), _role_actions),),
    "azurerm_managed_disk": (
        within(("encryption_settings",), bad_values("enabled", (False,), "SEC-004", "is not encrypted")),
    ),
    **{
        f"azurerm_{app}": (_https,)
        for app in ("linux_web_app", "windows_web_app", "linux_function_app", "windows_function_app", "app_service")
    },
}
"""Resource type → its checks."""
