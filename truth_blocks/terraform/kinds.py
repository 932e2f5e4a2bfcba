"""What a request is about, by plain rule: kinds of resource people name, and what would satisfy each."""

import re
from functools import cache

import msgspec

from truth_blocks.terraform.model import Block, ParsedFile


class Kind(msgspec.Struct, frozen=True):
    """A kind of thing people ask for. ``types`` satisfy it, ``recipe`` drafts it."""

    name: str
    words: str
    """A regular expression over lower-case text."""
    types: tuple[str, ...]
    recipe: str


def _kind(name: str, words: str, types: str, recipe: str = "") -> Kind:
    return Kind(name, words, tuple(f"aws_{each}" for each in types.split()), recipe or name)


KINDS = (
    _kind("website", r"static (web)?site|website", "s3_bucket cloudfront_distribution amplify_app"),
    _kind("bucket", r"buckets?|object stor(e|age)", "s3_bucket s3_directory_bucket s3tables_table_bucket"),
    _kind("cluster_kubernetes", r"eks|kubernetes( cluster)?|k8s", "eks_cluster"),
    _kind("cluster_containers", r"ecs|fargate|container (cluster|service)", "ecs_cluster ecs_service"),
    _kind("vpc", r"vpcs?|(private |virtual )?networks? with|subnets?", "vpc default_vpc subnet"),
    _kind("security_group", r"security groups?|firewall rules?", "security_group default_security_group"),
    _kind(
        "database",
        r"(postgres(ql)?|mysql|mariadb|rds|db|(sql |relational )?databases?)( (instance|server|database|cluster)s?)*",
        "db_instance rds_cluster",
    ),
    _kind("table", r"dynamo ?db( tables?)?", "dynamodb_table dynamodb_global_table"),
    _kind("function", r"lambdas?( functions?)?|serverless functions?", "lambda_function"),
    _kind("queue", r"sqs|(message )?queues?", "sqs_queue mq_broker"),
    _kind("topic", r"sns|(notification )?topics?", "sns_topic"),
    _kind("role", r"iam roles?", "iam_role iam_service_linked_role"),
    _kind("policy", r"iam polic(y|ies)", "iam_policy iam_role_policy iam_user_policy iam_policy_document"),
    _kind("zone", r"dns|hosted zones?|route ?53", "route53_zone route53_record"),
    _kind("registry", r"ecr|container registry|image registry|docker registry", "ecr_repository ecrpublic_repository"),
    _kind("balancer", r"load ?balancers?|albs?|nlbs?", "lb alb elb"),
    _kind("budget", r"budgets?|cost alerts?", "budgets_budget"),
    _kind("distribution", r"cloudfront( distributions?)?|cdn|content delivery", "cloudfront_distribution"),
    _kind(
        "cache",
        r"(redis|valkey|elasticache|memcached)( (instance|server|cluster|cache)s?)?",
        "elasticache_replication_group elasticache_cluster elasticache_serverless_cache memorydb_cluster",
    ),
    _kind(
        "instance",
        r"ec2|vms?|virtual machines?|(web ?|linux |ubuntu )?servers?|instances?",
        "instance launch_template spot_instance_request autoscaling_group lightsail_instance",
    ),
    _kind("logs", r"log groups?|cloudwatch logs?", "cloudwatch_log_group"),
    _kind("alarm", r"(cloudwatch )?alarms?", "cloudwatch_metric_alarm cloudwatch_composite_alarm"),
    _kind("key", r"kms( keys?)?|encryption keys?", "kms_key kms_replica_key"),
    _kind("secret", r"secrets? manager( secrets?)?", "secretsmanager_secret ssm_parameter"),
    _kind("filesystem", r"efs|(shared |network )?file ?systems?", "efs_file_system fsx_lustre_file_system"),
    _kind(
        "schedule",
        r"eventbridge|cron jobs?|scheduled (task|job|rule|call)s?",
        "scheduler_schedule cloudwatch_event_rule",
    ),
    _kind("certificate", r"acm|(tls |ssl )?certificates?", "acm_certificate"),
)
"""Order matters: an earlier kind takes its words from the later ones."""
_TYPE = re.compile(r"\baws_[a-z0-9_]+\b")


@cache
def _pattern(kind: Kind) -> "re.Pattern[str]":
    return re.compile(rf"(?<![\w-])(?:{kind.words})(?![\w])")


_NEGATED = re.compile(r"\b(?:without|no|not|existing|already have)\s+(?:an?\s+|any\s+|the\s+|my\s+|in\s+)?$")


_CONTEXT = re.compile(
    r"(\w+)\s+(?:for|of|behind|from|by)\s+(?:(?:my|the|our|an?|its|this|that|all|two|some)\s+)?(?:[\w-]+\s+)?$"
)
_WRITTEN = frozenset(
    {"terraform", "code", "configuration", "config", "file", "files", "module", "setup", "hcl", "tf", "infrastructure"}
)
"""After these words *for* introduces what is wanted: ``terraform for a bucket``."""


def kinds_in(request: str) -> list[Kind]:
    """The kinds a request asks for, in the order of the table.

    Negated and existing things are left out; so is what only explains another (``a bucket for the server's logs``).
    """
    text = _TYPE.sub(" ", request.lower())
    asked, context = [], []
    for kind in KINDS:
        matches = list(_pattern(kind).finditer(text))
        before = [text[: match.start()] for match in matches]
        for match in matches:
            text = text[: match.start()] + " " * len(match[0]) + text[match.end() :]
        wanted = [head for head in before if not _NEGATED.search(head)]
        if any(not _only_explains(head) for head in wanted):
            asked.append(kind)
        elif wanted:
            context.append(kind)
    return asked or context


def _only_explains(head: str) -> bool:
    match = _CONTEXT.search(head)
    return match is not None and match[1] not in _WRITTEN


def types_in(request: str) -> list[str]:
    """Resource types a request names outright: ``aws_sfn_state_machine``."""
    return list(dict.fromkeys(_TYPE.findall(request.lower())))


def missing_kinds(request: str, files: list[ParsedFile]) -> list[Kind]:
    """Kinds that a request names and the files neither make, look up, nor take as a variable."""
    blocks = [block for file in files for block in file.body.blocks]
    if any(block.type == "module" for block in blocks):
        return []
    made = {block.labels[0] for block in blocks if block.type in ("resource", "data") and block.labels}
    variables = " ".join(_words(block) for block in blocks if block.type == "variable")
    return [kind for kind in kinds_in(request) if made.isdisjoint(kind.types) and not _pattern(kind).search(variables)]


def _words(block: Block) -> str:
    return block.labels[0].replace("_", " ").lower() if block.labels else ""
