"""Break a valid module in one known place: the ground truth of what the critic must find, and on which line."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from truth_blocks.terraform.model import Attribute, Block, Call, Literal, Traversal, walk
from truth_blocks.terraform.parser import parse
from truth_blocks.terraform.schema import BlockSchema, Schemas

_KINDS = {"resource": "r", "data": "d"}
_WRONG = {"n": '"many"', "b": '"maybe"', "s": '["one"]', "Ls": '"one"', "Es": "{ a = 1 }", "Ms": '["one"]'}


@dataclass(frozen=True)
class Mutation:
    """A broken text, the class of the fault, the codes that name it, and the lines (1-based) a finding may stand on."""

    fault: str
    codes: frozenset[str]
    lines: frozenset[int]
    text: str


def _one(fault: str, code: str, line: int, lines: list[str]) -> Mutation:
    return Mutation(fault, frozenset(code.split("|")), frozenset({line}), "\n".join(lines))


SchemaOf = Callable[[str, str], BlockSchema | None]
"""Kind and type name → the schema that decides, None where there is none."""


def newest(schemas: Schemas) -> SchemaOf:
    """The newest generation of the provider whose name a type begins with."""

    def schema_of(kind: str, type_name: str) -> BlockSchema | None:
        provider = schemas.provider(type_name.partition("_")[0])
        return schemas.find(provider, _KINDS[kind], type_name) if provider else None  # type: ignore[arg-type]

    return schema_of


def mutations(text: str, schemas: Schemas, schema_of: SchemaOf | None = None) -> Iterator[Mutation]:
    """Every single fault this generator knows to inject into ``text``, which must be valid."""
    lines = text.split("\n")
    body = parse("main.tf", text).body
    for block in body.blocks:
        yield from _expressions(block, lines)
        if block.type == "variable":
            yield from _variable(block, lines)
        if block.type not in _KINDS:
            continue
        schema = (schema_of or newest(schemas))(block.type, block.labels[0])
        if schema is None:
            continue
        yield from _typed(block, schema, lines)
        yield from _meta(block, schema, lines)
        yield from _settings(block, schema, schemas, lines)
    yield from _syntax(body, lines)


def _variable(block: Block, lines: list[str]) -> Iterator[Mutation]:
    typed = block.attribute("type")
    if typed is None or not isinstance(typed.value, Traversal):
        return
    word = typed.value.root
    changed = _replaced(lines, typed.value.line, typed.value.column, word, f"{word}y")
    yield _one("invalid-type", "invalid-type", typed.line, changed)
    if word in ("string", "number", "bool") and block.attribute("default") is None:
        wrong = _inserted(lines, typed.line, "  default = []")
        yield _one("wrong-default", "wrong-type", typed.line + 1, wrong)


def _meta(block: Block, schema: BlockSchema, lines: list[str]) -> Iterator[Mutation]:
    if not lines[block.line - 1].rstrip().endswith("{"):
        return
    prefix = "data." if block.type == "data" else ""
    row = f"  depends_on = [{prefix}{'.'.join(block.labels)}]"
    if block.attribute("depends_on") is None:
        yield _one("cycle", "cycle", block.line + 1, _inserted(lines, block.line, row))
    if block.attribute("provider") is None:
        name = block.labels[0].partition("_")[0]
        row = f"  provider = {name}.nowhere"
        yield _one("undeclared-provider", "undeclared-provider", block.line + 1, _inserted(lines, block.line, row))
    repeated = block.attribute("count") or block.attribute("for_each")
    if repeated is None:
        both = _inserted(lines, block.line, "  count = 1", "  for_each = {}")
        yield _one("count-and-for-each", "conflicting-arguments", block.line, both)
    for attribute in block.attributes:
        setting = schema.settings.get(attribute.name)
        row = lines[attribute.line - 1]
        if setting is None or setting.code != "s" or not isinstance(attribute.value, Literal) or not _alone(row):
            continue
        head = row[: row.index("=") + 1]
        faults = [("wrong-arity", "wrong-arity", "upper()")]
        if repeated is None:
            faults += [
                ("misplaced-each", "misplaced-each", "each.key"),
                ("misplaced-count", "misplaced-count", "count.index"),
            ]
        for fault, code, value in faults:
            changed = [*lines[: attribute.line - 1], f"{head} {value}", *lines[attribute.line :]]
            yield _one(fault, code, attribute.line, changed)


def _replaced(lines: list[str], line: int, column: int, old: str, new: str) -> list[str]:
    row = lines[line - 1]
    assert row[column - 1 :].startswith(old), (row, column, old)
    changed = row[: column - 1] + new + row[column - 1 + len(old) :]
    return [*lines[: line - 1], changed, *lines[line:]]


def _inserted(lines: list[str], after: int, *new: str) -> list[str]:
    return [*lines[:after], *new, *lines[after:]]


def _typed(block: Block, schema: BlockSchema, lines: list[str]) -> Iterator[Mutation]:
    name = block.labels[0]
    column = lines[block.line - 1].index(name) + 1
    kind = "unknown-resource" if block.type == "resource" else "unknown-data-source"
    yield _one(kind, kind, block.line, _replaced(lines, block.line, column, name, f"{name}_magic"))
    if lines[block.line - 1].endswith("{}"):
        return
    yield _one("invented-block", "unknown-block", block.line + 1, _inserted(lines, block.line, "  sparkle {", "  }"))
    computed = next((each for each in schema.settings.values() if each.computed_only and each.child is None), None)
    if computed:
        row = f'  {computed.name} = "x"'
        yield _one("computed-set", "computed-argument", block.line + 1, _inserted(lines, block.line, row))
    tags = schema.settings.get("tags")
    if tags is not None and tags.flag in "ob" and tags.code == "Ms" and block.attribute("tags") is None:
        inserted = _inserted(lines, block.line, "  tags {", '    a = "b"', "  }")
        yield _one("argument-as-block", "argument-as-block", block.line + 1, inserted)
    end = next(row for row in range(block.line, len(lines) + 1) if lines[row - 1].startswith("}"))
    if lines[block.line - 1].rstrip().endswith("{"):
        copy = lines[block.line - 1 : end]
        yield _one("duplicate", "duplicate", len(lines) + 1, [*lines, *copy])


def _settings(block: Block, schema: BlockSchema, schemas: Schemas, lines: list[str]) -> Iterator[Mutation]:
    for attribute in block.attributes:
        setting = schema.settings.get(attribute.name)
        if setting is None:
            continue
        row = lines[attribute.line - 1]
        wrong = f"{attribute.name}_xyz"
        changed = _replaced(lines, attribute.line, attribute.column, attribute.name, wrong)
        yield _one("misspelt-argument", "unknown-argument", attribute.line, changed)
        if setting.required and _alone(row):
            without = [*lines[: attribute.line - 1], *lines[attribute.line :]]
            yield _one("missing-argument", "missing-argument", block.line, without)
        if _alone(row):
            doubled = _inserted(lines, attribute.line, row)
            yield _one("duplicate-argument", "duplicate-argument", attribute.line + 1, doubled)
        if setting.code in _WRONG and isinstance(attribute.value, Literal) and _alone(row):
            head = row[: row.index("=") + 1]
            retyped = [*lines[: attribute.line - 1], f"{head} {_WRONG[setting.code]}", *lines[attribute.line :]]
            yield _one("wrong-type", "wrong-type", attribute.line, retyped)
    for inner in block.blocks:
        setting = schema.settings.get(inner.type)
        if setting is not None and setting.is_block and setting.child is not None:
            column = inner.column + len(inner.type)
            end = next(
                row for row in range(inner.line, len(lines) + 1) if lines[row - 1] == " " * (inner.column - 1) + "}"
            )
            if setting.nesting == "one" and len(block.children(inner.type)) == 1 and end > inner.line:
                doubled = _inserted(lines, end, *lines[inner.line - 1 : end])
                yield _one("too-many-blocks", "too-many-blocks", end + 1, doubled)
            if setting.required and len(block.children(inner.type)) == 1:
                without = [*lines[: inner.line - 1], *lines[end:]]
                yield _one("missing-block", "missing-block", block.line, without)
            changed = _replaced(lines, inner.line, column, " {", " = {")
            yield _one("block-as-argument", "block-as-argument", inner.line, changed)
            yield from _settings(inner, schemas.block(setting.child), schemas, lines)


def _alone(row: str) -> bool:
    """Is the whole attribute on this line?"""
    return all(row.count(a) == row.count(b) for a, b in ("{}", "[]", "()")) and "<<" not in row


def _attributes(block: Block) -> Iterator[Attribute]:
    yield from block.attributes
    for inner in block.blocks:
        yield from _attributes(inner)


def _expressions(block: Block, lines: list[str]) -> Iterator[Mutation]:
    unread = {
        "type",
        "ignore_changes",
        "provider",
        "providers",
        "configuration_aliases",
        "from",
        "to",
        "iterator",
        "when",
    }
    for attribute in _attributes(block):
        if attribute.name in unread:
            continue
        for value in walk(attribute.value):
            if isinstance(value, Call):
                changed = _replaced(lines, value.line, value.column, value.name, f"{value.name}ify")
                yield _one("unknown-function", "unknown-function", value.line, changed)
            elif isinstance(value, Traversal):
                yield from _references(value, lines)


def _references(value: Traversal, lines: list[str]) -> Iterator[Mutation]:
    named = {"var": 0, "local": 0, "module": 0, "data": 1}.get(value.root, 0 if "_" in value.root else None)
    if named is None or len(value.steps) <= named:
        return
    head = ".".join([value.root, *value.steps[: named + 1]])
    codes = "|".join(f"undeclared-{kind}" for kind in ("variable", "local", "module", "data", "resource"))
    changed = _replaced(lines, value.line, value.column, head, f"{head}_gone")
    yield _one("undeclared-reference", codes, value.line, changed)
    rest = value.steps[named + 1 :]
    if value.root not in ("var", "local", "module") and rest and rest[-1] not in ("[]", "[*]") and len(rest) < 3:
        attribute = next(step for step in rest if step not in ("[]", "[*]"))
        row = lines[value.line - 1]
        column = row.find(f".{attribute}", value.column - 1 + len(head)) + 2
        changed = _replaced(lines, value.line, column, attribute, f"{attribute}_gone")
        yield _one("unknown-attribute", "unknown-attribute", value.line, changed)


def _syntax(body: Block, lines: list[str]) -> Iterator[Mutation]:
    for block in body.blocks:
        for attribute in _attributes(block):
            row = lines[attribute.line - 1]
            if " = " in row and _alone(row):
                changed = _replaced(lines, attribute.line, row.index(" = ") + 1, " = ", " ")
                yield _one("syntax-no-equals", "syntax", attribute.line, changed)
            if row.endswith('"') and row.count('"') == 2:
                changed = [*lines[: attribute.line - 1], row[:-1], *lines[attribute.line :]]
                yield _one("syntax-open-string", "syntax", attribute.line, changed)
