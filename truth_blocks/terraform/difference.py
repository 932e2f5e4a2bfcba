"""The answer of ``/cloud diff``: what changed by resource, and which findings are new or gone."""

from collections import Counter
from collections.abc import Iterator

from truth_blocks.contracts import LookUp, SourceFile
from truth_blocks.terraform.comparison import Change, Comparison, compare
from truth_blocks.terraform.critic import check_module
from truth_blocks.terraform.findings import Finding
from truth_blocks.terraform.inventory import Inventory, Item, inventory
from truth_blocks.terraform.render import line_of, plain
from truth_blocks.terraform.schema import Schemas
from truth_blocks.terraform.written import HIDDEN, Written


def difference(schemas: Schemas, before: SourceFile, after: SourceFile) -> LookUp:
    """Compare two files; one that cannot be read is said so and nothing is compared."""
    old, new = inventory(before), inventory(after)
    broken = [line for which, each in (("before", old), ("after", new)) for line in _broken(which, each)]
    if broken:
        text = "**Not compared.** What is not readable as Terraform:\n```\n" + "\n".join(broken) + "\n```"
        return LookUp(text, ok=False)
    found = compare(old, new)
    lines = list(_lines(found))
    parts = [_head(found, before, after)]
    if lines:
        parts.append("```diff\n" + "\n".join(plain(line) for line in lines) + "\n```")
    was, now = (check_module(schemas, (each,), complete=False) for each in (before, after))
    findings = list(_findings(was.findings, now.findings))
    if findings:
        parts.append("**Findings**\n```diff\n" + "\n".join(plain(line) for line in findings) + "\n```")
    elif lines:
        parts.append("No finding is new and none is gone.")
    return LookUp("\n".join(parts), citations=now.citations)


def _broken(which: str, read: Inventory) -> Iterator[str]:
    problem = read.parsed.problem
    if problem:
        yield plain(f"{which} {read.parsed.name}:{problem.line}:{problem.column}  {problem.message}")


def _head(found: Comparison, before: SourceFile, after: SourceFile) -> str:
    numbers = (
        (len(found.added), "added"),
        (len(found.removed), "removed"),
        (len(found.changed), "changed"),
        (sum(each.sure for each in found.renamed), "moved"),
        (sum(not each.sure for each in found.renamed), "likely renamed"),
    )
    words = [f"{number} {word}" for number, word in numbers if number]
    if not words:
        same = before.content == after.content
        return "**Identical.**" if same else "**Nothing changed** but comments, formatting or order."
    return f"**{', '.join(words)}**; {found.unchanged} unchanged."


def _lines(found: Comparison) -> Iterator[str]:
    yield from (f"+ {_named(item)}" for item in found.added)
    yield from (f"- {_named(item)}" for item in found.removed)
    for old, new, changes in found.changed:
        yield f"! {new.address}  ({old.place} → {new.place})"
        yield from (f"    {_change(each)}" for each in changes)
    for each in found.renamed:
        why = "a moved block says so" if each.sure else f"a guess: {each.equal} of {each.of} settings are equal"
        yield f"! {each.old.address} → {each.new.address}  ({why})"
        yield from (f"    {_change(change)}" for change in each.changes)
        if not each.sure:
            yield "    without a `moved` block Terraform destroys the one and makes the other"


def _named(item: Item) -> str:
    return f"{item.address}  ({item.place})"


def _change(change: Change) -> str:
    old, new = change.old, change.new
    if old is not None and new is not None and (old.secret or new.secret) and old.shown == new.shown:
        return f"{change.path}: changed, the value is hidden"
    if old is None:
        return f"{change.path}: set to {_value(new)}"
    if new is None:
        return f"{change.path}: no longer set (was {_value(old)})"
    shown_old, shown_new = _value(old), _value(new)
    if shown_old == shown_new:
        return f"{change.path}: changed beyond the first {len(shown_old)} characters, {shown_old}"
    return f"{change.path}: {shown_old} → {shown_new}"


def _value(written: Written | None) -> str:
    return written.shown if written else HIDDEN


def _findings(before: list[Finding], after: list[Finding]) -> Iterator[str]:
    """New findings with their place in the new file, then those that are gone with their place in the old one."""
    for sign, listed, others in (("+", after, before), ("-", before, after)):
        left = Counter(map(_identity, others))
        for found in listed:
            if left[_identity(found)]:
                left[_identity(found)] -= 1
            elif found.severity != "unverifiable":
                yield f"{sign} {line_of(found)}"


def _identity(found: Finding) -> tuple[str, str]:
    return found.code, found.message
