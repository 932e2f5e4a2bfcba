"""Type constraints of variables (``map(object({ a = optional(string) }))``), and whether a literal default fits one."""

from collections.abc import Iterator

import msgspec

from truth_blocks.terraform.findings import did_you_mean
from truth_blocks.terraform.model import (
    Block,
    Call,
    Expression,
    ListValue,
    Literal,
    ObjectValue,
    Traversal,
    literal_text,
)
from truth_blocks.terraform.survey import Survey
from truth_blocks.terraform.values import kind_of

_PRIMITIVES = frozenset({"string", "number", "bool", "any"})
_COLLECTIONS = frozenset({"list", "set", "map"})
_WORDS = (*sorted(_PRIMITIVES), *sorted(_COLLECTIONS), "object", "tuple")


class Constraint(msgspec.Struct, frozen=True):
    """A type: its word, what it holds, and for an object its attributes (True: must be given)."""

    word: str
    element: "Constraint | None" = None
    attributes: "dict[str, tuple[Constraint, bool]] | None" = None


ANY = Constraint("any")


def check_variable(survey: Survey, variable: Block) -> None:
    """The type of a variable block, and its default against it."""
    typed = variable.attribute("type")
    if typed is None:
        return
    constraint = _read(survey, typed.value, inside_object=False)
    default = variable.attribute("default")
    if default is None:
        return
    survey.held()
    for value, message in _misfits(default.value, constraint, f"the default of var.{variable.labels[0]}"):
        survey.error("wrong-type", value, message, constraint.word)


def _read(survey: Survey, value: Expression, inside_object: bool) -> Constraint:
    if isinstance(value, Traversal) and not value.steps:
        if value.root in _PRIMITIVES | _COLLECTIONS:
            return Constraint(value.root)
        return _unknown(survey, value, value.root)
    if isinstance(value, Call):
        return _called(survey, value, inside_object)
    text = literal_text(value)
    if text in ("string", "list", "map", "number", "bool", "any"):  # quoted, as before Terraform 0.12
        return Constraint(text)
    return _unknown(survey, value, text or "this expression")


def _called(survey: Survey, call: Call, inside_object: bool) -> Constraint:
    given = call.arguments
    if call.name == "optional":
        if not inside_object:
            survey.error("invalid-type", call, "`optional` stands only around an attribute of an object type", "a type")
        elif not 1 <= len(given) <= 2:
            survey.error("wrong-arity", call, f"`optional` takes a type and a default, found {len(given)}", "1 to 2")
        return _read(survey, given[0], inside_object=False) if given else ANY
    if call.name not in (*_COLLECTIONS, "object", "tuple"):
        return _unknown(survey, call, call.name)
    if len(given) != 1:
        survey.error("wrong-arity", call, f"`{call.name}` takes one argument, found {len(given)}", "1 argument")
        return ANY
    if call.name in _COLLECTIONS:
        return Constraint(call.name, _read(survey, given[0], inside_object=False))
    if call.name == "tuple":
        for each in given[0].items if isinstance(given[0], ListValue) else ():
            _read(survey, each, inside_object=False)
        return Constraint("tuple")
    if not isinstance(given[0], ObjectValue):
        survey.error("invalid-type", call, "`object` takes its attributes in braces", "object({ name = type })")
        return ANY
    attributes = {}
    for item in given[0].items:
        optional = isinstance(item.value, Call) and item.value.name == "optional"
        attributes[item.key or ""] = (_read(survey, item.value, inside_object=True), not optional)
    return Constraint("object", None, attributes)


def _unknown(survey: Survey, value: Expression, name: str) -> Constraint:
    suggestion = survey.nearest(name, _WORDS)
    survey.error(
        "invalid-type",
        value,
        f"`{name}` is not a type{did_you_mean(suggestion)}",
        "string, list(string), …",
        suggestion,
    )
    return ANY


def _misfits(value: Expression, constraint: Constraint, what: str) -> Iterator[tuple[Expression, str]]:
    """Literals that Terraform cannot convert to the type."""
    kind = kind_of(value)
    if not kind or constraint.word == "any" or (isinstance(value, Literal) and value.value is None):
        return
    wanted = {"map": "object", "object": "object", "list": "list", "set": "list", "tuple": "list"}.get(constraint.word)
    if wanted != kind if wanted else kind in ("list", "object"):
        yield value, f"{what} is a {constraint.word}, found {'an' if kind == 'object' else 'a'} {kind}"
    elif not wanted and not _converts(value, constraint.word):
        yield value, f"{what} is a {constraint.word}, found the {kind} {getattr(value, 'value', '')!s:.40}"
    elif isinstance(value, ListValue) and constraint.element:
        for item in value.items:
            yield from _misfits(item, constraint.element, f"an element of {what}")
    elif isinstance(value, ObjectValue):
        yield from _object_misfits(value, constraint, what)


def _object_misfits(value: ObjectValue, constraint: Constraint, what: str) -> Iterator[tuple[Expression, str]]:
    given = {item.key: item.value for item in value.items}
    if constraint.element:
        for item in value.items:
            yield from _misfits(item.value, constraint.element, f"an element of {what}")
    for name, (inner, required) in (constraint.attributes or {}).items():
        if name in given:
            yield from _misfits(given[name], inner, f"`{name}` of {what}")
        elif required and None not in given:
            yield value, f"{what} lacks `{name}` ({inner.word})"


def _converts(value: Expression, word: str) -> bool:
    if not isinstance(value, Literal):
        return True
    found = value.value
    if word == "number":
        return not isinstance(found, bool) and (not isinstance(found, str) or _is_number(found))
    return word != "bool" or isinstance(found, bool) or found in ("true", "false")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
