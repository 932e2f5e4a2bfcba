"""A bundle's patches as pieces, each for one file of the tree by its exact name."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from agents.relay.patches.blocks import Block, holds_blocks, read_blocks
from agents.relay.patches.contracts import (
    MAX_BUNDLE_BYTES,
    MAX_FILES,
    MAX_HUNKS,
    FilePatch,
    Policy,
    Unpatchable,
    refuse,
)
from agents.relay.patches.diffs import NOTHING, FileDiff, read_diff
from agents.relay.patches.fences import fences
from agents.relay.patches.names import check_name, printable
from agents.relay.patches.reading import bare_name, dedented, holds_diff, is_escaped, split_files, unescaped
from agents.relay.patches.tree import Tree


class Piece(msgspec.Struct, frozen=True):
    """What one patch wants of one file: exactly one of the three forms is given."""

    path: str
    source: str
    """The file that it starts from: another than `path` for a rename or a copy."""
    diff: FileDiff | None = None
    blocks: tuple[Block, ...] = ()
    whole: str | None = None


def pieces_of(patches: Sequence[FilePatch], policy: Policy, tree: Tree) -> list[Piece]:
    """Every piece, after the path policy has passed all of their names.

    Raises:
        Unpatchable: the bundle is too large, empty, malformed, or names a file that it may not touch.
    """
    size = sum(len(patch.diff.encode("utf-8", "surrogatepass")) for patch in patches)
    if size > MAX_BUNDLE_BYTES:
        raise refuse("too-large", "", f"The bundle has {size:,} bytes; at most {MAX_BUNDLE_BYTES:,} are read.")
    if len(patches) > MAX_FILES:
        raise refuse("too-large", "", f"The bundle touches {len(patches)} files; at most {MAX_FILES} are read.")
    for patch in patches:
        if patch.file:
            check_name(_relative(patch.file), policy)
    pieces = [piece for patch in patches for piece in _pieces(patch, policy, tree)]
    count = sum(len(piece.diff.hunks) if piece.diff else len(piece.blocks) for piece in pieces)
    if count > MAX_HUNKS:
        raise refuse("too-large", "", f"The bundle has {count} hunks; at most {MAX_HUNKS} are read.")
    if not pieces:
        raise refuse("empty", "", "No patch was found: no diff, no search/replace block, no file with its name.")
    return pieces


def _relative(name: str) -> str:
    return name.strip(" ").removeprefix("./")


def _pieces(patch: FilePatch, policy: Policy, tree: Tree) -> Iterator[Piece]:
    text = _plain(patch.diff)
    if any(0xD800 <= ord(each) <= 0xDFFF or each == "\0" for each in text):
        raise refuse("malformed", printable(patch.file), "The patch holds characters that no text file has.")
    if holds_blocks(text):
        yield from _block_pieces(patch.file, text, policy, tree)
    elif holds_diff(text) or _is_body(text):
        for part in split_files(dedented(text), patch.file):
            yield _diff_piece(part, patch.file, policy, tree)
    else:
        path = _settled([patch.file], policy, tree)
        yield Piece(path, path, whole=text)


def _plain(text: str) -> str:
    """A patch without carriage returns of its own, escapes of its line breaks, or a fence around all of it."""
    if "\r\n" in text and re.match(r"[^\n]*\r\n", text) and _headers_end_in_return(text):
        text = text.replace("\r\n", "\n")
    if is_escaped(text):
        text = unescaped(text)
    if text.lstrip().startswith(("```", "~~~")):
        inner = list(fences(text))
        if len(inner) == 1:
            return inner[0].text
    return text


def _headers_end_in_return(text: str) -> bool:
    """Whether the carriage returns belong to the patch and not to the lines of the file that it is for."""
    headers = [line for line in text.split("\n") if line.startswith(("@@", "--- ", "+++ ", "<<<<<<<", "diff --git"))]
    return all(line.endswith("\r") for line in headers)


def _is_body(text: str) -> bool:
    lines = [line for line in text.split("\n") if line]
    return bool(lines) and all(line[0] in " +-\\" for line in lines) and any(line[0] in "+-" for line in lines)


def _block_pieces(file: str, text: str, policy: Policy, tree: Tree) -> Iterator[Piece]:
    blocks: dict[str, list[Block]] = {}
    name = file
    for block in read_blocks(text):
        name = block.file or name
        path = _settled([name], policy, tree)
        if file and path != _settled([file], policy, tree):
            raise refuse("name-mismatch", path, f"The patch is for {file}, but a block in it names {path}.")
        blocks.setdefault(path, []).append(block)
    for path, found in blocks.items():
        yield Piece(path, path, blocks=tuple(found))


def _diff_piece(part: FilePatch, told: str, policy: Policy, tree: Tree) -> Piece:
    diff = _read_named(part)
    for name in diff.names:
        check_name(bare_name(name), policy)
    if not diff.new and not told and not part.file:
        raise refuse("no-file-name", "", "The diff does not say which file it is for.")
    source = _settled([diff.old or part.file], policy, tree)
    path = source if diff.new == diff.old else _settled([diff.new or part.file], policy, tree)
    if diff.kind == "modify" and not tree.exists(source) and not tree.exists(path) and any(h.old for h in diff.hunks):
        source, path = _without_first(source, policy, tree), _without_first(path, policy, tree)
    if diff.kind not in ("rename", "copy") and source != path:
        path = source = _one_of(source, path, tree)
    if told:
        source, path = _as_told(told, source, path, policy, tree)
    for name in diff.names:
        if not _same(bare_name(name), source) and not _same(bare_name(name), path):
            raise refuse("name-mismatch", path, f"The headers name both {path} and {printable(name)}.")
    return Piece(path, source, diff=diff)


def _read_named(part: FilePatch) -> FileDiff:
    """The diff; a refusal of its form still names the file, by the policy first."""
    try:
        return read_diff(part.diff)
    except Unpatchable as error:
        raise refuse(error.refusal.code, printable(part.file), error.refusal.message) from None


def _settled(names: Sequence[str], policy: Policy, tree: Tree) -> str:
    """The path that a name means: with git's prefix taken off, unless only the name as it stands is in the tree."""
    raw = _relative(names[0])
    bare = bare_name(raw)
    check_name(bare, policy)
    if raw != bare:
        check_name(raw, policy)
        if tree.exists(raw) and not tree.exists(bare):
            return raw
    return bare


