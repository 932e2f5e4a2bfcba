"""Reading from a resource: does the attribute at the end of a path exist, as far as the schema types the path."""

from collections.abc import Callable, Iterator

import msgspec

from truth_blocks.terraform.schema import BlockSchema, Setting

_INDEXES = ("[]", "[*]")
_COUNTED = ("list", "set")


class Readable(msgspec.Struct, frozen=True):
    """What can be read from one resource or data source."""

    schema: BlockSchema
    nested: Callable[[int], BlockSchema]
    provider: str
    generation: str
    """``aws 6``."""
    certain: bool
    """False when the module asks for a generation that is not shipped."""


class Misread(msgspec.Struct, frozen=True):
    """The first step of a path that leads nowhere."""

    code: str
    owner: str
    """Where the path had come to: ``aws_instance.root_block_device``."""
    step: str
    names: tuple[str, ...]
    """What could have been read there."""


def misread(readable: Readable, owner: str, steps: tuple[str, ...]) -> Misread | None:
    """The first wrong step of ``steps`` (names, ``[]`` and ``[*]``), or None when nothing contradicts the schema."""
    schema = readable.schema
    walk = iter(steps)
    for step in walk:
        if step in _INDEXES:
            continue
        setting = schema.settings.get(step)
        if setting is None:
            return Misread("unknown-attribute", owner, step, tuple(schema.settings))
        owner = f"{owner}.{step}"
        if setting.child is None:
            return _beyond(setting, owner, walk)
        if setting.nesting == "map" and next(walk, None) is None:
            return None
        schema = readable.nested(setting.child)
    return None


def _beyond(setting: Setting, owner: str, walk: Iterator[str]) -> Misread | None:
    """A plain value has nothing inside that a name could reach."""
    following = next(walk, None)
    if following is None or following in _INDEXES or setting.code not in ("s", "n", "b"):
        return None
    return Misread("unknown-attribute", owner, following, ())
