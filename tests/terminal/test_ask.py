"""`./vespera ask` and `why`: documents, exit codes, what a person reads."""

import json
from pathlib import Path

import pytest

from errors import BadConfiguration
from settings import load_settings
from tests.apps import PASS, author_and_critic
from tests.scripted_model import Reply, ScriptedModel, Status
from tests.terminal.running import ANSWER_KEYS, Done, finish, start, vespera

WRONG = 'resource "aws_s3_bucket" "logs" {\n  bucket_acl = "private"\n}\n'


def ask(line: str, folder: Path, *more: str, **environment: str) -> Done:
    return vespera("ask", line, *more, data_dir=folder, **environment)


def test_an_answer_has_exactly_the_documented_keys(tmp_path: Path) -> None:
    done = ask("/dnd rule grappled", tmp_path, "--json")
    assert done.code == 0, done.err
    assert set(done.document) == ANSWER_KEYS
    assert done.document["status"] == "verified"
    assert set(done.document["tokens"]) == {"in", "out"}
    assert done.err == ""


def test_the_same_question_again_is_cached_and_still_fine(tmp_path: Path) -> None:
    assert ask("/dnd rule grappled", tmp_path).code == 0
    again = ask("/dnd rule grappled", tmp_path, "--json")
    assert (again.code, again.document["cached"]) == (0, True)


def test_a_look_up_is_direct_and_a_plan_brings_files(tmp_path: Path) -> None:
    assert ask("/dnd spell fireball", tmp_path, "--json").document["status"] == "direct"
    plan = ask("/cloud plan a private bucket for logs", tmp_path, "--json", "--out", str(tmp_path / "plan"))
    assert plan.code == 0
    assert {file["name"] for file in plan.document["files"]} == {path.name for path in (tmp_path / "plan").iterdir()}
    again = ask("/cloud plan a private bucket for logs", tmp_path, "--out", str(tmp_path / "plan"))
    assert (again.code, "exists already" in again.err) == (2, True)


def test_an_invalid_file_exits_1_with_its_violations(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(WRONG)
    done = ask(f"/cloud check file:@{tmp_path}/main.tf", tmp_path / "data", "--json")
    assert done.code == 1
    assert [set(found) for found in done.document["violations"]] == [{"rule", "location", "message"}]
    assert done.document["violations"][0]["location"] == "main.tf:2:3"


def test_two_files_are_compared_and_one_is_explained(tmp_path: Path) -> None:
    (tmp_path / "old.tf").write_text('resource "aws_s3_bucket" "logs" {\n  bucket = "a"\n}\n')
    (tmp_path / "new.tf").write_text('resource "aws_s3_bucket" "logs" {\n  bucket = "b"\n}\n')
    compared = ask(f"/cloud diff after:@{tmp_path}/new.tf before:@{tmp_path}/old.tf", tmp_path / "data", "--json")
    assert compared.code == 0
    assert 'bucket: "a" → "b"' in compared.document["text"]
    explained = ask(f"/cloud explain @{tmp_path}/old.tf", tmp_path / "data")
    assert explained.code == 0
    assert "Makes 1 resource" in explained.out
    broken = ask("/cloud explain text:resource {", tmp_path / "data")
    assert (broken.code, "Nothing was explained" in broken.out) == (1, True)


@pytest.mark.parametrize(
    ("line", "closest"),
    [
        ("/dnd spel name:fireball", "/dnd spell"),
        ("/dnd spell nmae:x", "name"),
        ("/dnd spell name:zzfireball", "Fireball"),
    ],
)
def test_bad_usage_exits_2_and_names_the_closest(tmp_path: Path, line: str, closest: str) -> None:
    done = ask(line, tmp_path, "--json")
    assert done.code == 2
    assert set(done.document) == {"error", "message", "task_id"}
    assert closest in done.document["message"]


def test_bad_usage_of_the_command_line_itself_is_told_in_json_too(tmp_path: Path) -> None:
    missing = vespera("ask", "--json", data_dir=tmp_path)
    assert (missing.code, missing.document["error"]) == (2, "BadUsage")
    assert vespera("ask", "/status", "--frobnicate", data_dir=tmp_path).code == 2
    assert vespera("frobnicate", data_dir=tmp_path).code == 2


def test_a_wrong_setting_exits_78_and_names_the_variable(tmp_path: Path) -> None:
    done = ask("/status", tmp_path, "--json", VESPERA_RUNNING="many")
    assert (done.code, done.document["error"]) == (78, "BadConfiguration")
    assert "VESPERA_RUNNING" in done.document["message"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENAI_COMPATIBLE_BASE_URL", "http://[x"),
        ("VESPERA_MODEL_ROUTES", "dnd=grok"),
        ("VESPERA_MODEL_ROUTES", "groq"),
    ],
)
def test_a_setting_that_would_be_passed_over_in_silence_is_wrong_too(tmp_path: Path, name: str, value: str) -> None:
    done = ask("/dnd spell name:fireball", tmp_path, "--json", **{name: value})
    assert (done.code, done.document["error"]) == (78, "BadConfiguration")
    assert name in done.document["message"]


