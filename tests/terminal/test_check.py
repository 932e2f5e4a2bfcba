"""`./vespera check`: the critic alone."""

import json
from pathlib import Path

from tests.terminal.running import Done, vespera

RIGHT = 'variable "name" {\n  type = string\n}\n\nresource "aws_s3_bucket" "logs" {\n  bucket = var.name\n}\n'
WRONG = 'resource "aws_s3_bucket" "logs" {\n  bucket_acl = "private"\n}\n'


def check(*arguments: str, folder: Path, stdin: str | None = None) -> Done:
    return vespera("check", *arguments, data_dir=folder / "data", stdin=stdin)


def test_each_path_is_one_json_line_and_one_invalid_module_exits_1(tmp_path: Path) -> None:
    for name, text in (("right", RIGHT), ("wrong", WRONG)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(text)
    done = check("terraform", str(tmp_path / "right"), str(tmp_path / "wrong"), "--json", folder=tmp_path)
    first, second = (json.loads(line) for line in done.out.splitlines())
    assert done.code == 1
    assert set(first) == {"path", "verdict", "generation", "findings"}
    assert (first["verdict"], second["verdict"]) == ("valid", "invalid")
    assert not (tmp_path / "data").exists(), "a check needs no store"


def test_a_person_reads_findings_like_a_compilers(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(WRONG)
    done = check("terraform", str(tmp_path), folder=tmp_path)
    assert "main.tf:2:3  unknown argument `bucket_acl`" in done.out
    assert "✗ invalid" in done.out


def test_what_cannot_be_verified_is_fine_unless_strict(tmp_path: Path) -> None:
    (tmp_path / "alone.tf").write_text('resource "aws_s3_bucket" "logs" {\n  bucket = var.name\n}\n')
    path = str(tmp_path / "alone.tf")
    assert check("terraform", path, folder=tmp_path).code == 0
    strict = check("terraform", path, "--strict", "--json", folder=tmp_path)
    assert (strict.code, strict.document["verdict"]) == (1, "unverifiable")


def test_sarif_is_one_log_over_all_paths_with_the_same_exit_codes(tmp_path: Path) -> None:
    for name, text in (("right", RIGHT), ("wrong", WRONG)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(text)
    both = check("terraform", str(tmp_path / "right"), str(tmp_path / "wrong"), "--sarif", folder=tmp_path)
    assert (both.code, both.document["version"]) == (1, "2.1.0")
    assert [each["ruleId"] for each in both.document["runs"][0]["results"] if each["level"] == "error"] == [
        "unknown-argument"
    ]
    right = check("terraform", str(tmp_path / "right"), "--sarif", folder=tmp_path)
    assert right.code == 0
    twice = check("terraform", str(tmp_path / "right"), "--sarif", "--json", folder=tmp_path)
    assert (twice.code, twice.document["error"]) == (2, "UserMistake")


def test_a_path_that_is_not_there_is_bad_usage(tmp_path: Path) -> None:
    done = check("terraform", str(tmp_path / "nothing"), "--json", folder=tmp_path)
    assert (done.code, done.document["error"]) == (2, "UserMistake")


def test_claims_get_a_line_each_and_a_contradiction_exits_1(tmp_path: Path) -> None:
    items = [
        {"id": "a", "edition": "5.2", "claim": {"spell": "fireball", "level": 3}},
        {"id": "b", "edition": "5.2", "claim": {"spell": "fireball", "level": 4}},
    ]
    done = check("dnd", "-", "--json", folder=tmp_path, stdin=json.dumps({"items": items}))
    verdicts = [(line["id"], line["verdict"]) for line in map(json.loads, done.out.splitlines())]
    assert len(verdicts) == 2
    assert {"id", "verdict", "expected", "source", "claims"} <= set(json.loads(done.out.splitlines()[0]))
    assert verdicts[1] != ("b", "ok")


def test_a_claims_file_that_is_none_is_bad_usage(tmp_path: Path) -> None:
    for text in ("{", "[]", '{"items": 3}'):
        done = check("dnd", "-", "--json", folder=tmp_path, stdin=text)
        assert (done.code, done.document["error"]) == (2, "UserMistake")
    assert check("dnd", str(tmp_path / "nothing.json"), folder=tmp_path).code == 2
