"""The code record: a piece of code as 1,536 numbers in five channels, each of its own length 1 before they are weighed.

| places | channel | read from |
|---|---|---|
| 0–511 | semantic | words of names, comments and strings |
| 512–767 | structural | node types of the syntax tree, each with its parent and as a chain of three |
| 768–1023 | performance | nesting of loops, calls in loops, input and output, sorting, recursion, sizes |
| 1024–1279 | context | path, language, imports, what is defined and what is called |
| 1280–1535 | quality | lengths, branches, nesting, comments, annotations, asserts, error handling |

Two records that differ in names alone agree in structure; two that share their words but not their shape agree in the
first channel only. By them the relay sees whether a reply was given before, and which solved defects are like this one.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from math import log2
from typing import TYPE_CHECKING

import msgspec

import syntax
from memory.embedders.code_shape import BRANCHES, GUARDS, LOOPS, NAME, Shape
from memory.embedders.hashing import hashed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DIMENSION = 1_536
MODEL = "code-record-1"
"""Change it with anything that changes a vector."""
MAX_CHARACTERS = 100_000
"""Of a piece of code that are read; what lies behind is left out."""

Features = list[tuple[str, float]]

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
_COSTLY = {
    "io": ("open", "read", "write", "print", "recv", "send", "request", "get", "post", "query", "execute", "fetch"),
    "order": ("sort", "sorted", "order", "min", "max", "heap"),
    "copy": ("copy", "clone", "deepcopy", "list", "append", "concat", "push", "extend", "join"),
    "regex": ("compile", "match", "search", "sub", "findall", "regex"),
    "wait": ("sleep", "lock", "acquire", "wait", "join", "await"),
}


class CodePiece(msgspec.Struct, frozen=True):
    """Code with the path that tells its language. ``path`` may be empty: then the code is read as words alone."""

    path: str
    code: str


class CodeRecordEmbedder:
    """Embeds texts of the form ``path`` + newline + code; see `as_text`."""

    model = MODEL
    dimension = DIMENSION

    async def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Shape ``(len(texts), 1536)``; off the event loop, since parsing takes milliseconds."""
        import asyncio

        return await asyncio.to_thread(lambda: code_records([from_text(text) for text in texts]))

    async def close(self) -> None:
        """Nothing is open."""


def as_text(piece: CodePiece) -> str:
    """A piece as the text of a record: its path stands in the first line."""
    return f"{piece.path}\n{piece.code}"


def from_text(text: str) -> CodePiece:
    """The reverse of `as_text`."""
    path, _, code = text.partition("\n")
    return CodePiece(path, code)


def code_records(pieces: Sequence[CodePiece]) -> "NDArray[np.float32]":
    """One row a piece, shape ``(len(pieces), 1536)``, length 1; zeros for a piece in which nothing can be read."""
    import numpy as np

    rows = np.zeros((len(pieces), DIMENSION), np.float32)
    for row, piece in zip(rows, pieces, strict=True):
        piece = CodePiece(piece.path, piece.code[:MAX_CHARACTERS])
        if not piece.code.strip():
            continue
        shape = Shape.of(syntax.language_of(piece.path), piece.code)
        start = 0
        for width, weight, features in _CHANNELS:
            row[start : start + width] = hashed(features(piece, shape), width) * weight
            start += width
        length = float(np.sqrt(row @ row))
        row /= length or 1.0
    return rows


def _semantic(piece: CodePiece, _shape: Shape) -> Features:
    names = Counter(NAME.findall(piece.code))
    features = []
    for name, count in names.items():
        strength = 1 + log2(count)
        features.append((f"name {name.casefold()}", 0.5 * strength))
        features += [(f"part {part.casefold()}", strength) for part in _PARTS.findall(name) if len(part) > 1]
    return features


def _structural(_piece: CodePiece, shape: Shape) -> Features:
    return [(chain, 1 + log2(count)) for chain, count in shape.chains.items()]


def _performance(_piece: CodePiece, shape: Shape) -> Features:
    loops = shape.share(LOOPS)
    features = [("loops", _size(loops)), (f"nesting {min(shape.loop_depth, 6)}", 2.0)] if loops else []
    for (name, depth), count in Counter((name, min(depth, 3)) for name, depth in shape.calls).items():
        strength = (1 + log2(count)) * (0.5 + depth)
        features.append((f"call {name.casefold()} in {depth}", 0.4 * strength))
        features += [(f"{cost} in {depth}", strength) for cost, verbs in _COSTLY.items() if name.casefold() in verbs]
    features += [(f"recursion {name}", 1.5) for name in {name for name, _ in shape.calls} & set(shape.defined) if name]
    if waits := shape.counts["await"] + shape.counts["await_expression"]:
        features.append(("await", _size(waits)))
    return features


def _context(piece: CodePiece, shape: Shape) -> Features:
    folders = piece.path.replace("\\", "/").casefold().split("/")
    features = [(f"language {language}", 1.0)] if (language := syntax.language_of(piece.path)) else []
    features += [(f"folder {folder}", 1.0) for folder in folders[:-1]]
    features += [(f"file {folders[-1]}", 1.5)] if folders[-1] else []
    features += [(f"import {name}", 1.0) for line in shape.imports[:100] for name in set(NAME.findall(line))]
    features += [(f"defines {name.casefold()}", 1.5) for name in set(shape.defined[:200]) if name]
    features += [(f"calls {name.casefold()}", 0.7) for name in {name for name, _ in shape.calls[:500]} if name]
    return features


def _quality(piece: CodePiece, shape: Shape) -> Features:
    lines = piece.code.splitlines()
    longest = max(shape.function_lines, default=0)
    measures = {
        "lines": len(lines),
        "wide lines": sum(len(line) > 100 for line in lines),
        "blank lines": sum(not line.strip() for line in lines),
        "functions": len(shape.function_lines),
        "longest function": longest,
        "branches": shape.share(BRANCHES),
        "comments": shape.counts["comment"] + shape.counts["line_comment"] + shape.counts["block_comment"],
        "types": shape.counts["type"] + shape.counts["type_annotation"] + shape.counts["type_identifier"],
        "asserts": shape.counts["assert_statement"] + sum("assert" in name.casefold() for name, _ in shape.calls),
        "guards": shape.share(GUARDS),
        "errors": shape.counts["ERROR"],
    }
    features = [(f"{name} {_size(value):.0f}", 1.0) for name, value in measures.items() if value]
    if shape.branch_depth:
        features.append((f"branch nesting {min(shape.branch_depth, 8)}", 1.5))
    return features


def _size(count: int) -> float:
    """A count as a magnitude, so that 40 is nearer to 50 than 1 is to 11."""
    return log2(1 + count)


_CHANNELS: tuple[tuple[int, float, Callable[[CodePiece, Shape], Features]], ...] = (
    (512, 0.40**0.5, _semantic),
    (256, 0.25**0.5, _structural),
    (256, 0.10**0.5, _performance),
    (256, 0.15**0.5, _context),
    (256, 0.10**0.5, _quality),
)
"""Width and weight of each channel; the squares of the weights are its share of a cosine and add up to 1."""
