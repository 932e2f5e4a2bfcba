"""What a file holds, by address: resources, data sources, modules, variables, locals, outputs, providers."""

import re
from collections.abc import Iterator
from itertools import chain

import msgspec

from truth_blocks.contracts import SourceFile
from truth_blocks.terraform.model import Attribute, Block, Expression, ObjectItem, ObjectValue, ParsedFile, literal_text
from truth_blocks.terraform.parser import parse
from truth_blocks.terraform.written import Written, WrittenSettings

_PREFIXES = {"resource": "", "variable": "var.", "data": "data.", "ephemeral": "ephemeral."}


class Content(msgspec.Struct):
    """The settings of a block by path (``tags.Name``), and its nested blocks by type."""

    settings: dict[str, Written]
    blocks: "dict[str, list[Content]]"

    def fingerprint(self) -> str:
        """Equal for equal contents, whatever the formatting and the order of settings."""
        settings = sorted((path, value.same) for path, value in self.settings.items())
        blocks = [(name, [each.fingerprint() for each in found]) for name, found in sorted(self.blocks.items())]
        return repr((settings, blocks))


class Item(msgspec.Struct):
    """One thing a file declares."""

    address: str
    kind: str
    """Type of its block: ``resource``, ``variable``, ``local`` …"""
    type: str
    """Resource type; empty where there is none."""
    file: str
    line: int
    content: Content
    block: Block

    @property
    def place(self) -> str:
        """``main.tf:3``."""
        return f"{self.file}:{self.line}"


class Inventory(msgspec.Struct):
    """One file, read."""

    parsed: ParsedFile
    items: dict[str, Item]


def inventory(source: SourceFile) -> Inventory:
    """Read one file; what cannot be parsed has its problem in ``parsed`` and no items."""
    parsed = parse(source.name, source.content)
    texts = WrittenSettings(source.content if parsed.problem is None else "")
    items: dict[str, Item] = {}
    for item in chain.from_iterable(_items(block, source.name, texts) for block in parsed.body.blocks):
        address, number = item.address, 1
        while address in items:
            number += 1
            address = f"{item.address} ({number})"
        items[address] = item
    return Inventory(parsed, items)


def _items(block: Block, file: str, texts: WrittenSettings) -> Iterator[Item]:
    if block.type == "locals":
        for entry in block.attributes:
            only = Block("local", (entry.name,), [entry], [], entry.line, entry.column)
            content = Content({"value": _text(entry, texts)}, {})
            yield Item(f"local.{entry.name}", "local", "", file, entry.line, content, only)
        return
    name = ".".join(block.labels)
    address = f"{_PREFIXES.get(block.type, f'{block.type}.')}{name}" if name else block.type
    alias = block.attribute("alias")
    if block.type == "provider" and alias is not None:
        address += f".{literal_text(alias.value) or '?'}"
    kind = block.labels[0] if block.type in ("resource", "data", "ephemeral") and block.labels else ""
    yield Item(address, block.type, kind, file, block.line, _content(block, texts), block)


def _content(block: Block, texts: WrittenSettings) -> Content:
    settings: dict[str, Written] = {}
    for attribute in block.attributes:
        settings.update(_flat(attribute.name, attribute, attribute.value, texts))
    blocks: dict[str, list[Content]] = {}
    for inner in block.blocks:
        blocks.setdefault(" ".join((inner.type, *inner.labels)), []).append(_content(inner, texts))
    return Content(settings, blocks)


def _flat(
    path: str, at: Attribute | ObjectItem, value: Expression, texts: WrittenSettings
) -> Iterator[tuple[str, Written]]:
    """A literal object entry by entry, anything else whole."""
    if isinstance(value, ObjectValue) and value.items and all(item.key is not None for item in value.items):
        for item in value.items:
            name = item.key or ""
            step = f".{name}" if re.fullmatch(r"[\w-]{1,60}", name) else f'["{name[:60]}"]'
            yield from _flat(path + step, item, item.value, texts)
    else:
        yield path, _text(at, texts)


def _text(at: Attribute | ObjectItem, texts: WrittenSettings) -> Written:
    return texts.at(at.line, at.column)
