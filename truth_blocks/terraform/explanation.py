"""What a file makes, said from its parse and the schemas alone; nothing is guessed."""

from collections.abc import Iterator
from itertools import islice

from truth_blocks.contracts import LookUp, SourceFile
from truth_blocks.terraform.critic import ModuleReport, check_module
from truth_blocks.terraform.dependencies import dependencies
from truth_blocks.terraform.findings import Finding
from truth_blocks.terraform.inventory import Content, Inventory, Item, inventory
from truth_blocks.terraform.render import against, count, line_of, plain
from truth_blocks.terraform.rules import RULES
from truth_blocks.terraform.schema import BlockSchema, Kind, Schemas
from truth_blocks.terraform.versions import requirements

_SETTINGS = 6
"""Settings shown of one resource; the rest is in the file."""
_NEEDED = 12
_ITEMS = 200
"""Things named in one answer."""
EXPOSING = frozenset(
    f"SEC-{number:03}" for number in (1, 2, 3, 6, 7, 8, 10, 13, 14, 15, 18, 21, 23, 27, 31, 32, 33, 34, 37, 40, 43)
)
"""Rules about what people outside can reach or read."""
_KINDS: dict[str, Kind] = {"resource": "r", "data": "d", "ephemeral": "e"}
_META = ("count", "for_each", "provider", "depends_on")


def explain(schemas: Schemas, sources: tuple[SourceFile, ...]) -> LookUp:
    """The answer of ``/cloud explain``."""
    report = check_module(schemas, sources, complete=False)
    read = [inventory(source) for source in sources]
    broken = [each.parsed.problem for each in read if each.parsed.problem]
    if broken:
        lines = [plain(line_of(found)) for found in report.findings if found.severity == "error"][:10]
        text = "**Not readable as Terraform.** Nothing was explained.\n```\n" + "\n".join(lines) + "\n```"
        return LookUp(text, ok=False)
    items = {item.address: item for each in read for item in each.items.values()}
    words = _Explanation(schemas, report, items)
    return LookUp("\n".join(words.lines(read)).strip(), citations=report.citations)


