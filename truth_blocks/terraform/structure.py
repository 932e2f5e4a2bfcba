"""Hold the body of a block against its schema: arguments, nested blocks, what is missing, literal types."""

from collections.abc import Callable, Set

from truth_blocks.terraform.findings import did_you_mean
from truth_blocks.terraform.model import Attribute, Block, ListValue, ObjectValue
from truth_blocks.terraform.schema import BlockSchema, Setting
from truth_blocks.terraform.survey import Placed, Strange, Survey
from truth_blocks.terraform.values import misfits

_NOTHING: frozenset[str] = frozenset()
_DYNAMIC_ARGUMENTS = frozenset({"for_each", "iterator", "labels"})


class BodyCheck:
    """Checks bodies of one provider generation (or of Terraform itself), into one survey."""

    def __init__(
        self,
        survey: Survey,
        nested: Callable[[int], BlockSchema],
        label: str,
        provider: str = "",
        certain: bool = True,
    ) -> None:
        self._survey, self._nested, self._label = survey, nested, label
        self._provider, self._certain = provider, certain

    def _error(self, code: str, at: Placed, message: str, expected: str, suggestion: str = "") -> None:
        """A finding that names the schema it rests on."""
        self._survey.blame[self._provider] += 1
        if not self._certain and code.startswith("unknown-") and not suggestion:
            told = f"{message} ({self._label}); the generation that is asked for may have it"
            self._survey.unverifiable(code, at, told)
            return
        self._survey.error(code, at, f"{message} ({self._label})", expected, suggestion)

    def check(
        self,
        block: Block,
        schema: BlockSchema,
        owner: str,
        arguments: Set[str] = _NOTHING,
        blocks: Set[str] = _NOTHING,
        relatives: Callable[[str], str] = lambda _name: "",
    ) -> None:
        """Check one body; ``arguments`` and ``blocks`` are Terraform's own names allowed besides the schema's."""
        present: set[str] = set()
        for attribute in block.attributes:
            if attribute.name in present:
                self._error("duplicate-argument", attribute, f"`{attribute.name}` is set twice in {owner}", "one value")
            present.add(attribute.name)
            if attribute.name not in arguments:
                self._argument(attribute, schema, owner, relatives)
        counts: dict[str, int] = {}
        for inner in block.blocks:
            name = inner.type
            if name == "dynamic" and inner.labels:
                name = inner.labels[0]
                counts[name] = max(counts.get(name, 0), 1)
            else:
                counts[name] = counts.get(name, 0) + 1
            if name not in blocks:
                self._block(inner, name, counts[name], schema, owner)
        self._missing(block, schema, owner, present | counts.keys())

    def _argument(self, attribute: Attribute, schema: BlockSchema, owner: str, relatives: Callable[[str], str]) -> None:
        setting = schema.settings.get(attribute.name)
        if setting is None:
            self._unknown(attribute, attribute.name, "argument", schema, owner, relatives)
        elif setting.is_block:
            expected = f"{attribute.name} {{ … }}"
            self._error(
                "block-as-argument",
                attribute,
                f"`{attribute.name}` is a block in {owner}: write `{expected}`, without `=`",
                expected,
                expected,
            )
        elif setting.computed_only:
            self._computed(attribute, attribute.name, owner)
        else:
            self._survey.held()
            self._value(attribute, setting, owner)

    def _unknown(
        self,
        at: Attribute | Block,
        name: str,
        what: str,
        schema: BlockSchema,
        owner: str,
        relatives: Callable[[str], str] = lambda _name: "",
    ) -> None:
        self._survey.strange.append(Strange(self._provider, self._survey.file, at, f"`{name}` of {owner}"))
        settable = [each.name for each in schema.settings.values() if not each.computed_only]
        suggestion = self._survey.nearest(name, settable)
        related = "" if suggestion else relatives(name)
        hint = f" — did you mean the resource {related}?" if related else did_you_mean(suggestion)
        self._error(
            f"unknown-{what}",
            at,
            f"unknown {what} `{name}` in {owner}{hint}",
            f"one of the {len(settable)} settings of {owner}",
            suggestion or related,
        )

    def _computed(self, at: Attribute | Block, name: str, owner: str) -> None:
        message = f"`{name}` of {owner} is set by the provider and cannot be written"
        self._error("computed-argument", at, message, "leave it out")

    def _value(self, attribute: Attribute, setting: Setting, owner: str) -> None:
        for misfit in misfits(attribute.value, setting):
            message = f"`{attribute.name}` of {owner} is {_article(setting.type_name)}, found {misfit.found}"
            self._error("wrong-type", misfit.value, message, setting.type_name)
        if setting.child is None:
            return
        value = attribute.value
        for item in value.items if isinstance(value, ListValue) else (value,):
            if isinstance(item, ObjectValue) and setting.nesting != "map":
                self._object(item, setting, owner)

    def _object(self, value: ObjectValue, setting: Setting, owner: str) -> None:
        """A literal object for nested settings: Terraform drops surplus keys, but required ones must be there."""
        inside = f"{owner}.{setting.name}"
        keys = {item.key for item in value.items}
        if None in keys or setting.child is None:
            return
        schema = self._nested(setting.child)
        for each in schema.settings.values():
            if each.required and each.name not in keys:
                self._error(
                    "missing-argument", value, f"{inside} needs `{each.name}` ({each.type_name})", each.type_name
                )
        for item in value.items:
            inner = schema.settings.get(item.key or "")
            if inner is not None:
                self._value(Attribute(inner.name, item.value, item.line, item.column), inner, inside)

    def _block(self, block: Block, name: str, count: int, schema: BlockSchema, owner: str) -> None:
        setting = schema.settings.get(name)
        if setting is None:
            self._unknown(block, name, "block", schema, owner)
        elif setting.computed_only:
            self._computed(block, name, owner)
        elif setting.code in ("A", "a"):
            self._survey.held()
        elif setting.child is None or setting.code in ("o", "k"):
            expected = f"{name} = {'{ … }' if setting.code[0] in 'Mok' else '…'}"
            self._error(
                "argument-as-block",
                block,
                f"`{name}` is an argument of {owner} ({setting.type_name}): write `{expected}`",
                expected,
                expected,
            )
        else:
            self._known_block(block, name, count, setting, owner)

    def _known_block(self, block: Block, name: str, count: int, setting: Setting, owner: str) -> None:
        self._survey.held()
        inside = f"{owner}.{name}"
        if setting.nesting == "one" and count > 1:
            self._error(
                "too-many-blocks", block, f"{owner} takes one `{name}` block, this is number {count}", "one block"
            )
        content: Block | None = block
        if block.type == "dynamic":
            content = self._dynamic(block, name)
        elif block.labels and setting.nesting != "map":
            message = f'a `{name}` block takes no label, found "{block.labels[0]}"'
            self._error("wrong-labels", block, message, f"{name} {{ … }}")
        if content is not None and setting.child is not None:
            self.check(content, self._nested(setting.child), inside)

    def _dynamic(self, block: Block, name: str) -> Block | None:
        """The content of a ``dynamic`` block, its own arguments checked."""
        for attribute in block.attributes:
            if attribute.name not in _DYNAMIC_ARGUMENTS:
                message = f"unknown argument `{attribute.name}` in a dynamic block"
                self._error("unknown-argument", attribute, message, "for_each, iterator or content")
        if block.attribute("for_each") is None:
            self._error("missing-argument", block, f'dynamic "{name}" needs `for_each`', "for_each")
        content = next((each for each in block.blocks if each.type == "content"), None)
        if content is None:
            self._error("missing-block", block, f'dynamic "{name}" needs a `content` block', "content { … }")
        return content

    def _missing(self, block: Block, schema: BlockSchema, owner: str, present: Set[str]) -> None:
        for setting in schema.settings.values():
            if not setting.required:
                continue
            if setting.name in present:
                continue
            what = "block" if setting.is_block else "argument"
            expected = f"{setting.name} {{ … }}" if setting.is_block else setting.type_name
            self._error(
                f"missing-{what}", block, f"{owner} needs the {what} `{setting.name}`{_hint(setting)}", expected
            )


def _hint(setting: Setting) -> str:
    return "" if setting.is_block else f" ({setting.type_name})"


def _article(type_name: str) -> str:
    return f"an {type_name}" if type_name[0] in "aeiou" else f"a {type_name}"
