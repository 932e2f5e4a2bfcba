"""References and functions: what a module declares, and whether what it names is there."""

from collections.abc import Callable, Collection, Iterator

import msgspec

from truth_blocks.terraform.builtin import FUNCTIONS
from truth_blocks.terraform.findings import did_you_mean
from truth_blocks.terraform.model import (
    Block,
    Call,
    Expression,
    ForValue,
    ParsedFile,
    Template,
    Traversal,
    parts_of,
)
from truth_blocks.terraform.survey import Survey

_SINGLE = {"var": "variable", "local": "local value", "module": "module"}
_DOUBLE = {"data": "data source", "ephemeral": "ephemeral resource"}
_ALWAYS = frozenset({"path", "terraform", "self", "each", "count", "provider"})
_UNREAD = {
    "variable": frozenset({"type"}),
    "resource": frozenset({"provider"}),
    "data": frozenset({"provider"}),
    "ephemeral": frozenset({"provider"}),
    "module": frozenset({"providers"}),
    "lifecycle": frozenset({"ignore_changes"}),
    "moved": frozenset({"from", "to"}),
    "removed": frozenset({"from"}),
    "import": frozenset({"to", "provider"}),
    "dynamic": frozenset({"iterator"}),
    "provisioner": frozenset({"when", "on_failure"}),
    "terraform": frozenset({"experiments"}),
}
"""Arguments whose value is an address or a keyword, not an expression to be evaluated."""


class Declared(msgspec.Struct):
    """Everything a module declares, by the name it is referred to."""

    names: dict[str, set[str]]
    """``var``, ``local``, ``module`` → names."""
    types: dict[str, dict[str, dict[str, Block]]]
    """``resource``, ``data``, ``ephemeral`` → type → name → block."""


def declarations(files: list[ParsedFile]) -> Declared:
    """What the files of one module declare together."""
    declared = Declared({kind: set() for kind in _SINGLE}, {"resource": {}, "data": {}, "ephemeral": {}})
    for file in files:
        for block in file.body.blocks:
            if block.type == "locals":
                declared.names["local"].update(each.name for each in block.attributes)
            elif block.type in ("variable", "module") and block.labels:
                declared.names["var" if block.type == "variable" else "module"].add(block.labels[0])
            elif len(block.labels) == 2:
                _declare(declared, block)
            for inner in block.blocks if block.type == "check" else ():
                _declare(declared, inner)
    return declared


def _declare(declared: Declared, block: Block) -> None:
    if block.type in declared.types and len(block.labels) == 2:
        declared.types[block.type].setdefault(block.labels[0], {})[block.labels[1]] = block


