"""What the rules about insecure defaults look for in a block. Only literals decide: an expression is never guessed."""

from collections.abc import Callable, Iterable, Iterator

from truth_blocks.terraform.model import Block, Expression, ListValue, Literal, literal_text
from truth_blocks.terraform.survey import Placed

Hit = tuple[str, Placed, str]
"""Rule id, where, and what the resource does (the predicate of the sentence)."""
Check = Callable[[Block], Iterator[Hit]]


def is_literal(value: Expression | None, wanted: object) -> bool:
    """Is a value this literal, of this type?"""
    return isinstance(value, Literal) and value.value == wanted and type(value.value) is type(wanted)


def value_of(block: Block, name: str) -> Expression | None:
    """The value of an argument; None when it is not set."""
    attribute = block.attribute(name)
    return attribute.value if attribute else None


def off_unless_true(name: str, rule: str, does: str) -> Callable[[Block], Iterator[Hit]]:
    """A switch that is off by default: missing or ``false`` fires."""

    def check(block: Block) -> Iterator[Hit]:
        attribute = block.attribute(name)
        copied = block.attribute("snapshot_identifier") or block.attribute("replicate_source_db")
        if attribute is None and copied is None:
            yield rule, block, does
        elif attribute is not None and is_literal(attribute.value, False):
            yield rule, attribute, does

    return check


def bad_values(name: str, bad: tuple[object, ...], rule: str, does: str) -> Callable[[Block], Iterator[Hit]]:
    """An argument with a literal value that is never wise."""

    def check(block: Block) -> Iterator[Hit]:
        attribute = block.attribute(name)
        if attribute is not None and any(is_literal(attribute.value, each) for each in bad):
            yield rule, attribute, does

    return check


def texts_of(value: Expression | None) -> list[str]:
    """The literal strings of a value, alone or in a list."""
    values: Iterable[Expression] = value.items if isinstance(value, ListValue) else (value,) if value else ()
    return [text for text in map(literal_text, values) if text is not None]


def within(path: tuple[str, ...], check: Check) -> Check:
    """A check on every nested block at the end of a path."""

    def inner(block: Block) -> Iterator[Hit]:
        blocks = [block]
        for step in path:
            blocks = [child for each in blocks for child in each.children(step)]
        for each in blocks:
            yield from check(each)

    return inner


def without(names: tuple[str, ...], rule: str, does: str) -> Check:
    """Fires when none of these blocks or arguments is there."""

    def check(block: Block) -> Iterator[Hit]:
        if not any(block.attribute(name) or block.children(name) for name in names):
            yield rule, block, does

    return check
