"""What a Terraform file says, as typed values with positions (line and column 1-based, in characters)."""

from collections.abc import Iterator
from typing import Any, TypeAlias, Union

import msgspec


class Literal(msgspec.Struct, gc=False):
    """A number, a boolean, ``null`` or a string without interpolation."""

    value: Any
    line: int
    column: int


class Template(msgspec.Struct, gc=False):
    """A string or heredoc with interpolations; ``text`` is its literal text with each interpolation as ``${}``."""

    text: str
    parts: "tuple[Expression, ...]"
    line: int
    column: int
    names: tuple[str, ...] = ()
    """Names that ``%{ for }`` directives bind inside it."""


class ListValue(msgspec.Struct, gc=False):
    """``[a, b]``."""

    items: "tuple[Expression, ...]"
    line: int
    column: int


class ObjectItem(msgspec.Struct, gc=False):
    """One ``key = value``; ``key`` is None when it is computed, then ``key_value`` holds it."""

    key: str | None
    key_value: "Expression | None"
    value: "Expression"
    line: int
    column: int


class ObjectValue(msgspec.Struct, gc=False):
    """``{ a = 1 }``."""

    items: tuple[ObjectItem, ...]
    line: int
    column: int


class Traversal(msgspec.Struct, gc=False):
    """``aws_instance.web[0].id``: a root name and steps; ``[]`` stands for an index, ``[*]`` for a splat."""

    root: str
    steps: tuple[str, ...]
    indexes: "tuple[Expression, ...]"
    line: int
    column: int


class Call(msgspec.Struct, gc=False):
    """A function call; ``expands`` is True for a last argument followed by ``...``."""

    name: str
    arguments: "tuple[Expression, ...]"
    expands: bool
    line: int
    column: int


class ForValue(msgspec.Struct, gc=False):
    """``[for k, v in m : …]``; ``names`` are bound in every part but ``source``."""

    names: tuple[str, ...]
    source: "Expression"
    parts: "tuple[Expression, ...]"
    is_object: bool
    line: int
    column: int


class Operation(msgspec.Struct, gc=False):
    """Anything else that is computed from parts: arithmetic, comparison, a conditional, an access into a value."""

    parts: "tuple[Expression, ...]"
    line: int
    column: int


Expression: TypeAlias = Union[  # noqa: UP007 - forward references
    Literal, Template, ListValue, ObjectValue, Traversal, Call, ForValue, Operation
]


class Attribute(msgspec.Struct, gc=False):
    """``name = value``."""

    name: str
    value: Expression
    line: int
    column: int


class Block(msgspec.Struct, gc=False):
    """``type "label" { … }``."""

    type: str
    labels: tuple[str, ...]
    attributes: list[Attribute]
    blocks: "list[Block]"
    line: int
    column: int

    def attribute(self, name: str) -> Attribute | None:
        """The first attribute of this name."""
        return next((attribute for attribute in self.attributes if attribute.name == name), None)

    def children(self, block_type: str) -> "list[Block]":
        """Nested blocks of this type, those that a ``dynamic`` block writes included."""
        found = [block for block in self.blocks if block.type == block_type]
        for dynamic in self.blocks:
            if dynamic.type == "dynamic" and dynamic.labels[:1] == (block_type,):
                found += [block for block in dynamic.blocks if block.type == "content"]
        return found


class SyntaxProblem(msgspec.Struct):
    """Why a text is not Terraform, and where."""

    code: str
    message: str
    line: int
    column: int


class ParsedFile(msgspec.Struct):
    """One file: its top-level content, or the problem that kept it from being read."""

    name: str
    body: Block
    problem: SyntaxProblem | None = None


def parts_of(value: Expression) -> "tuple[Expression, ...]":
    """The expressions directly inside one."""
    match value:
        case ListValue():
            return value.items
        case ObjectValue():
            inner: list[Expression] = []
            for item in value.items:
                if item.key_value is not None:
                    inner.append(item.key_value)
                inner.append(item.value)
            return tuple(inner)
        case Traversal():
            return value.indexes
        case Call():
            return value.arguments
        case ForValue():
            return (value.source, *value.parts)
        case Template() | Operation():
            return value.parts
        case _:
            return ()


def walk(value: Expression) -> Iterator[Expression]:
    """The expression and everything inside it, outermost first."""
    waiting = [value]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(parts_of(current))


def literal_text(value: Expression | None) -> str | None:
    """The string a literal holds; None for anything else."""
    return value.value if isinstance(value, Literal) and isinstance(value.value, str) else None
