"""`./vespera check`: the critic alone, without the pipeline. No store is opened and no model is asked."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from errors import UserMistake
from terminal import exits, output, start

MAX_CLAIMS_BYTES = 50_000_000
_WRONG = {"invalid", "contradicted"}


def terraform(paths: list[Path], *, as_json: bool, strict: bool, as_sarif: bool = False) -> int:
    """Hold each folder (one module) or file (alone) against syntax, schemas and rules; 1 when any is invalid.

    Raises:
        UserMistake: a path that is not there; nothing was checked.
    """
    from truth_blocks.terraform import TerraformBlock
    from truth_blocks.terraform.sarif import sarif

    for path in paths:
        if not path.exists():
            raise UserMistake(f"{path} does not exist. Nothing was checked.")
    if as_json and as_sarif:
        raise UserMistake("--json and --sarif exclude each other. Nothing was checked.")
    block = TerraformBlock(insecure_fails=start.settings().insecure_terraform == "fail")
    results = block.check_paths(paths, strict)
    if not as_sarif:
        return _report(results, _terraform_lines, as_json=as_json, strict=strict)
    kept = list(results)
    output.write_json(sarif(kept, block.version))
    return max((_exit_code(result, strict) for result in kept), default=exits.FINE)


def dnd(file: Path, *, as_json: bool, strict: bool) -> int:
    """Hold each item of a claims file against the rules data; 1 when any is contradicted.

    Raises:
        UserMistake: the file cannot be read or is not ``{"items": [...]}``.
    """
    from truth_blocks.dnd5e import Dnd5eBlock

    document = _document(file)
    block = Dnd5eBlock(start.settings().default_edition)
    return _report(block.check_items(document), _dnd_lines, as_json=as_json, strict=strict)


def _document(file: Path) -> dict[str, Any]:
    try:
        text = sys.stdin.buffer.read(MAX_CLAIMS_BYTES + 1) if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise UserMistake(f"{file} cannot be read: {error.strerror}.") from None
    if len(text) > MAX_CLAIMS_BYTES:
        raise UserMistake(f"{file} is larger than {MAX_CLAIMS_BYTES // 1_000_000} MB. Split it.")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserMistake(f"{file} is not JSON: {error}.") from None
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise UserMistake(f'{file} must hold {{"items": [{{"id": …, "edition": "5.2", "claim": {{…}}}}]}}.')
    return document


def _report(results: Iterable[Mapping[str, Any]], lines: Any, *, as_json: bool, strict: bool) -> int:
    code = exits.FINE
    for result in results:
        code = max(code, _exit_code(result, strict))
        if as_json:
            output.write_json(result)
        else:
            for line in lines(result):
                output.say(line)
    return code


def _exit_code(result: Mapping[str, Any], strict: bool) -> int:
    wrong = result["verdict"] in _WRONG or (strict and result["verdict"] == "unverifiable")
    return exits.NOT_FINE if wrong else exits.FINE


def _terraform_lines(result: Mapping[str, Any]) -> Iterator[str]:
    import msgspec

    from truth_blocks.terraform.findings import Finding
    from truth_blocks.terraform.render import line_of

    mark = {"valid": "✓ valid", "invalid": "✗ invalid", "unverifiable": "? unverifiable"}[result["verdict"]]
    against = ", ".join(f"{name} {version}" for name, version in sorted(result["generation"].items()))
    yield f"{result['path']}: {mark}" + (f"   ({against})" if against else "")
    for finding in msgspec.convert(result["findings"], list[Finding]):
        yield f"  {line_of(finding)}"


def _dnd_lines(result: Mapping[str, Any]) -> Iterator[str]:
    mark = {"ok": "✓ holds", "contradicted": "✗ contradicted", "unverifiable": "? unverifiable"}[result["verdict"]]
    source = f"   ({result['source']})" if result["source"] else ""
    yield f"{result['id']}: {mark}{source}"
    for claim in result["claims"]:
        if claim["verdict"] != "ok":
            yield f"  {claim.get('message') or claim['verdict']}"
    if result.get("error"):
        yield f"  {result['error']}"
