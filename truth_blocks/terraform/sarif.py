"""Results of `check_paths` as SARIF 2.1.0, which code-review tools show beside the lines."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from truth_blocks.terraform.rules import RULES

SCHEMA_URI = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "unverifiable": "note"}
_SCORES = {"high": "8.0", "medium": "5.0", "low": "3.0"}
"""``security-severity`` as review tools read it: 7 to 8.9 is high, 4 to 6.9 medium."""


def sarif(results: Iterable[Mapping[str, Any]], version: str) -> dict[str, Any]:
    """One SARIF log with one run over all results; ``version`` is that of the checks and their facts."""
    found = [_result(result["path"], finding) for result in results for finding in result["findings"]]
    rules = sorted({each["ruleId"] for each in found})
    for each in found:
        each["ruleIndex"] = rules.index(each["ruleId"])
    driver = {"name": "vespera", "version": version, "rules": [_rule(code) for code in rules]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": found}
    return {"$schema": SCHEMA_URI, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    known = RULES.get(code)
    if known is None:
        return {"id": code, "shortDescription": {"text": code.replace("-", " ")}}
    return {
        "id": code,
        "shortDescription": {"text": known.title},
        "help": {"text": known.fix},
        "properties": {"security-severity": _SCORES[known.level], "tags": ["security"]},
    }


def _result(path: str, finding: Mapping[str, Any]) -> dict[str, Any]:
    message = finding["message"]
    if finding["suggestion"] and finding["suggestion"] not in message:
        message = f"{message}: {finding['suggestion']}"
    module = Path(path)
    file = module / finding["file"] if module.is_dir() else module
    location: dict[str, Any] = {"artifactLocation": {"uri": _uri(file)}}
    if finding["line"] > 0:
        location["region"] = {"startLine": finding["line"], "startColumn": max(1, finding["column"])}
    return {
        "ruleId": finding["code"],
        "level": _LEVELS[finding["severity"]],
        "message": {"text": message},
        "locations": [{"physicalLocation": location}],
    }


def _uri(file: Path) -> str:
    """Relative to the folder the command runs in where that is possible, as review tools want it."""
    if file.is_absolute():
        try:
            file = file.relative_to(Path.cwd())
        except ValueError:
            return file.as_uri()
    from urllib.parse import quote

    return quote(file.as_posix())