def _without_first(path: str, policy: Policy, tree: Tree) -> str:
    """A path without its first folder (`old/`, the repository's own name), where only that is in the tree."""
    rest = path.partition("/")[2]
    if not rest or not tree.exists(rest):
        return path
    check_name(rest, policy)
    return rest


def _one_of(source: str, path: str, tree: Tree) -> str:
    """Two names that are one file in spite of a prefix on only one of them."""
    there = [each for each in (source, path) if tree.exists(each)]
    if len(there) == 1 and (source.endswith(f"/{path}") or path.endswith(f"/{source}")):
        return there[0]
    raise refuse("name-mismatch", path, f"The headers name {source} and {path}, and say nothing of a rename.")


def _as_told(told: str, source: str, path: str, policy: Policy, tree: Tree) -> tuple[str, str]:
    """The bundle's name for the file wins over headers that give the end of it only."""
    named = _settled([told], policy, tree)
    if named == path:
        return (source, path) if source != path else (path, path)
    if _same(path, named) and source == path:
        named = named if tree.exists(named) or not tree.exists(path) else path
        return named, named
    raise refuse("name-mismatch", named, f"The bundle says {named}, but the headers of its diff say {path}.")


def _same(name: str, path: str) -> bool:
    """Whether a header's name is a path or the end of it."""
    return name in (path, NOTHING) or path.endswith(f"/{name}") or name.endswith(f"/{path}")
