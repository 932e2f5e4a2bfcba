"""What changed between two files, by resource: comments, formatting and the order of settings do not count."""

from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec

from truth_blocks.terraform.inventory import Content, Inventory, Item
from truth_blocks.terraform.model import Traversal
from truth_blocks.terraform.written import Written

SAME_ENOUGH = 0.6
"""Share of equal settings from which on a removed and an added resource are guessed to be one that was renamed."""
_MAX_GUESSES = 200
"""Resources on each side among which renames are sought; more would take seconds."""


class Change(msgspec.Struct, frozen=True):
    """One setting: ``old`` is None when it is new, ``new`` None when it is gone."""

    path: str
    old: Written | None
    new: Written | None


class Rename(msgspec.Struct, frozen=True):
    """Two addresses for what is one thing; ``equal`` of ``of`` settings agree. ``sure`` when a moved block says so."""

    old: Item
    new: Item
    sure: bool
    equal: int
    of: int
    changes: tuple[Change, ...]


class Comparison(msgspec.Struct):
    """Two files, compared."""

    added: list[Item]
    removed: list[Item]
    changed: list[tuple[Item, Item, list[Change]]]
    renamed: list[Rename]
    unchanged: int


def compare(before: Inventory, after: Inventory) -> Comparison:
    """Compare by address; what is left over may be renamed."""
    added = [item for address, item in after.items.items() if address not in before.items]
    removed = [item for address, item in before.items.items() if address not in after.items]
    changed = []
    unchanged = 0
    for address, old in before.items.items():
        new = after.items.get(address)
        changes = list(changes_in(old.content, new.content)) if new else []
        if new and changes:
            changed.append((old, new, changes))
        unchanged += bool(new and not changes)
    moved = list(_declared_moves(removed, added, after))
    known = {id(each.old) for each in moved} | {id(each.new) for each in moved}
    left, right = [[each for each in side if id(each) not in known] for side in (removed, added)]
    renamed = [*moved, *_guesses(left, right)]
    gone = {id(each.old) for each in renamed} | {id(each.new) for each in renamed}
    return Comparison(
        [item for item in added if id(item) not in gone],
        [item for item in removed if id(item) not in gone],
        changed,
        renamed,
        unchanged,
    )


def changes_in(old: Content, new: Content, path: str = "") -> Iterator[Change]:
    """Every setting that differs, nested blocks included."""
    for name in dict.fromkeys([*old.settings, *new.settings]):
        before, after = old.settings.get(name), new.settings.get(name)
        if before is None or after is None or before.same != after.same:
            yield Change(f"{path}{name}", before, after)
    for name in dict.fromkeys([*old.blocks, *new.blocks]):
        yield from _block_changes(old.blocks.get(name, []), new.blocks.get(name, []), f"{path}{name}")


def _block_changes(old: list[Content], new: list[Content], path: str) -> Iterator[Change]:
    """Nested blocks of one type: equal ones are set aside, the others compared in their order."""
    before, after = [each.fingerprint() for each in old], [each.fingerprint() for each in new]
    if before == after:
        return
    shared = Counter(before) & Counter(after)
    left, right = _without(old, before, shared), _without(new, after, shared)
    if not left and not right:
        yield Change(path, Written("one order", ""), Written("another order", ""))
    numbered = len(old) > 1 or len(new) > 1
    for index in range(max(len(left), len(right))):
        at_old = left[index] if index < len(left) else None
        at_new = right[index] if index < len(right) else None
        number = (at_new or at_old or (0, None))[0]
        where = f"{path}[{number}]" if numbered else path
        if at_old and at_new:
            yield from changes_in(at_old[1], at_new[1], f"{where}.")
        else:
            yield Change(where, _whole(at_old[1]) if at_old else None, _whole(at_new[1]) if at_new else None)


def _without(blocks: list[Content], prints: list[str], shared: Mapping[str, int]) -> list[tuple[int, Content]]:
    left = dict(shared)
    kept = []
    for number, (block, fingerprint) in enumerate(zip(blocks, prints, strict=True)):
        if left.get(fingerprint, 0):
            left[fingerprint] -= 1
        else:
            kept.append((number, block))
    return kept


def _whole(content: Content) -> Written:
    """A nested block in one line."""
    parts = [f"{path} = {value.shown}" for path, value in content.settings.items()]
    parts += [f"{name} {{ … }}" for name in content.blocks]
    text = "{ " + ", ".join(parts[:4]) + (", …" if len(parts) > 4 else "") + " }"
    return Written(text if parts else "{ }", "", any(value.secret for value in content.settings.values()))


def _declared_moves(removed: list[Item], added: list[Item], after: Inventory) -> Iterator[Rename]:
    gone, come = {item.address: item for item in removed}, {item.address: item for item in added}
    for item in after.items.values():
        if item.kind == "moved":
            old, new = gone.get(_address(item, "from")), come.get(_address(item, "to"))
            if old and new:
                yield _rename(old, new, sure=True)


def _address(moved: Item, name: str) -> str:
    attribute = moved.block.attribute(name)
    value = attribute.value if attribute else None
    return ".".join((value.root, *value.steps)) if isinstance(value, Traversal) else ""


def _guesses(removed: list[Item], added: list[Item]) -> Iterator[Rename]:
    """The best pairs first; each thing is in one pair at most. Declared moves were taken before."""
    pairs = []
    for old in removed[:_MAX_GUESSES]:
        for new in added[:_MAX_GUESSES]:
            if (old.kind, old.type) == (new.kind, new.type) and old.kind in ("resource", "data", "module"):
                guess = _rename(old, new, sure=False)
                if guess.of and guess.equal / guess.of >= SAME_ENOUGH:
                    pairs.append(guess)
    taken: set[int] = set()
    for guess in sorted(pairs, key=lambda each: -each.equal / each.of):
        if not {id(guess.old), id(guess.new)} & taken:
            taken |= {id(guess.old), id(guess.new)}
            yield guess


def _rename(old: Item, new: Item, sure: bool) -> Rename:
    before, after = dict(_flat(old.content)), dict(_flat(new.content))
    equal = sum(after.get(path) == value for path, value in before.items())
    changes = tuple(changes_in(old.content, new.content))
    return Rename(old, new, sure, equal, len(before.keys() | after.keys()), changes)


def _flat(content: Content, path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in content.settings.items():
        yield f"{path}{name}", value.same
    for name, blocks in content.blocks.items():
        for number, block in enumerate(blocks):
            yield from _flat(block, f"{path}{name}[{number}].")
