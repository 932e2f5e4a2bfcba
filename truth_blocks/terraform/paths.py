"""Check modules where they lie: a folder is one module, a file is checked alone."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from truth_blocks.terraform.critic import ModuleReport, check_parsed
from truth_blocks.terraform.model import ParsedFile
from truth_blocks.terraform.parser import MAX_BYTES, parse
from truth_blocks.terraform.schema import Schemas

MAX_MODULE_BYTES = 2_000_000
"""Largest module read (bytes over all its files)."""


def check_paths(schemas: Schemas, paths: Sequence[Path], strict: bool = False) -> Iterator[dict[str, Any]]:
    """One result per path: ``{"path", "verdict", "generation", "findings"}``.

    With ``strict`` a module that cannot be verified is reported ``invalid``'s way by the caller's exit code only; the
    verdict itself stays ``unverifiable``.
    """
    del strict
    for path in paths:
        yield _check(schemas, Path(path))


def _check(schemas: Schemas, path: Path) -> dict[str, Any]:
    try:
        folder = path.is_dir()
        names = sorted(each for each in path.iterdir() if each.suffix == ".tf" and each.is_file()) if folder else [path]
        if not names:
            return _unreadable(path, "no .tf files here (folders are not searched deeper)")
        if sum(name.stat().st_size for name in names) > MAX_MODULE_BYTES:
            return _unreadable(path, f"larger than {MAX_MODULE_BYTES // 1_000_000} MB: not read")
        files = [_read(name) for name in names]
        complete = folder and not any(each.name.endswith(".tf.json") for each in path.iterdir())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return _unreadable(path, reason)
    return _result(path, check_parsed(schemas, files, complete))


def _read(path: Path) -> ParsedFile:
    with path.open("rb") as stream:
        return parse(path.name, stream.read(MAX_BYTES + 1))


def _result(path: Path, report: ModuleReport) -> dict[str, Any]:
    return {
        "path": str(path),
        "verdict": report.verdict,
        "generation": report.generation,
        "findings": [msgspec.to_builtins(found) for found in report.findings],
    }


def _unreadable(path: Path, reason: str) -> dict[str, Any]:
    finding = {
        "code": "unreadable",
        "severity": "error",
        "file": path.name,
        "line": 0,
        "column": 0,
        "message": f"{path}: {reason}",
        "expected": "a readable .tf file or a folder of them",
        "suggestion": "",
    }
    return {"path": str(path), "verdict": "invalid", "generation": {}, "findings": [finding]}
