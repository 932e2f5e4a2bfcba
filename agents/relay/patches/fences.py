"""Fenced blocks of a Markdown text, each with its language and the file that it is said to be."""

import re
from collections.abc import Iterator

import msgspec

from agents.relay.patches.blocks import named

_OPEN = re.compile(r"(?P<indent>[ \t]{0,12})(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$")
_TITLE = re.compile(r"(?:title|file|filename|path)\s*[=:]\s*[\"']?([^\"'\s}]+)", re.IGNORECASE)


class Fence(msgspec.Struct, frozen=True):
    """One fenced block."""

    language: str
    name: str
    """The file it is said to be, by its info string or the line above it; empty when nothing says."""
    text: str


def fences(text: str) -> Iterator[Fence]:
    """Every fenced block; one that is not closed runs to the end."""
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        opened = _OPEN.fullmatch(lines[at].rstrip("\r"))
        if opened is None:
            at += 1
            continue
        end = _closing(lines, at, opened["indent"], opened["mark"], nested=not _is_diff(opened["info"]))
        body = [_without(opened["indent"], line) for line in lines[at + 1 : end]]
        language, name = _told(opened["info"], lines[:at])
        yield Fence(language, name, "\n".join(body) + ("\n" if body else ""))
        at = end + 1


def _closing(lines: list[str], at: int, indent: str, mark: str, *, nested: bool) -> int:
    """Where a block ends. A whole file may hold blocks itself: those are told by their language."""
    depth = 0
    for index in range(at + 1, len(lines)):
        found = _OPEN.fullmatch(lines[index].rstrip("\r"))
        if found is None or found["mark"][0] != mark[0] or len(found["indent"]) > len(indent):
            continue
        if found["info"].strip():
            depth += nested and len(found["mark"]) >= len(mark)
        elif len(found["mark"]) >= len(mark):
            if depth == 0:
                return index
            depth -= 1
    return len(lines)


def _is_diff(info: str) -> bool:
    return info.strip().lower().startswith(("diff", "patch", "udiff"))


def _without(indent: str, line: str) -> str:
    return line[len(indent) :] if line.startswith(indent) else line.lstrip(" \t") if not line.strip() else line


def _told(info: str, before: list[str]) -> tuple[str, str]:
    """Language and file name of a block."""
    info = info.strip().strip("{}").strip()
    word, _, rest = info.partition(" ")
    if titled := _TITLE.search(info):
        return word.lower(), titled[1]
    language, colon, path = word.partition(":")
    if colon and named(path):
        return language.lower(), named(path)
    if named(word):
        return "", named(word)
    if named(rest):
        return word.lower(), named(rest)
    above = next((line for line in reversed(before[-3:]) if line.strip()), "")
    return word.lower(), named(above)
