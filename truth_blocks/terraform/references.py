"""References and functions: what a module declares, and whether what it names is there."""

from collections.abc import Callable, Iterator

import msgspec

from truth_blocks.terraform.builtin import FUNCTIONS
from truth_blocks.terraform.called import Called
from truth_blocks.terraform.cycles import Use, Uses
from truth_blocks.terraform.findings import did_you_mean
from truth_blocks.terraform.model import (
    Block,
    Call,
    Expression,
    ForValue,
    ParsedFile,
    Template,
    Traversal,
    literal_text,
    parts_of,
)
from truth_blocks.terraform.reading import Readable, misread
from truth_blocks.terraform.schema import BlockSchema
from truth_blocks.terraform.scope import Place, check_bound_name
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


class ProviderFunctions(msgspec.Struct, frozen=True):
    """The functions of one provider."""

    names: tuple[str, ...]
    find: Callable[[str], BlockSchema | None]
    """Its parameters, None for a name that is not among them."""


class Declared(msgspec.Struct):
    """Everything a module declares, by the name it is referred to."""

    names: dict[str, set[str]]
    """``var``, ``local``, ``module`` → names."""
    types: dict[str, dict[str, dict[str, Block]]]
    """``resource``, ``data``, ``ephemeral`` → type → name → block."""
    modules: dict[str, Block]
    """Name → module call."""


