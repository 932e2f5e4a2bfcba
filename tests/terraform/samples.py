"""Valid modules of the project's own writing, and the block under test."""

from functools import cache
from pathlib import Path

from truth_blocks.contracts import Question, SourceFile
from truth_blocks.terraform import TerraformBlock
from truth_blocks.terraform.critic import ModuleReport, check_module
from truth_blocks.terraform.drafts import read_draft
from truth_blocks.terraform.recipes import recipe_names
from truth_blocks.terraform.schema import Schemas

MODULES = Path(__file__).parent / "modules"
REQUESTS = {
    "alarm": "a cloudwatch alarm",
    "balancer": "a load balancer",
    "bucket": "a private bucket called logs",
    "budget": "a budget of 100 USD",
    "cache": "a redis cluster",
    "certificate": "a TLS certificate for example.com",
    "cluster_containers": "an ECS service on fargate listening on port 8080",
    "cluster_kubernetes": "a kubernetes cluster",
    "database": "a postgres database with 50 GB named orders",
    "distribution": "a cloudfront distribution",
    "filesystem": "a shared file system",
    "function": "a lambda function called resize with 512 MB",
    "instance": "a t3.small VM in eu-west-1",
    "key": "a KMS key",
    "logs": "a log group with retention of 14 days",
    "policy": "an IAM policy",
    "queue": "an SQS queue called jobs",
    "registry": "an ECR registry",
    "role": "an IAM role for ec2.amazonaws.com",
    "schedule": "a cron job, rate(1 hour)",
    "secret": "a secret in secrets manager",
    "security_group": "a security group for port 5432 from 10.1.0.0/16",
    "table": "a DynamoDB table with partition key user",
    "topic": "an SNS topic for ops@example.com",
    "vpc": "a VPC 10.9.0.0/16 with subnets",
    "website": "a static website",
    "zone": "a DNS zone for example.org",
}
"""A request for each recipe."""


@cache
def block() -> TerraformBlock:
    return TerraformBlock()


@cache
def schemas() -> Schemas:
    return Schemas()


def critic(text: str, complete: bool = True) -> ModuleReport:
    return check_module(schemas(), [SourceFile("main.tf", text)], complete)


def drafted(request: str) -> tuple[SourceFile, ...]:
    topic = block().resolve(Question("cloud.plan", {"request": request}))
    return read_draft(block().draft_offline(topic, ())).sources()


@cache
def valid_modules() -> dict[str, str]:
    """Name → the text of a valid module, all files of a draft in one."""
    found = {path.stem: path.read_text() for path in sorted(MODULES.glob("*.tf"))}
    for name in recipe_names():
        found[f"recipe {name}"] = "\n".join(file.content for file in drafted(REQUESTS[name]))
    return found
