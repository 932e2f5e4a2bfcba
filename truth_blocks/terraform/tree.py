"""From tree-sitter's concrete tree to the typed model."""

import re
from typing import TYPE_CHECKING

from truth_blocks.terraform.model import (
    Attribute,
    Block,
    Call,
    Expression,
    ForValue,
    ListValue,
    Literal,
    ObjectItem,
    ObjectValue,
    Operation,
    SyntaxProblem,
    Template,
    Traversal,
)

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_DEPTH = 80
"""Deepest nesting read; real modules stay below 20."""
MAX_VALUES = 40_000
"""Most values read in one file, about 60 MB of memory; a file of 100 kB has some 4,000."""
_POSTFIX = frozenset({"get_attr", "index", "splat"})
_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([nrt"\\]))|\$\$\{|%%\{')
_PLAIN_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class NotTerraform(Exception):
    """The grammar follows, Terraform does not."""

    def __init__(self, problem: SyntaxProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class TreeReader:
    """Reads one parsed text."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._ascii = source.isascii()
        self._depth = 0
        self._values = 0

    def body(self, root: "Node") -> Block:
        """The top level of a file as a nameless block."""
        block = Block("", (), [], [], 1, 1)
        for child in root.named_children:
            if child.type == "body":
                self._fill(block, child)
        return block

    def _at(self, node: "Node") -> tuple[int, int]:
        point = node.start_point
        if self._ascii:
            return point.row + 1, point.column + 1
        start = node.start_byte
        return point.row + 1, len(self._source[start - point.column : start].decode("utf-8", "replace")) + 1

    def _text(self, node: "Node") -> str:
        return self._source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def _deeper(self, node: "Node") -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            message = f"nested deeper than {MAX_DEPTH} levels: not checked"
            raise NotTerraform(SyntaxProblem("too-deep", message, *self._at(node)))

    def _fill(self, block: Block, body: "Node", opened_on: int = -1, closed_on: int = -1) -> None:
        """Read a body; ``opened_on`` and ``closed_on`` are the rows of its braces."""
        self._deeper(body)
        last_row = opened_on if opened_on != closed_on else -1
        for child in body.named_children:
            if child.type != "comment":
                if child.start_point.row == last_row:
                    message = "each argument and block starts on a line of its own"
                    raise NotTerraform(SyntaxProblem("syntax", message, *self._at(child)))
                last_row = child.end_point.row
            if child.type == "attribute":
                name = self._text(child.named_children[0])
                value = next(each for each in child.named_children if each.type == "expression")
                block.attributes.append(Attribute(name, self._value(value), *self._at(child)))
            elif child.type == "block":
                block.blocks.append(self._block(child))
        self._depth -= 1

    def _block(self, node: "Node") -> Block:
        names: list[str] = []
        block = Block("", (), [], [], *self._at(node))
        opened_on = -1
        for child in node.named_children:
            if child.type == "identifier":
                names.append(self._text(child))
            elif child.type == "string_lit":
                names.append(self._string(child))
            elif child.type == "body":
                self._fill(block, child, opened_on, node.end_point.row)
            elif child.type == "block_start":
                opened_on = child.start_point.row
                if opened_on != node.start_point.row:
                    message = f"expected `=` or `{{` on the line of `{names[0]}`"
                    raise NotTerraform(SyntaxProblem("syntax", message, *self._at(node)))
        block.type, block.labels = names[0], tuple(names[1:])
        return block

    def _string(self, node: "Node") -> str:
        return _unescape(
            "".join(self._text(child) for child in node.named_children if child.type == "template_literal")
        )

    def _value(self, node: "Node") -> Expression:
        self._deeper(node)
        self._values += 1
        if self._values > MAX_VALUES:
            raise NotTerraform(SyntaxProblem("too-large", f"more than {MAX_VALUES} values: not read", *self._at(node)))
        parts = self._terms(node.named_children)
        self._depth -= 1
        if len(parts) == 1:
            return parts[0]
        return Operation(tuple(parts), *self._at(node))

    def _terms(self, nodes: "list[Node]") -> list[Expression]:
        """A run of sibling nodes as expressions; accesses (``.a``, ``[0]``) are folded into the term before them."""
        terms: list[Expression] = []
        steps: list[str] = []
        indexes: list[Expression] = []
        for node in nodes:
            if node.type in _POSTFIX and terms:
                self._steps(node, steps, indexes)
            elif node.type != "comment":
                if steps:
                    terms[-1] = _accessed(terms[-1], steps, indexes)
                    steps, indexes = [], []
                terms.append(self._term(node))
        if steps:
            terms[-1] = _accessed(terms[-1], steps, indexes)
        return terms

    def _term(self, node: "Node") -> Expression:
        kind = node.type
        if kind == "literal_value":
            return self._literal(node.named_children[0])
        if kind == "variable_expr":
            return Traversal(self._text(node), (), (), *self._at(node))
        if kind == "template_expr":
            return self._template(node)
        if kind == "function_call":
            return self._call(node)
        if kind in ("collection_value", "for_expr"):
            inner = node.named_children[0]
            return self._for(inner) if kind == "for_expr" else self._collection(inner)
        return self._computed(node)

    def _computed(self, node: "Node") -> Expression:
        minus = node.type == "unary_operation" and node.children[0].type == "-"
        inner = self._value(node)
        if minus and isinstance(inner, Literal) and isinstance(inner.value, int | float):
            return Literal(-inner.value, *self._at(node))
        if node.type in ("unary_operation", "binary_operation", "conditional") and not isinstance(inner, Operation):
            return Operation((inner,), *self._at(node))
        return inner

    def _literal(self, node: "Node") -> Literal:
        at = self._at(node)
        if node.type == "string_lit":
            return Literal(self._string(node), *at)
        text = self._text(node)
        if node.type == "numeric_lit":
            return Literal(_number(text), *at)
        return Literal({"true": True, "false": False}.get(text), *at)

    def _steps(self, node: "Node", steps: list[str], indexes: list[Expression]) -> None:
        """Add what an access says: ``.a``, ``[0]``, ``[*].b``."""
        if node.type == "get_attr":
            steps.append(self._text(node.named_children[0]))
        elif node.type == "index":
            steps.append("[]")
            inside = node.named_children[0]
            if inside.type == "new_index":
                indexes.extend(self._terms(list(inside.named_children)))
        else:
            steps.append("[*]")
            for child in node.named_children[0].named_children:
                if child.type in _POSTFIX:
                    self._steps(child, steps, indexes)

    def _call(self, node: "Node") -> Call:
        arguments: tuple[Expression, ...] = ()
        expands = False
        for child in node.named_children:
            if child.type == "function_arguments":
                self._deeper(child)
                arguments = tuple(self._terms([each for each in child.named_children if each.type != "ellipsis"]))
                expands = any(each.type == "ellipsis" for each in child.children)
                self._depth -= 1
        return Call(self._text(node.named_children[0]), arguments, expands, *self._at(node))

    def _collection(self, node: "Node") -> Expression:
        self._deeper(node)
        at = self._at(node)
        value: Expression
        if node.type == "object":
            items = [self._item(child) for child in node.named_children if child.type == "object_elem"]
            value = ObjectValue(tuple(items), *at)
        else:
            value = ListValue(tuple(self._value(c) for c in node.named_children if c.type == "expression"), *at)
        self._depth -= 1
        return value

    def _item(self, node: "Node") -> ObjectItem:
        sides = [child for child in node.named_children if child.type == "expression"]
        key, value = self._value(sides[0]), self._value(sides[-1])
        name: str | None = None
        bare = sides[0].children[0].type != "("
        if isinstance(key, Traversal) and not key.steps and bare:
            name = key.root
        elif isinstance(key, Literal):
            name = str(key.value)
        return ObjectItem(name, None if name is not None else key, value, *self._at(node))

    def _for(self, node: "Node") -> ForValue:
        self._deeper(node)
        intro = next(child for child in node.named_children if child.type == "for_intro")
        names = tuple(self._text(child) for child in intro.named_children if child.type == "identifier")
        source = self._value(next(child for child in intro.named_children if child.type == "expression"))
        parts: list[Expression] = []
        for child in node.named_children:
            if child.type == "expression":
                parts.append(self._value(child))
            elif child.type == "for_cond":
                parts.extend(self._terms(child.named_children))
        self._depth -= 1
        return ForValue(names, source, tuple(parts), node.type == "for_object_expr", *self._at(node))

    def _template(self, node: "Node") -> Expression:
        text: list[str] = []
        parts: list[Expression] = []
        names: list[str] = []
        heredoc = node.named_children[0].type == "heredoc_template"
        self._template_parts(node.named_children[0], text, parts, names)
        joined = "".join(text)
        if not parts and not names:
            return Literal(joined if heredoc else _unescape(joined), *self._at(node))
        return Template(joined, tuple(parts), *self._at(node), tuple(names))

    def _template_parts(self, node: "Node", text: list[str], parts: list[Expression], names: list[str]) -> None:
        self._deeper(node)
        for child in node.named_children:
            if child.type == "template_literal":
                text.append(self._text(child))
            elif child.type == "template_interpolation":
                text.append("${}")
                parts.extend(self._terms([each for each in child.named_children if each.type == "expression"]))
            elif child.type == "expression":
                parts.append(self._value(child))
            elif child.type == "identifier" and node.type == "template_for_start":
                names.append(self._text(child))
            elif child.named_child_count:
                if child.type.startswith("template_for"):
                    names.extend(self._text(each) for each in child.named_children if each.type == "identifier")
                self._template_parts(child, text, parts, names)
        self._depth -= 1


def _accessed(term: Expression, steps: list[str], indexes: list[Expression]) -> Expression:
    if isinstance(term, Traversal):
        return Traversal(term.root, (*term.steps, *steps), (*term.indexes, *indexes), term.line, term.column)
    return Operation((term, *indexes), term.line, term.column)


def _number(text: str) -> int | float:
    try:
        return int(text) if text.isdigit() and len(text) < 30 else float(text)
    except ValueError:
        return float("nan")


def _unescape(text: str) -> str:
    if "\\" not in text and "$${" not in text and "%%{" not in text:
        return text
    return _ESCAPE.sub(_escaped, text)


def _escaped(match: "re.Match[str]") -> str:
    code = match[1] or match[2]
    if code:
        number = int(code, 16)
        return "\ufffd" if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF else chr(number)
    return _PLAIN_ESCAPES.get(match[3] or "", match[0][1:])
