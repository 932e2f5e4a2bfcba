"""Curated recipes: files of Terraform under ``recipes/``, with their meaning in the comment lines on top."""

import re
from functools import cache
from pathlib import Path

import msgspec

FOLDER = Path(__file__).parent / "recipes"
_VARIABLE = re.compile(r"\bvar\.(\w+)")
_TYPE = re.compile(r'^(resource|data) "(\w+)"', re.M)
LINKS: dict[str, dict[str, str]] = {
    "vpc": {
        "vpc_id": "aws_vpc.recipe_name.id",
        "subnet_id": "aws_subnet.recipe_name_private[0].id",
        "subnet_ids": "aws_subnet.recipe_name_private[*].id",
        "public_subnet_ids": "aws_subnet.recipe_name_public[*].id",
    },
    "security_group": {"security_group_ids": "[aws_security_group.recipe_name.id]"},
    "topic": {"topic_arn": "aws_sns_topic.recipe_name.arn"},
    "certificate": {"certificate_arn": "aws_acm_certificate.recipe_name.arn"},
    "function": {"target_arn": "aws_lambda_function.recipe_name.arn"},
    "registry": {"image": '"${aws_ecr_repository.recipe_name.repository_url}:latest"'},
}
"""Recipe → variables of other recipes that it supplies when both are asked for."""


class Output(msgspec.Struct, frozen=True):
    """One output value."""

    name: str
    value: str
    description: str


class Recipe(msgspec.Struct, frozen=True):
    """One recipe; ``recipe_name`` in its text stands for the label."""

    name: str
    makes: str
    assumes: tuple[str, ...]
    asks: tuple[str, ...]
    outputs: tuple[Output, ...]
    body: str

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the variables it uses, in order of appearance."""
        return tuple(dict.fromkeys(_VARIABLE.findall(self.body)))

    @property
    def types(self) -> tuple[tuple[str, str], ...]:
        """(resource or data, type name) of everything it makes or looks up."""
        return tuple(dict.fromkeys(_TYPE.findall(self.body)))


@cache
def recipe(name: str) -> Recipe:
    """The recipe of a kind."""
    lines = (FOLDER / f"{name}.tf").read_text("utf-8").split("\n")
    head = [line[2:] for line in lines if line.startswith("# ")]
    body = "\n".join(lines[len(head) :]).strip() + "\n"
    facts: dict[str, list[str]] = {"makes": [], "assumes": [], "asks": [], "output": []}
    for line in head:
        key, _, value = line.partition(": ")
        facts[key].append(value)
    outputs = tuple(Output(*(part.strip() for part in line.split(" | "))) for line in facts["output"])
    return Recipe(name, facts["makes"][0], tuple(facts["assumes"]), tuple(facts["asks"]), outputs, body)


@cache
def recipe_names() -> tuple[str, ...]:
    """All recipes, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.tf")))


def link(body: str, chosen: "list[Recipe]") -> str:
    """A recipe's text with the variables that the other chosen recipes supply replaced by references."""
    for other in chosen:
        for variable, reference in LINKS.get(other.name, {}).items():
            if variable not in other.variables:
                body = re.sub(rf"\bvar\.{variable}\b", reference.replace("\\", r"\\"), body)
    return re.sub(r"\[(aws_\w+\.\w+)\[\*\]\.id\[count\.index\]", r"[\1[count.index].id", body)