class ReferenceCheck:
    """Follows every expression of a module. ``complete`` is False when other files may declare what is missing here."""

    def __init__(
        self,
        survey: Survey,
        declared: Declared,
        complete: bool,
        attributes_of: Callable[[str, str], Collection[str] | None],
    ) -> None:
        self._survey, self._declared, self._complete = survey, declared, complete
        self._attributes_of = attributes_of

    def check(self, block: Block, bound: frozenset[str] = frozenset()) -> None:
        """Every expression in a block and the blocks nested in it; ``bound`` are names valid here."""
        unread = _UNREAD.get(block.type, frozenset())
        for attribute in block.attributes:
            if attribute.name not in unread:
                for scope, value in _with_scope(attribute.value, bound):
                    self._expression(value, scope)
        inner = bound
        if block.type == "dynamic" and block.labels:
            iterator = block.attribute("iterator")
            name = iterator.value.root if iterator and isinstance(iterator.value, Traversal) else block.labels[0]
            inner = bound | {name}
        for nested in block.blocks:
            if nested.type not in ("backend", "cloud", "required_providers", "provider_meta"):
                self.check(nested, inner)

    def _expression(self, value: Expression, bound: frozenset[str]) -> None:
        if isinstance(value, Call):
            self._call(value)
        elif isinstance(value, Traversal) and value.root not in bound and value.root not in _ALWAYS:
            self._traversal(value)

    def _call(self, call: Call) -> None:
        if "::" in call.name and not call.name.startswith("core::"):
            return
        name = call.name.removeprefix("core::")
        arity = FUNCTIONS.get(name)
        if arity is None:
            suggestion = self._survey.nearest(name, FUNCTIONS)
            message = f"unknown function `{name}`{did_you_mean(suggestion)}"
            self._survey.error("unknown-function", call, message, "a function of Terraform", suggestion)
            return
        self._survey.held()
        least, most = arity
        count = len(call.arguments)
        if not call.expands and (count < least or (most is not None and count > most)):
            expected = str(least) if most == least else f"{least} to {most}" if most else f"{least} or more"
            message = f"`{name}` takes {expected} arguments, found {count}"
            self._survey.error("wrong-arity", call, message, f"{expected} arguments")

    def _traversal(self, value: Traversal) -> None:
        steps = value.steps
        if value.root in _SINGLE:
            if steps and steps[0] not in ("[]", "[*]"):
                self._single(value, value.root, steps[0])
        elif value.root in _DOUBLE:
            if len(steps) >= 2 and "[]" not in steps[:2]:
                self._typed(value, value.root, steps[0], steps[1], steps[2:])
        elif steps and steps[0] not in ("[]", "[*]"):
            self._typed(value, "resource", value.root, steps[0], steps[1:])
        elif not steps:
            message = f"`{value.root}` is not a reference: a string needs quotes, a resource its name"
            self._survey.error("invalid-reference", value, message, f'"{value.root}"')

    def _single(self, value: Traversal, root: str, name: str) -> None:
        known = self._declared.names[root]
        if name in known:
            self._survey.held()
            return
        suggestion = self._survey.nearest(name, known)
        hint = did_you_mean(f"{root}.{suggestion}" if suggestion else "")
        self._undeclared(f"undeclared-{_SINGLE[root].split()[0]}", value, f"{root}.{name}", _SINGLE[root], hint)

    def _typed(self, value: Traversal, kind: str, type_name: str, name: str, rest: tuple[str, ...]) -> None:
        named = self._declared.types[kind].get(type_name, {})
        prefix = "" if kind == "resource" else f"{kind}."
        if name not in named:
            near = self._survey.nearest(name, named)
            hint = did_you_mean(f"{prefix}{type_name}.{near}" if near else "")
            if kind == "resource" and "_" not in type_name:
                hint = hint or " (nothing of that kind is declared)"
            what = "resource" if kind == "resource" else _DOUBLE[kind]
            self._undeclared(f"undeclared-{kind}", value, f"{prefix}{type_name}.{name}", what, hint)
            return
        self._survey.held()
        attribute = next((step for step in rest if step not in ("[]", "[*]")), None)
        known = self._attributes_of(kind, type_name)
        if attribute is None or known is None:
            return
        many = next((each for each in ("count", "for_each") if named[name].attribute(each)), None)
        direct = rest[0] == attribute
        if many and direct and attribute in known:
            self._instance(value, f"{prefix}{type_name}.{name}", attribute, many)
        elif attribute not in known and not (many == "for_each" and direct):
            suggestion = self._survey.nearest(attribute, known)
            message = f"{prefix}{type_name} has no attribute `{attribute}`{did_you_mean(suggestion)}"
            self._survey.error("unknown-attribute", value, message, f"an attribute of {type_name}", suggestion)

    def _instance(self, value: Traversal, name: str, attribute: str, many: str) -> None:
        """An attribute read from all instances at once (after ``for_each`` a step may also be a key)."""
        expected = f"{name}[{'0' if many == 'count' else 'each.key'}].{attribute}"
        message = f"{name} has `{many}`: its attributes belong to one instance, write `{expected}` or a splat"
        self._survey.error("missing-index", value, message, expected)

    def _undeclared(self, code: str, value: Traversal, name: str, what: str, hint: str) -> None:
        if self._complete:
            self._survey.error(
                code, value, f"{name} is used but no such {what} is declared{hint}", f"a declared {what}"
            )
        else:
            self._survey.unverifiable(code, value, f"{name} is not declared in this file; its module may declare it")


def _with_scope(value: Expression, bound: frozenset[str]) -> Iterator[tuple[frozenset[str], Expression]]:
    """Each expression inside with the names that ``for`` binds around it."""
    waiting: list[tuple[frozenset[str], Expression]] = [(bound, value)]
    while waiting:
        scope, current = waiting.pop()
        yield scope, current
        if isinstance(current, ForValue):
            waiting.append((scope, current.source))
            waiting.extend((scope | frozenset(current.names), part) for part in current.parts)
        else:
            inside = scope | frozenset(current.names) if isinstance(current, Template) else scope
            waiting.extend((inside, part) for part in parts_of(current))
