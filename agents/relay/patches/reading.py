"""From a reply to file patches: JSON, JSON and fences, fenced or bare diffs, search/replace blocks, whole files."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agents.relay.patches.blocks import block_names, holds_blocks, named
from agents.relay.patches.contracts import MAX_BUNDLE_BYTES, FilePatch
from agents.relay.patches.diffs import NOTHING, clean_name, git_names, starts_file
from agents.relay.patches.fences import Fence, fences

Bundle = str | FilePatch | Sequence[FilePatch | Mapping[str, Any]] | Mapping[str, Any]

_DIFF = re.compile(
    r"^[ \t>]*(?:@@|diff --git |\*\*\* (?:Update|Add|Delete) File: |--- [^\n]*\n[ \t>]*\+\+\+ )", re.MULTILINE
)
_BARE = re.compile(
    r"^(?:diff --git |\*\*\* (?:Update|Add|Delete) File: |--- [^\n]*\n\+\+\+ |<{5,9} ?SEARCH)", re.MULTILINE
)
_ESCAPED = re.compile(r"(?:@@|--- |<<<<<<<|diff --git )")
_PREFIXES = ("a/", "b/", "i/", "w/", "c/", "o/")


def read_patches(reply: Bundle) -> tuple[FilePatch, ...]:
    """Every file patch that a reply holds, in its order; nothing when it holds none. Never raises.

    Args:
        reply: a reply's text, or a bundle: ``[{"file": …, "diff": …}]``, also inside ``{"patch_bundle": …}``.
    """
    if isinstance(reply, str):
        return tuple(_from_text(reply))
    if isinstance(reply, FilePatch):
        return (reply,)
    return tuple(_from_bundle(reply))


def too_large(text: str) -> bool:
    """Whether a text is beyond what is read at all."""
    return len(text) > MAX_BUNDLE_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BUNDLE_BYTES


def holds_diff(text: str) -> bool:
    """Whether a text has the marks of a unified diff."""
    return bool(_DIFF.search(text))


def _from_bundle(bundle: object) -> Iterator[FilePatch]:
    if isinstance(bundle, Mapping):
        inner = bundle.get("patch_bundle", bundle.get("patches", bundle.get("files")))
        yield from _from_bundle([bundle] if inner is None else inner)
    elif isinstance(bundle, Sequence) and not isinstance(bundle, str):
        for each in bundle:
            if isinstance(each, FilePatch):
                yield each
            elif isinstance(each, Mapping):
                text = next((each[key] for key in ("diff", "patch", "content") if isinstance(each.get(key), str)), None)
                name = next((each[key] for key in ("file", "path", "filename") if isinstance(each.get(key), str)), "")
                if text is not None:
                    yield FilePatch(name.strip(), text)


def _from_text(text: str) -> Iterator[FilePatch]:
    if too_large(text):
        yield FilePatch("", text)  # left unread: `plan` refuses it by its size
        return
    text = text.removeprefix("\ufeff")
    document, rest = _leading_json(text)
    found = list(_from_bundle(document)) if isinstance(document, (list, dict)) else []
    if isinstance(document, str):
        rest = document
    if not found:
        rest = unescaped(rest) if is_escaped(rest) else rest
        found = [] if _begins_bare(rest) else list(_from_fences(rest))
        found = found or list(_unfenced(rest, ""))
    yield from found


def _leading_json(text: str) -> tuple[Any, str]:
    """The JSON document that a reply begins with, and what follows it."""
    start = text.lstrip()
    if not start.startswith(("{", "[", '"')):
        return None, text
    try:
        document, end = json.JSONDecoder(strict=False).raw_decode(start)
    except (ValueError, RecursionError):
        return None, text
    return document, start[end:]


def is_escaped(text: str) -> bool:
    """Whether the line breaks of a patch stand there as the two characters `\\n`."""
    body = text.strip()
    return body.count("\\n") >= 2 and body.count("\n") <= 1 and bool(_ESCAPED.search(body))


def unescaped(text: str) -> str:
    """A text with its JSON escapes undone."""
    body = text.strip().strip('"')
    try:
        return str(json.loads(f'"{body}"', strict=False))
    except ValueError:
        pairs = {"\\n": "\n", "\\t": "\t", '\\"': '"', "\\\\": "\\", "\\r": "\r", "\\'": "'"}
        return re.sub(r"\\[ntr\"'\\]", lambda found: pairs[found[0]], body)


def _from_fences(text: str) -> Iterator[FilePatch]:
    known = ""
    for fence in fences(text):
        hint = fence.name or known
        if fence.language in ("json", "") and fence.text.lstrip().startswith(("{", "[")):
            document, _ = _leading_json(fence.text)
            inner = list(_from_bundle(document)) if _is_bundle(document) else []
            yield from inner
            if inner:
                continue
        body = unescaped(fence.text) if is_escaped(fence.text) else fence.text
        if _is_patch(fence, body):
            for patch in _unfenced(body, hint):
                known = patch.file or known
                yield patch
        elif fence.name:
            yield FilePatch(fence.name, body)


def _begins_bare(text: str) -> bool:
    """Whether a diff begins before any fence, or blocks name their files themselves: then fences are not looked at, for
    those further down belong to the file that is changed.
    """
    if next(block_names(text), ""):
        return True
    begun = _BARE.search(text)
    return begun is not None and next(fences(text[: begun.start()]), None) is None


def _is_bundle(document: object) -> bool:
    if isinstance(document, dict):
        return "patch_bundle" in document or ("file" in document and "diff" in document)
    return isinstance(document, list) and all(isinstance(each, dict) and "diff" in each for each in document)


def _is_patch(fence: Fence, body: str) -> bool:
    return holds_blocks(body) or holds_diff(body) or fence.language in ("diff", "patch", "udiff")


def _unfenced(text: str, hint: str) -> Iterator[FilePatch]:
    """The patches of a text that has no fences (any more)."""
    if holds_blocks(text):
        yield FilePatch(hint, text)
    elif holds_diff(text) or hint:
        yield from split_files(dedented(text), hint)


def dedented(text: str) -> str:
    """A diff without the indentation or quotation marks that all of it has."""
    first = _DIFF.search(text)
    if first is None:
        return text
    margin = re.match(r"[ \t>]*", first[0])
    assert margin is not None
    if not margin[0]:
        return text
    lines = text[first.start() :].split("\n")
    if not all(line.startswith(margin[0]) or not line.strip(" \t>") for line in lines):
        return text
    return "\n".join(line[len(margin[0]) :] for line in lines)


def split_files(text: str, hint: str) -> Iterator[FilePatch]:
    """A diff of many files as one patch for each; `hint` names the file of a diff without headers."""
    lines = text.split("\n")
    starts: list[int] = []
    inside = False
    for at in range(len(lines)):
        if starts_file(lines, at) and _is_start(lines, at, inside):
            starts.append(at)
        inside = inside or lines[at].startswith("@@")
    if not starts:
        first = next((at for at, line in enumerate(lines) if line.startswith("@@")), 0)
        yield FilePatch(hint or _name_above(lines, first), "\n".join(lines[first:]))
        return
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        part = lines[start:end]
        yield FilePatch(_name_of(part) or hint, "\n".join(part))


_EXTENDED = ("index ", "old mode", "new mode", "new file", "deleted file", "similarity", "rename ", "copy ")


def _is_start(lines: list[str], at: int, inside: bool) -> bool:
    """Leaves out the `---` that belongs to the `diff --git` above it, and removed lines that look like a header."""
    if not lines[at].startswith("--- "):
        return True
    before = at - 1
    while before >= 0 and lines[before].startswith(_EXTENDED):
        before -= 1
    if before >= 0 and lines[before].startswith("diff --git "):
        return False
    return not inside or not lines[at + 2 : at + 3] or lines[at + 2].startswith("@@")


def _name_above(lines: list[str], first: int) -> str:
    return next((name for line in reversed(lines[max(0, first - 4) : first]) if (name := named(line))), "")


def _name_of(part: list[str]) -> str:
    """What the headers call the file, for people; the exact path is settled against the tree."""
    for word in ("+++ ", "--- ", "*** "):
        for line in part[:12]:
            if line.startswith(word):
                name = clean_name(line[4:].partition("File: ")[2] if word == "*** " else line[4:])
                if name and name != NOTHING:
                    return bare_name(name)
    return bare_name(git_names(part[0].removeprefix("diff --git "))[-1]) if part else ""


def bare_name(name: str) -> str:
    """A header's name without git's prefix and a leading `./`."""
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            name = name.removeprefix(prefix)
            break
    return name.removeprefix("./")
