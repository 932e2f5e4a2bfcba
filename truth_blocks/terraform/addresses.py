"""What blocks say about other blocks: moved, removed and imported addresses, and the provider configurations in use."""

from collections.abc import Iterator

from truth_blocks.terraform.model import (
    Attribute,
    Block,
    Expression,
    ListValue,
    ObjectValue,
    ParsedFile,
    Traversal,
    literal_text,
)
from truth_blocks.terraform.references import Declared
from truth_blocks.terraform.survey import Survey

_ADDRESSES = {"moved": ("from", "to"), "removed": ("from",), "import": ("to",)}
_GONE = {"moved": "moved", "removed": "removed"}
"""Blocks whose ``from`` must no longer be declared, and the word for what happened to it."""


def check_addresses(survey: Survey, files: list[ParsedFile], declared: Declared) -> None:
    """Hold ``moved``, ``removed`` and ``import`` blocks against what the module declares."""
    for file in files:
        survey.file = file.name
        for block in file.body.blocks:
            for name in _ADDRESSES.get(block.type, ()):
                attribute = block.attribute(name)
                if attribute is not None:
                    _check_address(survey, block, attribute, declared)
            if block.type == "import":
                _check_identity(survey, block)


def _check_identity(survey: Survey, block: Block) -> None:
    given = [name for name in ("id", "identity") if block.attribute(name)]
    if not given:
        survey.error("missing-argument", block, "an import block needs `id` (string) or `identity`", "id")
    elif len(given) == 2:
        survey.error("conflicting-arguments", block, "`id` and `identity` exclude each other", "one of the two")


def _check_address(survey: Survey, block: Block, attribute: Attribute, declared: Declared) -> None:
    value = attribute.value
    if not isinstance(value, Traversal) or not value.steps:
        message = f"`{attribute.name}` of a {block.type} block is an address such as aws_instance.web"
        survey.error("invalid-reference", attribute, message, "an address without quotes")
        return
    names = [step for step in (value.root, *value.steps) if step not in ("[]", "[*]")]
    gone = attribute.name == "from" and block.type in _GONE and "[]" not in value.steps and len(names) == 2
    if gone and names[1] in declared.types["resource"].get(names[0], {}):
        message = f"{names[0]}.{names[1]} is {_GONE[block.type]} here and still declared"
        survey.error("still-declared", attribute, message, "no resource block of that name")


def check_provider_configurations(survey: Survey, files: list[ParsedFile]) -> None:
    """Every ``provider = aws.east`` needs a provider block with that alias, or a ``configuration_aliases`` entry."""
    known = set(_configurations(files))
    for file in files:
        survey.file = file.name
        for block in file.body.blocks:
            for value in _uses(block):
                if isinstance(value, Traversal) and len(value.steps) == 1 and (value.root, value.steps[0]) not in known:
                    name = f"{value.root}.{value.steps[0]}"
                    message = f'{name} is used but no provider "{value.root}" has the alias "{value.steps[0]}"'
                    survey.error("undeclared-provider", value, message, "a declared provider configuration")


def _uses(block: Block) -> Iterator[Expression]:
    if block.type in ("resource", "data", "ephemeral", "import"):
        chosen = block.attribute("provider")
        if chosen is not None:
            yield chosen.value
    elif block.type == "module":
        passed = block.attribute("providers")
        if passed is not None and isinstance(passed.value, ObjectValue):
            yield from (item.value for item in passed.value.items)


def _configurations(files: list[ParsedFile]) -> Iterator[tuple[str, str]]:
    for block in (block for file in files for block in file.body.blocks):
        if block.type == "provider" and block.labels:
            alias = block.attribute("alias")
            yield block.labels[0], (literal_text(alias.value) or "") if alias else ""
        for required in (each for each in block.blocks if each.type == "required_providers"):
            for entry in required.attributes:
                if isinstance(entry.value, ObjectValue):
                    yield from _aliases(entry.value)


def _aliases(entry: ObjectValue) -> Iterator[tuple[str, str]]:
    for item in entry.items:
        if item.key == "configuration_aliases" and isinstance(item.value, ListValue):
            for each in item.value.items:
                if isinstance(each, Traversal) and each.steps:
                    yield each.root, each.steps[0]
