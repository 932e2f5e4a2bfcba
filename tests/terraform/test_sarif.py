"""SARIF 2.1.0: the members that its specification requires, with the values it allows."""

from pathlib import Path
from typing import Any

from tests.terraform.samples import schemas
from truth_blocks.terraform.paths import check_paths
from truth_blocks.terraform.sarif import sarif

WRONG = 'resource "aws_s3_bucket" "b" {\n  bucket_acl = "x"\n  acl = "public-read"\n}\nresource "acme_thing" "t" {}\n'


def _log(folder: Path) -> dict[str, Any]:
    for name, text in (("wrong", WRONG), ("right", "locals {\n  a = 1\n}\n"), ("empty", None)):
        (folder / name).mkdir()
        if text:
            (folder / name / "main.tf").write_text(text)
    return sarif(check_paths(schemas(), [folder / "wrong", folder / "right", folder / "empty"]), "v1")


def test_the_log_has_the_structure_that_sarif_requires(tmp_path: Path) -> None:
    log = _log(tmp_path)
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    [run] = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "vespera"
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    identifiers = [rule["id"] for rule in driver["rules"]]
    assert len(identifiers) == len(set(identifiers))
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
    for result in run["results"]:
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        for location in result["locations"]:
            physical = location["physicalLocation"]
            assert physical["artifactLocation"]["uri"]
            region = physical.get("region", {"startLine": 1, "startColumn": 1})
            assert region["startLine"] >= 1
            assert region["startColumn"] >= 1


def test_each_finding_is_a_result_at_its_line(tmp_path: Path) -> None:
    results = _log(tmp_path)["runs"][0]["results"]
    placed = {
        (each["ruleId"], each["level"], each["locations"][0]["physicalLocation"].get("region", {}).get("startLine"))
        for each in results
    }
    assert ("unknown-argument", "error", 2) in placed
    assert ("SEC-001", "warning", 3) in placed
    assert ("unknown-provider", "note", 5) in placed
    assert ("unreadable", "error", None) in placed, "a folder without files has no line"


def test_a_security_rule_carries_its_score_and_fix(tmp_path: Path) -> None:
    rules = {rule["id"]: rule for rule in _log(tmp_path)["runs"][0]["tool"]["driver"]["rules"]}
    assert rules["SEC-001"]["properties"]["security-severity"] == "8.0"
    assert "acl" in rules["SEC-001"]["help"]["text"]
    assert "help" not in rules["unknown-argument"]
