"""The variables of the recipes for Google Cloud, Azure and Kubernetes, where they differ from those for AWS."""

from collections.abc import Mapping

from truth_blocks.terraform.variables import Variable

_IMAGE = Variable(
    "string",
    "Container image",
    pattern=r"\bimage [`'\"]?([a-z0-9][\w./-]*(?::[\w.-]+)?)",
    question="which image should run?",
)
_NETWORK_CIDR = Variable(
    "string", "Address range of the network", '"10.0.0.0/16"', r"\b(\d{1,3}(?:\.\d{1,3}){3}/\d{1,2})"
)
_CRON = Variable(
    "string",
    "When to run, as cron writes it",
    pattern=r"(?<![\w*/])((?:[\d*][\d*/,-]* ){4}[\d*](?:[\d*/,-]*[\d*])?)",
    question="when should it run (as cron writes it)?",
)
_TARGET = Variable(
    "string", "Address that is called", pattern=r"(https://[\w./?=&%-]+)", question="which address should be called?"
)
_GOOGLE: Mapping[str, Variable] = {
    "project": Variable(
        "string",
        "Google Cloud project",
        pattern=r"\bproject (?:id )?([a-z][a-z0-9-]{4,28}[a-z0-9])\b",
        question="in which project?",
    ),
    "region": Variable(
        "string",
        "Google Cloud region",
        pattern=r"\b((?:us|europe|asia|australia|southamerica|northamerica|me|africa)-(?:north|south|east|west|central|northeast|southeast)+\d)(?:-[a-f])?\b",
        question="in which region should this run?",
    ),
    "zone": Variable(
        "string",
        "Zone inside the region",
        pattern=r"\b((?:us|europe|asia|australia|southamerica|northamerica|me|africa)-(?:north|south|east|west|central|northeast|southeast)+\d-[a-f])\b",
        question="in which zone?",
    ),
    "machine_type": Variable(
        "string",
        "Size of the machine",
        '"e2-small"',
        r"\b((?:e2|n1|n2d?|n4|c2d?|c3d?|c4|t2d|m[1-4])-[a-z]+(?:-\d+)?)\b",
    ),
    "network_id": Variable("string", "Network", question="in which network?"),
    "network_name": Variable("string", "Name of the network", question="in which network (by name)?"),
    "subnet_id": Variable("string", "Subnet", question="in which subnet?"),
    "network_cidr": _NETWORK_CIDR,
    "database_version": Variable(
        "string",
        "Database engine and version, for example POSTGRES_17",
        question="which engine and version (POSTGRES_17, MYSQL_8_4 …)?",
    ),
    "database_tier": Variable("string", "Size of the database machine", '"db-custom-1-3840"', r"\b(db-[a-z0-9-]+)\b"),
    "runtime": Variable(
        "string",
        "Runtime of the function",
        '"python313"',
        r"\b(python3\d{1,2}|nodejs\d{2}|go1\d{2}|java\d{2}|ruby3\d|dotnet\d)\b",
    ),
    "handler": Variable("string", "Function that is called", '"main"'),
    "memory_mb": Variable("number", "Memory in MB", "256", r"\b(\d{3,5}) ?(?:mb|mib)\b"),
    "timeout_seconds": Variable("number", "Longest run in seconds", "60", r"\b(\d{1,3}) ?(?:s|sec|seconds)\b"),
    "image": _IMAGE,
    "admin_cidrs": Variable(
        "list(string)",
        "Networks that administer the cluster",
        question="from which networks is the cluster administered?",
    ),
    "instance_group": Variable(
        "string", "Group of machines behind the load balancer", question="which instance group stands behind it?"
    ),
    "role": Variable(
        "string", "Role of the account", pattern=r"\b(roles/[\w.]+)\b", question="which role does the account need?"
    ),
    "permissions": Variable(
        "list(string)", "Permissions of the role", question="which permissions does the role hold?"
    ),
    "billing_account": Variable("string", "Billing account", question="which billing account?"),
    "metric_filter": Variable(
        "string", "Filter that names the metric and the resource", question="which metric, as a monitoring filter?"
    ),
    "cron": _CRON,
    "target_uri": _TARGET,
    "cache_gb": Variable("number", "Memory of the cache in GB", "1", r"\b(\d{1,3}) ?(?:gb|gib)\b"),
}
_AZURERM: Mapping[str, Variable] = {
    "subscription_id": Variable(
        "string",
        "Azure subscription",
        pattern=r"\b([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b",
        question="in which subscription?",
    ),
    "location": Variable(
        "string",
        "Azure region",
        pattern=r"\b((?:west|north|east|central)(?:europe|us\d?)|germanywestcentral|uksouth|ukwest|swedencentral|francecentral|switzerlandnorth|norwayeast|japaneast|southeastasia|australiaeast)\b",
        question="in which region should this run?",
    ),
    "machine_size": Variable("string", "Size of the machines", '"Standard_B2s_v2"', r"\b(standard_[a-z]+\d+\w*)\b"),
    "ssh_public_key": Variable(
        "string", "Public SSH key of the people who sign in", question="which public SSH key signs in?"
    ),
    "subnet_id": Variable("string", "Subnet", question="in which subnet?"),
    "network_cidr": _NETWORK_CIDR,
    "database_version": Variable("string", "Version of PostgreSQL", '"17"', r"\bpostgres(?:ql)? ?(1\d)\b"),
    "database_size": Variable(
        "string", "Size of the database machine", '"B_Standard_B1ms"', r"\b((?:b|gp|mo)_standard_\w+)\b"
    ),
    "admin_object_id": Variable(
        "string",
        "Object id of the Entra group that administers the database",
        question="which Entra group administers the database (object id)?",
    ),
    "admin_name": Variable("string", "Name of that Entra group", question="what is that group called?"),
    "database_password": Variable(
        "string",
        "Password of the administrator",
        question="give it in the environment, never in a file.",
        sensitive=True,
    ),
    "database_subnet_id": Variable(
        "string", "Subnet delegated to the database", question="which subnet is delegated to the database?"
    ),
    "private_dns_zone_id": Variable("string", "Private DNS zone of the database", question="which private DNS zone?"),
    "python_version": Variable("string", "Version of Python", '"3.12"', r"\bpython ?(3\.\d{1,2})\b"),
    "plan_size": Variable("string", "Size of the plan", '"B1"', r"\b([bsp]\dv?\d?)\b plan"),
    "image": _IMAGE,
    "actions": Variable("list(string)", "Actions that are allowed", question="which actions are allowed?"),
    "role_name": Variable("string", "Role of the identity", question="which role does the identity need?"),
    "secret_value": Variable(
        "string", "Value of the secret", question="give it in the environment, never in a file.", sensitive=True
    ),
    "budget_amount": Variable(
        "number",
        "Limit a month, in the currency of the subscription",
        pattern=r"(?:[$€] ?|usd ?|eur ?)(\d{1,7})\b|\b(\d{1,7}) ?(?:usd|dollars?|\$|eur|euros?|€)",
        question="how much a month?",
    ),
    "budget_start": Variable(
        "string",
        "First day of the first month, as 2030-01-01T00:00:00Z",
        question="from which month on (its first day)?",
    ),
    "watched_resource_id": Variable(
        "string", "Resource whose metric is watched", question="which resource should be watched?"
    ),
    "target_uri": _TARGET,
    "retention_days": Variable(
        "number",
        "Days that logs are kept",
        "30",
        r"\b(?:retention(?: of)?|keep(?:ing|s)?(?: for)?|for) (\d{1,4}) days?\b",
    ),
}
_KUBERNETES: Mapping[str, Variable] = {
    "kubeconfig_path": Variable("string", "Path of the kubeconfig file", '"~/.kube/config"'),
    "namespace": Variable(
        "string",
        "Namespace",
        pattern=r"\bnamespace [`'\"]?([a-z0-9][a-z0-9-]{0,60}[a-z0-9])\b",
        question="in which namespace?",
    ),
    "image": _IMAGE,
    "entries": Variable("map(string)", "Entries of the config map", question="which entries?"),
    "secret_entries": Variable(
        "map(string)",
        "Entries of the secret",
        question="give them in the environment, never in a file.",
        sensitive=True,
    ),
    "cron": _CRON,
    "ingress_class": Variable(
        "string",
        "Class of the ingress controller",
        pattern=r"\b(nginx|traefik|haproxy|contour)\b",
        question="which ingress controller?",
    ),
    "tls_secret": Variable(
        "string", "Secret that holds the certificate", question="which secret holds the certificate?"
    ),
    "service_name": Variable("string", "Service behind the ingress", question="which service stands behind it?"),
    "chart": Variable(
        "string",
        "Chart",
        pattern=r"\bcharts? (?:for |of |called |named )?[`'\"]?([a-z][a-z0-9-]+)",
        question="which chart?",
    ),
    "chart_repository": Variable(
        "string", "Repository of the chart", pattern=r"((?:https|oci)://[\w./-]+)", question="from which repository?"
    ),
    "chart_version": Variable(
        "string",
        "Version of the chart",
        pattern=r"\bversion v?(\d+\.\d+\.\d+)\b",
        question="which version of the chart?",
    ),
    "readable_resources": Variable(
        "list(string)", "Kinds of objects the account may read", question="which kinds of objects may it read?"
    ),
}
CLOUD_VARIABLES: Mapping[str, Mapping[str, Variable]] = {
    "google": _GOOGLE,
    "azurerm": _AZURERM,
    "kubernetes": _KUBERNETES,
}
"""Provider → its variables; what is not here is common to all."""