def test_a_credential_or_env_file_that_is_not_utf_8_is_a_wrong_setting(tmp_path: Path) -> None:
    (tmp_path / "GROQ_API_KEY").write_text("gsk_x", "utf-16")
    done = ask("/status", tmp_path / "data", "--json", CREDENTIALS_DIRECTORY=str(tmp_path))
    assert (done.code, done.document["error"]) == (78, "BadConfiguration")
    assert "is not UTF-8 text" in done.document["message"]
    with pytest.raises(BadConfiguration, match="is not UTF-8 text"):
        load_settings({}, tmp_path / "GROQ_API_KEY")


def test_what_is_not_utf_8_is_told_in_a_sentence(tmp_path: Path) -> None:
    done = ask("/dnd rule topic:grap\udcffpled", tmp_path, "--json")
    assert (done.code, done.document["error"]) == (2, "UserMistake")
    assert "not UTF-8" in done.document["message"]


def test_without_a_command_all_of_them_are_shown_and_nothing_else_is_said(tmp_path: Path) -> None:
    done = vespera(data_dir=tmp_path)
    assert "doctor" in done.out
    assert done.err == ""


async def test_when_no_model_answers_the_way_to_the_facts_alone_is_named(tmp_path: Path) -> None:
    async with ScriptedModel([Status(status=401, message="bad key", code="invalid_api_key")]) as server:
        model = {"OPENAI_COMPATIBLE_BASE_URL": server.url, "OPENAI_COMPATIBLE_MODEL": "any"}
        done = await finish(await start("ask", "/dnd rule grappled", data_dir=tmp_path, **model))
    assert "I can answer from the facts alone" in done.out
    assert "--offline" in done.err


def test_a_folder_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = ask("/status", tmp_path / "file", "--json")
    assert done.code == 1
    assert done.document["error"].startswith("Store")
    assert "Traceback" not in done.err


def test_status_why_and_help_go_through_ask(tmp_path: Path) -> None:
    assert ask("/dnd rule prone", tmp_path).code == 0
    assert "Critic" in ask("/why", tmp_path, "--json").document["text"]
    assert "0 of 3 being made" in ask("/status", tmp_path).out
    assert "/dnd rule" in ask("/help", tmp_path).out
    assert ask("/help command: /ask", tmp_path).code == 0


def test_why_tells_the_last_task_of_the_tenant_and_no_other(tmp_path: Path) -> None:
    first = ask("/dnd rule prone", tmp_path, "--json").document["task_id"]
    ask("/dnd rule grappled", tmp_path)
    ask("/dnd rule stunned", tmp_path, "--tenant", "guild:7")
    told = vespera("why", "--json", data_dir=tmp_path).document
    assert (told["command"], told["chain_ok"]) == ("/dnd rule grappled", True)
    assert [line["agent"] for line in told["lines"]] == ["Arbiter", "Weaver", "Critic", "Pipeline"]
    assert vespera("why", f"#{first}", "--json", data_dir=tmp_path).document["task_id"] == first
    assert "stunned" in vespera("why", "--tenant", "guild:7", data_dir=tmp_path).out
    foreign = vespera("why", str(first), "--tenant", "guild:7", "--json", data_dir=tmp_path)
    assert (foreign.code, foreign.document["error"]) == (2, "UserMistake")
    assert vespera("why", "nonsense", data_dir=tmp_path).code == 2
    assert vespera("why", "--tenant", "guild:x", data_dir=tmp_path).code == 2


async def test_control_characters_of_a_model_never_reach_the_terminal(tmp_path: Path) -> None:
    evil = Reply(text=json.dumps({"answer": "red \x1b[31malert\x1b]0;title\x07 \u202egnp.exe"}))
    async with ScriptedModel(author_and_critic(evil.text, opinion=PASS)) as server:
        model = {"OPENAI_COMPATIBLE_BASE_URL": server.url, "OPENAI_COMPATIBLE_MODEL": "any"}
        done = await finish(await start("ask", "/ask who are you", data_dir=tmp_path, **model))
    assert done.code == 0
    assert "unchecked" in done.out.lower()
    assert not {"\x1b", "\x07", "\u202e"} & set(done.out)


async def test_a_model_that_fails_for_good_exits_1_with_an_answer_that_says_so(tmp_path: Path) -> None:
    async with ScriptedModel([Status(status=401, message="bad key", code="invalid_api_key")]) as server:
        model = {"OPENAI_COMPATIBLE_BASE_URL": server.url, "OPENAI_COMPATIBLE_MODEL": "any"}
        done = await finish(await start("ask", "/ask who are you", "--json", data_dir=tmp_path, **model))
    assert done.code == 1
    assert done.document["status"] == "failed"
    assert done.document["task_id"] is not None


def test_odds_bring_a_histogram_to_the_terminal_and_base64_to_programs(tmp_path: Path) -> None:
    read = ask("/dnd odds dice:2d6 target:8", tmp_path)
    assert read.code == 0 and "41.67%" in read.out and "█" in read.out
    (file,) = ask("/dnd odds dice:2d6 target:8", tmp_path, "--json").document["files"]
    assert set(file) == {"name", "content", "encoding"} and file["encoding"] == "base64"
    ask("/dnd odds dice:2d6", tmp_path, "--out", str(tmp_path / "out"))
    assert (tmp_path / "out" / "odds.png").read_bytes().startswith(b"\x89PNG")
