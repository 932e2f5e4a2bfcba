"""What refers to what inside one file, seen through locals."""

from collections.abc import Iterator, Mapping

from truth_blocks.terraform.inventory import Item
from truth_blocks.terraform.model import Block, Traversal, walk

_NAMED = {"data": 3, "module": 2, "var": 2, "local": 2, "ephemeral": 3}
"""Roots of references that are no resource, and how many names make an address."""


def dependencies(items: Mapping[str, Item]) -> Iterator[tuple[str, list[str]]]:
    """(address, the resources, data sources and modules it needs) of all that need any, one at a time.

    Locals are followed, variables left out.
    """
    direct = {address: list(dict.fromkeys(_references(item.block, items))) for address, item in items.items()}
    for address, item in items.items():
        if item.kind in ("resource", "data", "module"):
            needed = list(_through_locals(address, direct))
            if needed:
                yield address, needed


def _through_locals(address: str, direct: Mapping[str, list[str]]) -> Iterator[str]:
    seen = {address}
    waiting = list(reversed(direct[address]))
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        if current.startswith("local."):
            waiting += reversed(direct.get(current, []))
        elif not current.startswith("var."):
            yield current


def _references(block: Block, items: Mapping[str, Item]) -> Iterator[str]:
    for attribute in block.attributes:
        for value in walk(attribute.value):
            if isinstance(value, Traversal):
                names = [value.root, *(step for step in value.steps if step[:1] not in ("[", ""))]
                address = ".".join(names[: _NAMED.get(value.root, 2)])
                if address in items:
                    yield address
    for inner in block.blocks:
        yield from _references(inner, items)
