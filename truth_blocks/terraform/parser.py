"""Read any text as a Terraform file: a typed module, or a clear sentence where it stops being one. Never raises."""

import codecs
from typing import TYPE_CHECKING

import syntax
from truth_blocks.terraform.balance import SURPLUS, first_fault, likely_cause, open_directive
from truth_blocks.terraform.model import Block, ParsedFile, SyntaxProblem
from truth_blocks.terraform.tree import NotTerraform, TreeReader

if TYPE_CHECKING:
    from tree_sitter import Node


def parse(name: str, content: str | bytes) -> ParsedFile:
    """The typed content of one file; what cannot be read carries its problem and an empty body."""
    source = _as_source(content)
    if isinstance(source, SyntaxProblem):
        return _refused(name, source)
    tree = syntax.parse("hcl", source)
    if tree is None:
        garbage = SyntaxProblem("syntax", "this does not read as Terraform at all", 1, 1)
        return _refused(name, first_fault(source.decode()) or garbage)
    root = tree.root_node
    if root.has_error:
        return _refused(name, _where_it_breaks(root, source))
    try:
        return ParsedFile(name, TreeReader(source).body(root))
    except NotTerraform as refusal:
        return _refused(name, refusal.problem)


def _refused(name: str, problem: SyntaxProblem) -> ParsedFile:
    return ParsedFile(name, Block("", (), [], [], 1, 1), problem)


def _as_source(content: str | bytes) -> bytes | SyntaxProblem:
    if len(content) > syntax.MAX_BYTES:
        return SyntaxProblem("too-large", f"larger than {syntax.MAX_BYTES // 1000} kB: not read", 1, 1)
    raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return SyntaxProblem("not-text", "not valid UTF-8: save the file as UTF-8 text", line, 1)
    at = raw.find(b"\0")
    if at >= 0:
        line = raw.count(b"\n", 0, at) + 1
        return SyntaxProblem("not-text", "a NUL byte: this is not a text file", line, 1)
    return raw.replace(b"\r\n", b"\n")


def _where_it_breaks(root: "Node", source: bytes) -> SyntaxProblem:
    """The pair that does not close, unless the grammar stumbles before a closer that nothing opened."""
    stumble = _first_error(root, source)
    text = source.decode()
    fault = first_fault(text)
    if fault is None:
        return likely_cause(text, stumble) or open_directive(text) or stumble
    surplus = fault.message.endswith(SURPLUS)
    return stumble if surplus and (1, 1) < (stumble.line, stumble.column) < (fault.line, fault.column) else fault


def _first_error(root: "Node", source: bytes) -> SyntaxProblem:
    """The first place the grammar could not follow, outermost node first."""
    node = root
    while not (node.is_error or node.is_missing):
        broken = next((child for child in node.children if child.has_error or child.is_missing), None)
        if broken is None:
            break
        node = broken
    start = len(source[: node.start_byte].rstrip()) if node.is_missing else node.start_byte
    line = source.count(b"\n", 0, start) + 1
    column = len(source[source.rfind(b"\n", 0, start) + 1 : start].decode("utf-8", "replace")) + 1
    if node.is_missing:
        return SyntaxProblem("syntax", f"expected `{node.type}` here", line, column)
    found = source[start : node.end_byte].decode("utf-8", "replace").strip().partition("\n")[0][:40]
    return SyntaxProblem("syntax", f"unexpected `{found}`" if found else "unexpected end", line, column)
