"""Who can reach what: security group rules open to everyone, and policies that allow or trust everyone."""

import json
import re
from collections.abc import Iterator
from typing import Any

from truth_blocks.terraform.model import (
    Attribute,
    Block,
    Call,
    Expression,
    ListValue,
    Literal,
    ObjectValue,
    literal_text,
)
from truth_blocks.terraform.survey import Placed

EVERYONE = frozenset({"0.0.0.0/0", "::/0"})
ADMIN_PORTS = {22: "SSH", 23: "Telnet", 3389: "RDP", 5900: "VNC", 2375: "Docker", 5985: "WinRM", 5986: "WinRM"}
DATABASE_PORTS = {1433, 1521, 3306, 5432, 6379, 9200, 11211, 27017}
_EXPRESSION = object()
"""Stands for a value that only an expression knows; it equals nothing."""
_POLICY_ARGUMENTS = ("policy", "assume_role_policy", "inline_policy", "access_policy")


def open_ports(block: Block) -> Iterator[tuple[str, Placed, str]]:
    """Ingress from everyone to administration ports, database ports, or all ports."""
    resource = block.labels[0]
    if resource == "aws_security_group_rule":
        kind = block.attribute("type")
        rules = [block] if kind is not None and literal_text(kind.value) == "ingress" else []
    elif resource == "aws_vpc_security_group_ingress_rule":
        rules = [block]
    else:
        rules = [*block.children("ingress"), *_ingress_objects(block)]
    for rule in rules:
        cidr = next((each for each in _cidrs(rule) if each in EVERYONE), None)
        if cidr is not None:
            yield from _ports(rule, cidr)


def _ingress_objects(block: Block) -> Iterator[Block]:
    """``ingress = [{ … }]`` read as blocks."""
    ingress = block.attribute("ingress")
    for item in ingress.value.items if ingress and isinstance(ingress.value, ListValue) else ():
        if isinstance(item, ObjectValue):
            attributes = [Attribute(e.key, e.value, e.line, e.column) for e in item.items if e.key is not None]
            yield Block("ingress", (), attributes, [], item.line, item.column)


def _cidrs(rule: Block) -> Iterator[str]:
    for name in ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"):
        attribute = rule.attribute(name)
        if attribute is None:
            continue
        values = attribute.value.items if isinstance(attribute.value, ListValue) else (attribute.value,)
        yield from (text for text in map(literal_text, values) if text is not None)


def _ports(rule: Block, cidr: str) -> Iterator[tuple[str, Placed, str]]:
    protocol = rule.attribute("protocol") or rule.attribute("ip_protocol")
    if protocol is not None and isinstance(protocol.value, Literal) and str(protocol.value.value) in ("-1", "all"):
        yield "SEC-003", rule, f"opens all ports to {cidr}"
        return
    first, last = _port(rule, "from_port"), _port(rule, "to_port")
    if first is None or last is None:
        return
    yield from opened(first, last, rule, cidr)


def opened(first: int, last: int, at: Placed, cidr: str) -> Iterator[tuple[str, Placed, str]]:
    """The worst that a range of ports opens: all of them, an administration port, a database port."""
    if first <= 0 and last >= 65_535:
        yield "SEC-003", at, f"opens all ports to {cidr}"
        return
    for port in sorted(ADMIN_PORTS.keys() | DATABASE_PORTS):
        if first <= port <= last:
            code = "SEC-007" if port in ADMIN_PORTS else "SEC-008"
            yield code, at, f"opens port {port} to {cidr}"
            return


def port_range(text: str) -> tuple[int, int] | None:
    """``"22"``, ``"8000-9000"`` or ``"*"`` as first and last port; None for anything else."""
    if text == "*":
        return 0, 65_535
    match = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", text)
    return (int(match[1]), int(match[2] or match[1])) if match else None


def _port(rule: Block, name: str) -> int | None:
    attribute = rule.attribute(name)
    value = attribute.value.value if attribute and isinstance(attribute.value, Literal) else None
    text = str(value) if isinstance(value, int | str) else ""
    return int(text) if re.fullmatch(r"-?[0-9]{1,6}", text) else None


def policy_problems(block: Block) -> Iterator[tuple[str, Placed, str]]:
    """Statements that allow every action on everything, or trust everyone without a condition."""
    if block.labels[0] == "aws_iam_policy_document":
        for statement in block.children("statement"):
            yield from _judge(_statement_of(statement), statement, trust=True)
        return
    for name in _POLICY_ARGUMENTS:
        attribute = block.attribute(name)
        document = _document(attribute.value) if attribute else None
        if attribute is None or not isinstance(document, dict):
            continue
        statements = document.get("Statement", [])
        for statement in statements if isinstance(statements, list) else [statements]:
            if isinstance(statement, dict):
                yield from _judge(statement, attribute, trust=True)


def _judge(statement: dict[str, Any], at: Placed, trust: bool) -> Iterator[tuple[str, Placed, str]]:
    if statement.get("Effect", "Allow") != "Allow":
        return
    if _has_star(statement.get("Action")) and _has_star(statement.get("Resource")):
        yield "SEC-009", at, "allows every action on every resource"
    principal = statement.get("Principal")
    everyone = _has_star(principal) or (isinstance(principal, dict) and any(map(_has_star, principal.values())))
    if trust and everyone and not statement.get("Condition"):
        yield "SEC-010", at, "trusts everyone"


def _has_star(value: Any) -> bool:
    return value in ("*", "*:*") or (isinstance(value, list) and any(each in ("*", "*:*") for each in value))


def _statement_of(block: Block) -> dict[str, Any]:
    """A ``statement`` block of a policy document in the words of the JSON policy."""
    names = {"effect": "Effect", "actions": "Action", "resources": "Resource"}
    statement = {names[each.name]: _plain(each.value) for each in block.attributes if each.name in names}
    for principals in block.children("principals"):
        identifiers = principals.attribute("identifiers")
        statement["Principal"] = _plain(identifiers.value) if identifiers else None
    if block.children("condition"):
        statement["Condition"] = True
    return statement


def _document(value: Expression) -> Any:
    """A policy written with ``jsonencode`` or as JSON text; None when it is neither."""
    if isinstance(value, Call) and value.name == "jsonencode" and value.arguments:
        return _plain(value.arguments[0])
    text = literal_text(value)
    if text is None or len(text) > 100_000 or not text.lstrip().startswith("{"):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _plain(value: Expression) -> Any:
    """The value of a literal structure; what is computed becomes a thing that equals nothing."""
    if isinstance(value, Literal):
        return value.value
    if isinstance(value, ListValue):
        return [_plain(item) for item in value.items]
    if isinstance(value, ObjectValue):
        return {item.key: _plain(item.value) for item in value.items if item.key is not None}
    return _EXPRESSION