class _Explanation:
    """The sections of one explanation."""

    def __init__(self, schemas: Schemas, report: ModuleReport, items: dict[str, Item]) -> None:
        self._schemas, self._report, self._items = schemas, report, items

    def lines(self, read: list[Inventory]) -> Iterator[str]:
        """The whole text, line by line."""
        made = self._of("resource")
        kinds = len({item.type for item in made})
        yield f"**Makes {count(len(made), 'resource')}** of {count(kinds, 'kind')}." if made else "**Makes nothing.**"
        for section in (
            self._grouped(made),
            self._section("Reads", [self._setting_line(item) for item in self._of("data", "ephemeral")]),
            self._section("Calls", [self._setting_line(item) for item in self._of("module")]),
            self._section("Depends", list(islice(self._dependencies(), _ITEMS))),
            self._section("Needs to be told", list(self._variables(with_default=False))),
            self._section("May be told", list(self._variables(with_default=True))),
            self._section("Gives", [_output(item) for item in self._of("output")]),
            self._section("Providers", list(self._providers(read))),
            self._exposed(),
            self._doubts(),
        ):
            yield from section
        yield ""
        yield f"-# read from the file alone{against(self._report)}"

    def _of(self, *kinds: str) -> list[Item]:
        return [item for item in self._items.values() if item.kind in kinds]

    def _section(self, title: str, lines: list[str]) -> Iterator[str]:
        if lines:
            yield from ("", f"**{title}**", *(f"- {line}" for line in lines[:_ITEMS]))
        if len(lines) > _ITEMS:
            yield f"- … and {len(lines) - _ITEMS} more"

    def _grouped(self, made: list[Item]) -> Iterator[str]:
        for type_name in dict.fromkeys(item.type for item in made):
            same = [item for item in made if item.type == type_name]
            yield from self._section(type_name, [self._setting_line(item) for item in same])

    def _setting_line(self, item: Item) -> str:
        schema = self._schema(item)
        shown = list(_settings(item.content, schema))
        more = f", and {count(len(shown) - _SETTINGS, 'more setting')}" if len(shown) > _SETTINGS else ""
        settings = f": {', '.join(shown[:_SETTINGS])}{more}" if shown else ""
        return f"`{item.address}` ({item.place}){_repeated(item)}{settings}"

    def _schema(self, item: Item) -> BlockSchema | None:
        provider = next(
            (each for each in self._schemas.providers if self._report.generation.get(each.name) == each.version
             and item.type.startswith(f"{each.name.partition('-')[0]}_")),
            None,
        )  # fmt: skip
        return self._schemas.find(provider, _KINDS[item.kind], item.type) if provider and item.kind in _KINDS else None

    def _dependencies(self) -> Iterator[str]:
        for address, needed in dependencies(self._items):
            more = f" and {len(needed) - _NEEDED} more" if len(needed) > _NEEDED else ""
            yield f"`{address}` needs {', '.join(f'`{each}`' for each in needed[:_NEEDED])}{more}"

    def _variables(self, with_default: bool) -> Iterator[str]:
        for item in self._of("variable"):
            settings = item.content.settings
            default = [path for path in settings if path.partition(".")[0].partition("[")[0] == "default"]
            if bool(default) != with_default:
                continue
            kind = settings.get("type")
            text = f"`{item.address}`" + (f" ({kind.shown})" if kind else "")
            if "default" in settings:
                text += f", else `{settings['default'].shown}`"
            elif default:
                text += f", else {count(len(default), 'entry', 'entries')}"
            yield text + _description(item)

    def _providers(self, read: list[Inventory]) -> Iterator[str]:
        for item in self._of("terraform"):
            required = item.content.settings.get("required_version")
            if required:
                yield f"Terraform {_quoted(required.shown)}"
        for name, needed in requirements([each.parsed for each in read]).items():
            yield f"`{name}` ({needed.provider})" + (f" {needed.constraint}" if needed.constraint else ", any version")
        for item in self._of("provider"):
            shown = [f"{path} `{value.shown}`" for path, value in item.content.settings.items() if path != "alias"]
            yield f"`{item.address}` is configured" + (f": {', '.join(shown[:_SETTINGS])}" if shown else "")

    def _exposed(self) -> Iterator[str]:
        found = [each for each in self._report.findings if each.code in EXPOSING]
        yield from ("", "**Open to the internet**")
        if not found:
            yield f"- Nothing that the {len(RULES)} security rules know; what an expression decides they cannot see."
            return
        yield from ("```", *(plain(line_of(each)) for each in found[:20]), "```")

    def _doubts(self) -> Iterator[str]:
        errors = _count_of("error", self._report.findings)
        unknown = _count_of("unverifiable", self._report.findings)
        if errors:
            yield f"{count(errors, 'error')} in this file: `/cloud check` lists them."
        if unknown:
            yield f"{count(unknown, 'place')} that this file alone or the schemas cannot decide."


def _count_of(severity: str, findings: list[Finding]) -> int:
    return sum(found.severity == severity for found in findings)


def _settings(content: Content, schema: BlockSchema | None) -> Iterator[str]:
    """What a person asks first: what the schema requires, then the rest as written, nested blocks last."""
    known = schema.settings if schema else {}
    paths = [path for path in content.settings if path not in _META]
    required = [path for path in paths if path in known and known[path].required]
    for path in dict.fromkeys([*required, *paths]):
        root = path.partition(".")[0].partition("[")[0]
        unknown = " (not in the schema)" if schema and root not in known else ""
        yield f"{path} {_in_words(content.settings[path].shown)}{unknown}"
    for name, blocks in content.blocks.items():
        inner = [f"{path} {_in_words(value.shown)}" for path, value in blocks[0].settings.items()]
        times = f" × {len(blocks)}" if len(blocks) > 1 else ""
        yield f"{name}{times}" + (f" ({', '.join(inner[:3])}{', …' if len(inner) > 3 else ''})" if inner else "")


def _in_words(value: str) -> str:
    return {"true": "on", "false": "off", "null": "unset"}.get(value, f"`{value}`")


def _repeated(item: Item) -> str:
    for name, words in (("count", "times"), ("for_each", "one for each of")):
        value = item.content.settings.get(name)
        if value:
            return f", `{value.shown}` times" if name == "count" else f", {words} `{value.shown}`"
    return ""


def _output(item: Item) -> str:
    value = item.content.settings.get("value")
    return f"`{item.address}`" + (f" = `{value.shown}`" if value else "") + _description(item)


def _description(item: Item) -> str:
    text = item.content.settings.get("description")
    return f": {_quoted(text.shown)}" if text else ""


def _quoted(text: str) -> str:
    return text.strip('"')
