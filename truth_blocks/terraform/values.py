"""Does a literal fit an argument's type? Only what is certain is said: an expression fits until proven otherwise."""

from collections.abc import Iterator
from typing import NamedTuple

from truth_blocks.terraform.model import Expression, ForValue, ListValue, Literal, ObjectValue, Template
from truth_blocks.terraform.schema import Setting

_BOOLEAN_TEXT = frozenset({"true", "false", "1", "0", ""})


class Misfit(NamedTuple):
    """A value of the wrong type: the expression and what it is."""

    value: Expression
    found: str


def misfits(value: Expression, setting: Setting) -> Iterator[Misfit]:
    """Every literal in ``value`` that Terraform cannot convert to the type of ``setting``."""
    if setting.child is not None:
        yield from _nested(value, setting.nesting or "one")
    elif len(setting.code) == 2:
        yield from _collection(value, setting.code[0], setting.code[1])
    elif setting.code in ("s", "n", "b"):
        yield from _primitive(value, setting.code)


def kind_of(value: Expression) -> str:
    """``list``, ``object``, ``string``, ``number``, ``bool`` where that is certain, else ``""``."""
    match value:
        case ListValue() | ForValue(is_object=False):
            return "list"
        case ObjectValue() | ForValue(is_object=True):
            return "object"
        case Template():
            return "" if value.text == "${}" and len(value.parts) == 1 else "string"
        case Literal(value=bool()):
            return "bool"
        case Literal(value=int() | float()):
            return "number"
        case Literal(value=str()):
            return "string"
        case _:
            return ""


def _primitive(value: Expression, code: str) -> Iterator[Misfit]:
    kind = kind_of(value)
    if kind in ("list", "object"):
        yield Misfit(value, _named(kind))
    elif isinstance(value, Literal) and isinstance(value.value, str):
        if (code == "n" and not _is_number(value.value)) or (code == "b" and value.value not in _BOOLEAN_TEXT):
            yield Misfit(value, f'the string "{value.value[:40]}"')
    elif (code, kind) in (("n", "bool"), ("b", "number")):
        yield Misfit(value, _named(kind))


def _named(kind: str) -> str:
    return "an object" if kind == "object" else f"a {kind}"


def _is_number(text: str) -> bool:
    try:
        float(text or "0")
    except ValueError:
        return text.startswith("0x")
    return True


def _collection(value: Expression, shape: str, element: str) -> Iterator[Misfit]:
    kind = kind_of(value)
    wanted = "object" if shape == "M" else "list"
    if kind and kind != wanted:
        yield Misfit(value, _named(kind))
    elif isinstance(value, ListValue):
        for item in value.items:
            yield from _primitive(item, element)
    elif isinstance(value, ObjectValue):
        for entry in value.items:
            yield from _primitive(entry.value, element)


def _nested(value: Expression, nesting: str) -> Iterator[Misfit]:
    kind = kind_of(value)
    wanted = "list" if nesting in ("list", "set") else "object"
    if kind and kind != wanted:
        yield Misfit(value, _named(kind))
    elif isinstance(value, ListValue):
        for item in value.items:
            if kind_of(item) not in ("", "object"):
                yield Misfit(item, _named(kind_of(item)))
