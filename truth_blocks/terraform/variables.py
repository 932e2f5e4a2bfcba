"""The variables that recipes use: what each means, and how a request may give its value."""

import re
from typing import Literal

import msgspec

Type = Literal["string", "number", "list(string)", "map(string)"]


class Variable(msgspec.Struct, frozen=True):
    """One input. Without a ``default`` and without a value in the request it becomes a question."""

    type: Type
    description: str
    default: str | None = None
    """As written in Terraform, quotes included."""
    pattern: str = ""
    """Finds the value in a lower-case request; the first group is the value."""
    question: str = ""
    sensitive: bool = False
    """True for a secret: its value comes from the environment or a secrets store, never from a request."""


_CIDR = r"(\d{1,3}(?:\.\d{1,3}){3}/\d{1,2})"
VARIABLES: dict[str, Variable] = {
    "region": Variable(
        "string",
        "AWS region",
        pattern=r"\b((?:us|eu|ap|sa|ca|me|af|il|mx)-(?:north|south|east|west|central|northeast|southeast)+-\d)[a-f]?\b",
        question="in which region should this run?",
    ),
    "name": Variable(
        "string",
        "Name of what is made here",
        pattern=r"\b(?:called|named|with the name|name:)\s+[`'\"]?([a-z0-9][a-z0-9_-]{0,50}[a-z0-9]|[a-z0-9])(?![\w-])",
        question="what should it be called?",
    ),
    "instance_type": Variable(
        "string",
        "Size of the machine",
        '"t3.micro"',
        r"\b([a-z]{1,3}\d[a-z]{0,4}\.(?:nano|micro|small|medium|\d*x?large))\b",
    ),
    "subnet_id": Variable("string", "Subnet of the machine", question="in which subnet should the machine stand?"),
    "subnet_ids": Variable("list(string)", "Private subnets", question="which private subnets should be used?"),
    "public_subnet_ids": Variable("list(string)", "Public subnets", question="which public subnets should be used?"),
    "vpc_id": Variable("string", "Network (VPC)", question="in which network (VPC)?"),
    "security_group_ids": Variable(
        "list(string)", "Security groups that decide who may connect", question="which security groups should apply?"
    ),
    "disk_gb": Variable(
        "number", "Size of the disk in GB", "20", r"\b(\d{1,5}) ?(?:gb|gib)\b(?! (?:of )?(?:memory|ram))"
    ),
    "vpc_cidr": Variable("string", "Address range of the network", '"10.0.0.0/16"', rf"{_CIDR}"),
    "port": Variable("number", "Port that is opened", None, r"\bports? (\d{1,5})\b", "which port should be opened?"),
    "allowed_cidrs": Variable(
        "list(string)", "Networks that may connect", None, rf"\bfrom {_CIDR}", "which networks may connect?"
    ),
    "database_engine": Variable(
        "string", "Database engine", None, r"\b(postgres|mysql|mariadb)", "PostgreSQL, MySQL or MariaDB?"
    ),
    "database_class": Variable("string", "Size of the database machine", '"db.t4g.micro"', r"\b(db\.\w+\.\w+)\b"),
    "backup_days": Variable("number", "Days that backups are kept", "7", r"\b(\d{1,2}) days?(?: of)? backups?\b"),
    "table_key": Variable(
        "string",
        "Name of the key attribute",
        '"id"',
        r"\b(?:hash|partition|primary) key (?:called |named )?[`'\"]?(\w+)",
    ),
    "retention_days": Variable(
        "number",
        "Days that logs are kept",
        "30",
        r"\b(?:retention(?: of)?|keep(?:ing|s)?(?: for)?|for) (\d{1,4}) days?\b",
    ),
    "runtime": Variable(
        "string",
        "Runtime of the function",
        '"python3.13"',
        r"\b(python3\.\d{1,2}|nodejs\d{2}\.x|java\d{2}|ruby3\.\d|dotnet\d{1,2}|provided\.al2023)\b",
    ),
    "handler": Variable("string", "Entry point of the code", '"main.handler"'),
    "code_zip": Variable(
        "string", "Path of the zip file with the code", question="where is the zip file with the code?"
    ),
    "memory_mb": Variable("number", "Memory in MB", "128", r"\b(\d{3,5}) ?(?:mb|mib)\b"),
    "timeout_seconds": Variable("number", "Longest run in seconds", "10", r"\b(\d{1,3}) ?(?:s|sec|seconds)\b"),
    "email": Variable(
        "string",
        "Who is notified",
        pattern=r"([\w.+-]+@[\w-]+(?:\.[\w-]+)+)",
        question="which e-mail address should be notified?",
    ),
    "trusted_service": Variable(
        "string",
        "Service that may take the role",
        pattern=r"\b([a-z0-9-]+\.amazonaws\.com)\b",
        question="which service takes the role?",
    ),
    "policy_arns": Variable("list(string)", "Policies of the role", question="which policies does the role need?"),
    "actions": Variable("list(string)", "Actions that are allowed", question="which actions are allowed?"),
    "resource_arns": Variable("list(string)", "Resources the actions apply to", question="on which resources?"),
    "domain": Variable(
        "string",
        "Domain name",
        pattern=r"(?<![\w@.])((?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|app|de|eu|uk|fr|nl|ch|at|example|test|info|cloud))\b",
        question="which domain?",
    ),
    "addresses": Variable(
        "list(string)", "Addresses the name points to", question="to which addresses should the name point?"
    ),
    "target_port": Variable("number", "Port that the application listens on", "8080", r"\bports? (\d{1,5})\b"),
    "certificate_arn": Variable("string", "Certificate (ARN)", question="which certificate should be used?"),
    "image": Variable("string", "Container image", question="which image should run?"),
    "budget_usd": Variable(
        "string",
        "Limit in US dollars a month",
        pattern=r"(?:\$ ?|usd ?)(\d{1,7})\b|\b(\d{1,7}) ?(?:usd|dollars?|\$)",
        question="how many US dollars a month?",
    ),
    "origin_domain": Variable(
        "string", "Domain name of the origin", question="which server does the content come from?"
    ),
    "cache_class": Variable("string", "Size of the cache machine", '"cache.t4g.micro"', r"\b(cache\.\w+\.\w+)\b"),
    "metric_namespace": Variable("string", "Namespace of the metric", question="which namespace holds the metric?"),
    "metric_name": Variable("string", "Name of the metric", question="which metric should be watched?"),
    "threshold": Variable("number", "Value from which on the alarm rings", question="from which value on?"),
    "topic_arn": Variable("string", "Topic that is notified (ARN)", question="which topic should be notified?"),
    "schedule": Variable("string", "When to run", None, r"\b((?:rate|cron)\([\w ,*?/-]+\))", "when should it run?"),
    "target_arn": Variable("string", "What is called (ARN)", question="what should be called?"),
    "availability_zone": Variable(
        "string",
        "Availability zone",
        pattern=r"\b((?:us|eu|ap|sa|ca|me|af|il|mx)-(?:north|south|east|west|central|northeast|southeast)+-\d[a-f])\b",
        question="in which availability zone?",
    ),
    "role_arn": Variable("string", "Role that may call the target (ARN)", question="which role may call it?"),
}


def variable(name: str, provider: str) -> Variable | None:
    """What a variable means on one cloud; None when no recipe uses it."""
    from truth_blocks.terraform.variables_clouds import CLOUD_VARIABLES

    return CLOUD_VARIABLES.get(provider, {}).get(name) or VARIABLES.get(name)


def given_value(variable: Variable, request: str) -> str | None:
    """The value a request gives for a variable, as written in Terraform; None when it says nothing."""
    if not variable.pattern or variable.sensitive:
        return None
    match = re.search(variable.pattern, request, re.I)
    if match is None:
        return None
    value = next(group for group in match.groups() if group is not None)
    if variable.type == "number":
        return str(int(value))
    quoted = f'"{value.lower()}"'
    return f"[{quoted}]" if variable.type == "list(string)" else quoted
