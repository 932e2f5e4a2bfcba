"""Check modules where they lie: a folder is one module, a file is checked alone."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from syntax import MAX_BYTES
from truth_blocks.terraform import formatter
from truth_blocks.terraform.called import NO_MODULES, LocalModules
from truth_blocks.terraform.critic import ModuleReport, check_parsed
from truth_blocks.terraform.findings import Finding
from truth_blocks.terraform.model import ParsedFile, SyntaxProblem
from truth_blocks.terraform.parser import parse
from truth_blocks.terraform.schema import Schemas

MAX_MODULE_BYTES = 2_000_000
"""Largest module read (bytes over all its files)."""
MAX_OPINIONS = 10
"""Refused files that a formatter is asked about in one go: each takes 40 to 100 ms, a whole module 2 to 3."""
Reads = Callable[[bytes], bool | None]
"""Can a formatter read this text? None when it cannot say."""


class PathCheck:
    """Checks many modules in one go; local modules that they call are read once."""

    def __init__(self, schemas: Schemas, insecure_fails: bool = False, reads: Reads = formatter.reads) -> None:
        self._schemas, self._insecure_fails, self._reads = schemas, insecure_fails, reads
        self._modules = LocalModules()
        self._opinions_left = MAX_OPINIONS

    def check(self, paths: Sequence[Path]) -> Iterator[dict[str, Any]]:
        """One result per path: ``{"path", "verdict", "generation", "findings"}``."""
        for path in paths:
            yield self._check(path)

    def _check(self, path: Path) -> dict[str, Any]:
        try:
            folder = path.is_dir()
            listed = sorted(path.iterdir()) if folder else [path]
            names = [each for each in listed if each.suffix == ".tf" and each.is_file()] if folder else listed
            if not names:
                return _unreadable(path, "no .tf files here (folders are not searched deeper)")
            if sum(name.stat().st_size for name in names) > MAX_MODULE_BYTES:
                return _unreadable(path, f"larger than {MAX_MODULE_BYTES // 1_000_000} MB: not read")
            files = [self._read(name) for name in names]
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            return _unreadable(path, reason)
        complete = folder and not any(each.name.endswith((".tf.json", ".tofu")) for each in listed)
        called = self._modules.beside(path) if folder else NO_MODULES
        report = check_parsed(self._schemas, files, complete, called, self._insecure_fails)
        return _result(path, report)

    def _read(self, path: Path) -> ParsedFile:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
        parsed = parse(path.name, content)
        if parsed.problem is not None and parsed.problem.code == "syntax" and self._disputed(content):
            told = f"{parsed.problem.message} — but `terraform fmt` reads this file"
            problem = SyntaxProblem("syntax-disputed", told, parsed.problem.line, parsed.problem.column)
            return ParsedFile(parsed.name, parsed.body, problem)
        return parsed

    def _disputed(self, content: bytes) -> bool:
        self._opinions_left -= 1
        return self._opinions_left >= 0 and bool(self._reads(content))


def check_paths(
    schemas: Schemas, paths: Sequence[Path], strict: bool = False, insecure_fails: bool = False
) -> Iterator[dict[str, Any]]:
    """One result per path.

    With ``strict`` a module that cannot be verified is reported ``invalid``'s way by the caller's exit code only; the
    verdict itself stays ``unverifiable``.
    """
    del strict
    return PathCheck(schemas, insecure_fails).check([Path(path) for path in paths])


def _result(path: Path, report: ModuleReport) -> dict[str, Any]:
    return {
        "path": str(path),
        "verdict": report.verdict,
        "generation": report.generation,
        "findings": [msgspec.to_builtins(found) for found in report.findings],
    }


def _unreadable(path: Path, reason: str) -> dict[str, Any]:
    expected = "a readable .tf file or a folder of them"
    finding = Finding("unreadable", "error", path.name, 0, 0, f"{path}: {reason}", expected)
    return {"path": str(path), "verdict": "invalid", "generation": {}, "findings": [msgspec.to_builtins(finding)]}
