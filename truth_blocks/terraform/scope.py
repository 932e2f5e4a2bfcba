"""Names that Terraform binds in places: ``each``, ``count``, ``self``, ``path``, ``terraform``."""

from typing import NamedTuple

from truth_blocks.terraform.findings import did_you_mean
from truth_blocks.terraform.model import Block, Expression, ListValue, Literal, ObjectValue, Traversal, literal_text
from truth_blocks.terraform.survey import Survey

_REPEATED = frozenset({"resource", "data", "module", "ephemeral"})
"""Blocks that ``count`` and ``for_each`` can repeat; elsewhere what is not known is left alone."""
_PLAIN = frozenset({"output", "locals", "variable"})
_SELF = frozenset({"provisioner", "connection", "postcondition"})
_MEMBERS = {
    "each": ("key", "value"),
    "count": ("index",),
    "path": ("module", "root", "cwd"),
    "terraform": ("workspace", "env", "applying"),
}


class Place(NamedTuple):
    """Where an expression stands."""

    top: Block
    """The top-level block around it."""
    inside: frozenset[str]
    """Types of the nested blocks around it."""
    argument: str
    """The argument of the top-level block that holds it, ``""`` in a nested block."""


def check_bound_name(survey: Survey, value: Traversal, place: Place) -> None:
    """Hold ``each``, ``count``, ``self``, ``path`` and ``terraform`` against the place where they stand."""
    root = value.root
    if root in ("each", "count"):
        argument = "for_each" if root == "each" else "count"
        repeats = place.top.attribute(argument) is not None and place.argument not in ("count", "for_each")
        if place.top.type in _PLAIN or (place.top.type in _REPEATED and not repeats):
            message = f"`{root}` has a value only in a block with `{argument}`"
            survey.error(f"misplaced-{root}", value, message, f"{argument} = … in the block")
            return
    elif root == "self":
        if not place.inside & _SELF and place.top.type in _REPEATED | _PLAIN:
            message = "`self` has a value only in a provisioner, a connection or a postcondition"
            survey.error("misplaced-self", value, message, "the address of the resource")
        return
    known = _MEMBERS.get(root)
    if known and value.steps and value.steps[0] not in (*known, "[]", "[*]"):
        suggestion = survey.nearest(value.steps[0], known)
        message = f"`{root}` has no attribute `{value.steps[0]}`{did_you_mean(suggestion)}"
        survey.error("unknown-attribute", value, message, " or ".join(f"{root}.{each}" for each in known), suggestion)


def check_repetition(survey: Survey, block: Block) -> None:
    """The arguments that Terraform itself reads on a resource, data source or module call."""
    count, each = block.attribute("count"), block.attribute("for_each")
    if count and each:
        survey.error("conflicting-arguments", block, "`count` and `for_each` exclude each other", "one of the two")
    if count and _not_a_number(count.value):
        survey.error("wrong-type", count.value, "`count` is a whole number", "number")
    if each and (
        isinstance(each.value, ListValue) or (isinstance(each.value, Literal) and each.value.value is not None)
    ):
        found = "a list: wrap it in toset(…)" if isinstance(each.value, ListValue) else "a plain value"
        survey.error("wrong-type", each.value, f"`for_each` is a map or a set of strings, found {found}", "toset([…])")
    depends = block.attribute("depends_on")
    if depends and not isinstance(depends.value, ListValue):
        survey.error("wrong-type", depends.value, "`depends_on` is a list of addresses", "[aws_vpc.main]")


def _not_a_number(value: Expression) -> bool:
    if isinstance(value, ListValue | ObjectValue):
        return True
    text = literal_text(value)
    return isinstance(value, Literal) and (isinstance(value.value, bool) or (text is not None and not text.isdigit()))
