"""A draft's files under stricter rules than a person's own: they run nothing and send nothing where nobody asked."""

from collections.abc import Iterator

import msgspec

from truth_blocks.contracts import SourceFile
from truth_blocks.terraform.critic import ModuleReport, check_module
from truth_blocks.terraform.findings import Finding, in_order
from truth_blocks.terraform.model import Block, literal_text
from truth_blocks.terraform.rules import RULES
from truth_blocks.terraform.schema import Schemas
from truth_blocks.terraform.security_outside import backends, foreign_backend, programs, shown
from truth_blocks.terraform.survey import MAX_MESSAGE, Placed

_REFUSED = ("SEC-041", "SEC-042", "SEC-043")


def check_draft(
    schemas: Schemas, sources: tuple[SourceFile, ...], request: str, insecure_fails: bool = False
) -> ModuleReport:
    """As `check_module`; programs and backends nobody named are errors, called modules unverifiable."""
    report = check_module(schemas, sources, insecure_fails=insecure_fails)
    refused: list[Finding] = []
    unread: list[Finding] = []
    for file in report.files:
        for block in file.body.blocks:
            refused += _refused(file.name, block, request)
            unread += _modules(file.name, block)
    kept = [found for found in report.findings if found.code not in _REFUSED]
    return msgspec.structs.replace(
        report, findings=in_order([*kept, *refused, *unread]), checkable=report.checkable + len(refused)
    )


def _refused(file: str, block: Block, request: str) -> Iterator[Finding]:
    name = ".".join(block.labels) or block.type
    for code, at, does in programs(block):
        message = f"{name} {does}: a plan never runs programs; {RULES[code].fix}"
        yield _finding(code, file, at, message)
    for backend in backends(block):
        host = foreign_backend(backend, request)
        if host:
            message = (
                f"the state would be kept on {shown(host)}, which the request does not name: leave the backend out"
            )
            yield _finding("SEC-043", file, backend, message)


def _modules(file: str, block: Block) -> Iterator[Finding]:
    source = block.attribute("source") if block.type == "module" else None
    if source is not None:
        text = literal_text(source.value) or "an expression"
        message = f"module {'.'.join(block.labels)} comes from {text}: what it makes was not checked"
        found = _finding("remote-module", file, source, message)
        yield msgspec.structs.replace(found, severity="unverifiable")


def _finding(code: str, file: str, at: Placed, message: str) -> Finding:
    return Finding(code, "error", file, at.line, at.column, message[:MAX_MESSAGE])