def declarations(files: list[ParsedFile]) -> Declared:
    """What the files of one module declare together."""
    declared = Declared({kind: set() for kind in _SINGLE}, {"resource": {}, "data": {}, "ephemeral": {}}, {})
    for file in files:
        for block in file.body.blocks:
            if block.type == "locals":
                declared.names["local"].update(each.name for each in block.attributes)
            elif block.type == "variable" and block.labels:
                declared.names["var"].add(block.labels[0])
            elif block.type == "module" and block.labels:
                declared.names["module"].add(block.labels[0])
                declared.modules[block.labels[0]] = block
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
        readable: Callable[[str, Block], Readable | None],
        called: Called,
        functions: Callable[[str], "ProviderFunctions | None"],
    ) -> None:
        self._survey, self._declared, self._complete = survey, declared, complete
        self._readable, self._called, self._functions = readable, called, functions
        self.uses: Uses = {}
        """Which address needs which, as far as this module declares both."""
        self._owner = ""

    def check_top(self, block: Block) -> None:
        """Every expression in a top-level block and the blocks nested in it."""
        prefix = {"resource": "", "data": "data.", "ephemeral": "ephemeral."}.get(block.type)
        self._owner = f"{prefix}{'.'.join(block.labels)}" if prefix is not None else ""
        self._check(block, Place(block, frozenset(), ""), frozenset())

    def _check(self, block: Block, place: Place, bound: frozenset[str]) -> None:
        unread = _UNREAD.get(block.type, frozenset())
        for attribute in block.attributes:
            if attribute.name not in unread:
                if place.top is block:
                    place = place._replace(argument=attribute.name)
                    if block.type == "locals":
                        self._owner = f"local.{attribute.name}"
                for scope, value in _with_scope(attribute.value, bound):
                    self._expression(value, scope, place)
        inner = bound
        if block.type == "dynamic" and block.labels:
            iterator = block.attribute("iterator")
            name = iterator.value.root if iterator and isinstance(iterator.value, Traversal) else block.labels[0]
            inner = bound | {name}
        for nested in block.blocks:
            if nested.type not in ("backend", "cloud", "required_providers", "provider_meta"):
                self._check(nested, Place(place.top, place.inside | {nested.type}, ""), inner)

    def _expression(self, value: Expression, bound: frozenset[str], place: Place) -> None:
        if isinstance(value, Call):
            self._call(value)
        elif isinstance(value, Traversal) and value.root not in bound:
            if value.root in _ALWAYS:
                check_bound_name(self._survey, value, place)
            else:
                self._traversal(value)

    def _needs(self, address: str, at: Traversal) -> None:
        """The thing at hand needs another; known to be there."""
        if self._owner:
            self.uses.setdefault(self._owner, {}).setdefault(address, Use(self._survey.file, at))

    def _call(self, call: Call) -> None:
        name = call.name.removeprefix("core::")
        if "::" in name:
            self._provider_function(call)
            return
        arity = FUNCTIONS.get(name)
        if arity is None:
            suggestion = self._survey.nearest(name, FUNCTIONS)
            message = f"unknown function `{name}`{did_you_mean(suggestion)}"
            self._survey.error("unknown-function", call, message, "a function of Terraform", suggestion)
            return
        self._survey.held()
        self._arity(call, name, *arity)

    def _arity(self, call: Call, name: str, least: int, most: int | None) -> None:
        count = len(call.arguments)
        if not call.expands and (count < least or (most is not None and count > most)):
            expected = str(least) if most == least else f"{least} to {most}" if most else f"{least} or more"
            message = f"`{name}` takes {expected} arguments, found {count}"
            self._survey.error("wrong-arity", call, message, f"{expected} arguments")

    def _provider_function(self, call: Call) -> None:
        """``provider::aws::arn_parse(…)``, where the provider's functions are shipped."""
        parts = call.name.split("::")
        if len(parts) != 3 or parts[0] != "provider":
            return
        functions = self._functions(parts[1])
        if functions is None:
            return
        parameters = functions.find(parts[2])
        if parameters is None:
            suggestion = self._survey.nearest(parts[2], functions.names)
            message = f"{parts[1]} has no function `{parts[2]}`{did_you_mean(suggestion)}"
            self._survey.error("unknown-function", call, message, f"a function of {parts[1]}", suggestion)
            return
        self._survey.held()
        required = sum(each.required for each in parameters.settings.values())
        endless = required < len(parameters.settings)
        self._arity(call, call.name, required, None if endless else required)

    def _traversal(self, value: Traversal) -> None:
        steps = value.steps
        if value.root == "resource" and len(steps) > 1 and "[]" not in steps[:2]:
            self._typed(value, "resource", steps[0], steps[1], steps[2:])
        elif value.root in _SINGLE:
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
            if root == "local":
                self._needs(f"local.{name}", value)
            elif root == "module":
                self._output(value, name)
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
        address = f"{prefix}{type_name}.{name}"
        self._needs(address, value)
        readable = self._readable(kind, named[name])
        attribute = next((step for step in rest if step not in ("[]", "[*]")), None)
        if attribute is None or readable is None:
            return
        many = next((each for each in ("count", "for_each") if named[name].attribute(each)), None)
        direct = rest[0] == attribute
        if many and direct and attribute in readable.schema.settings:
            self._instance(value, address, attribute, many)
        elif not (many == "for_each" and direct):
            self._read(value, f"{prefix}{type_name}", rest, readable)

    def _read(self, value: Traversal, owner: str, steps: tuple[str, ...], readable: Readable) -> None:
        wrong = misread(readable, owner, steps)
        if wrong is None:
            return
        self._survey.blame[readable.provider] += 1
        suggestion = self._survey.nearest(wrong.step, wrong.names)
        message = f"{wrong.owner} has no attribute `{wrong.step}`{did_you_mean(suggestion)} ({readable.generation})"
        if readable.certain or suggestion:
            self._survey.error(wrong.code, value, message, f"an attribute of {wrong.owner}", suggestion)
        else:
            told = f"{message}; the generation that is asked for may have it"
            self._survey.unverifiable(wrong.code, value, told)

    def _output(self, value: Traversal, name: str) -> None:
        """An output of a called module, where the module is at hand."""
        source = self._declared.modules[name].attribute("source")
        module = self._called(literal_text(source.value) or "") if source else None
        output = next((step for step in value.steps[1:] if step not in ("[]", "[*]")), None)
        if module is None or output is None or output in module.outputs:
            return
        if self._declared.modules[name].attribute("for_each") and value.steps[1] == output:
            return
        suggestion = self._survey.nearest(output, module.outputs)
        message = f"module {name} has no output `{output}`{did_you_mean(suggestion)}"
        self._survey.error("unknown-attribute", value, message, "an output of the module", suggestion)

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
