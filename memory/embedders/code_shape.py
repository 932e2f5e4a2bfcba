"""What there is to measure in a piece of code: one walk over its syntax tree."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import syntax

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_NODES = 20_000
"""Nodes of the tree that are read, parents first."""
MAX_LINES = 5_000
NAME = re.compile(r"[^\W\d]\w*")
LOOPS = frozenset(
    {
        "for_statement", "while_statement", "for_in_statement", "do_statement", "for_expression", "while_expression",
        "loop_expression", "list_comprehension", "set_comprehension", "dictionary_comprehension",
        "generator_expression",
    }
)  # fmt: skip
BRANCHES = frozenset(
    {
        "if_statement", "elif_clause", "conditional_expression", "if_expression", "match_statement", "switch_statement",
        "case_clause", "match_arm", "boolean_operator", "ternary_expression", "conditional",
    }
)  # fmt: skip
_FUNCTIONS = frozenset(
    {
        "function_definition", "function_declaration", "method_declaration", "method_definition", "arrow_function",
        "function_item", "lambda", "closure_expression", "func_literal",
    }
)  # fmt: skip
_TYPES = frozenset(
    {"class_definition", "class_declaration", "struct_item", "type_declaration", "interface_declaration", "enum_item"}
)
_CALLS = frozenset({"call", "call_expression", "function_call", "macro_invocation", "new_expression"})
_IMPORTS = frozenset({"import_statement", "import_from_statement", "import_declaration", "use_declaration"})
GUARDS = frozenset(
    {
        "try_statement",
        "except_clause",
        "catch_clause",
        "finally_clause",
        "try_expression",
        "raise_statement",
        "throw_statement",
    }
)


class Shape:
    """Counts of node types, chains of them, calls, definitions, imports, lengths and depths."""

    def __init__(self) -> None:
        self.chains: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.calls: list[tuple[str, int]] = []
        """Name and how many loops surround it."""
        self.defined: list[str] = []
        self.imports: list[str] = []
        self.function_lines: list[int] = []
        self.loop_depth = self.branch_depth = 0

    @classmethod
    def of(cls, language: str, code: str) -> "Shape":
        """Read a piece of code; without a grammar by its lines."""
        shape = cls()
        tree = syntax.parse(language, code.encode("utf-8", "replace"))
        if tree is not None:
            for node, above, loops, branches in _walk(tree.root_node):
                shape._see(node, above, loops, branches)
        else:
            shape._by_lines(code)
        return shape

    def _see(self, node: "Node", above: tuple[str, ...], loops: int, branches: int) -> None:
        kind = node.type
        self.counts[kind] += 1
        if above:
            self.chains[f"{above[-1]}>{kind}"] += 1
        if len(above) > 1:
            self.chains[f"{above[-2]}>{above[-1]}>{kind}"] += 1
        self.loop_depth, self.branch_depth = max(self.loop_depth, loops), max(self.branch_depth, branches)
        if kind in _CALLS:
            self.calls.append((_callee(node), loops))
        elif kind in _FUNCTIONS:
            self.function_lines.append(node.end_point[0] - node.start_point[0] + 1)
            self.defined.append(_text(node.child_by_field_name("name")))
        elif kind in _TYPES:
            self.defined.append(_text(node.child_by_field_name("name")))
        elif kind in _IMPORTS:
            self.imports.append(_text(node)[:200])

    def _by_lines(self, code: str) -> None:
        """For a language without a grammar: indentation and brackets stand in for the tree."""
        for before, line in pairwise(["", *code.splitlines()[:MAX_LINES]]):
            depth = (len(line) - len(line.lstrip())) // 2
            self.counts[f"indent{min(depth, 12)}"] += 1
            self.chains[f"{_outline(before)}>{_outline(line)}"] += 1

    def share(self, kinds: frozenset[str]) -> int:
        """How many nodes are of one of these kinds."""
        return sum(self.counts[kind] for kind in kinds)


def _walk(root: "Node") -> "Iterator[tuple[Node, tuple[str, ...], int, int]]":
    """Named nodes, parents first, with the two kinds above, and how many loops and branches surround them."""
    stack: list[tuple[Node, tuple[str, ...], int, int]] = [(root, (), 0, 0)]
    for _ in range(MAX_NODES):
        if not stack:
            return
        node, above, loops, branches = stack.pop()
        yield node, above, loops, branches
        loops += node.type in LOOPS
        branches += node.type in BRANCHES
        below = (*above[-1:], node.type)
        stack.extend((child, below, loops, branches) for child in reversed(node.named_children))


def _callee(node: "Node") -> str:
    called = node.child_by_field_name("function") or node.child_by_field_name("constructor") or node.child(0)
    return str((NAME.findall(_text(called)) or [""])[-1])


def _text(node: "Node | None") -> str:
    if node is None:
        return ""
    return bytes(node.text or b"").decode("utf-8", "replace")


def _outline(line: str) -> str:
    """A line without its words: ``if (a < b) {`` is ``w(w<w){``."""
    return re.sub(r"\w+", "w", re.sub(r"\s+", "", line))[:24]
