"""`./vespera relay apply`: one model-written patch onto a working tree."""

import subprocess
from pathlib import Path

import pytest

from tests.terminal.running import Done, vespera

TEXT = "def price(item):\n    return item.price\n"
GOOD = "```diff\n--- shop.py\n+++ shop.py\n@@ @@\n def price(item):\n-    return item.price\n+    return item.price * 2\n```\n"
MISS = GOOD.replace("-    return item.price", "-    return item.cost")
TESTS = GOOD.replace("shop.py", "tests/test_shop.py")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    root = tmp_path / "repo"
    (root / "tests").mkdir(parents=True)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    for name in ("shop.py", "tests/test_shop.py"):
        (root / name).write_text(TEXT)
    return root


def relay_apply(repo: Path, reply: str, *options: str) -> Done:
    file = repo.parent / "reply.md"
    file.write_text(reply)
    return vespera("relay", "apply", "--repo", str(repo), str(file), *options, data_dir=repo.parent / "data")


def test_a_patch_is_applied_and_said_in_one_document(repo: Path) -> None:
    done = relay_apply(repo, GOOD, "--json")
    assert done.document == {"applied": True, "method": "locator", "files": ["shop.py"], "refused": None}
    assert done.code == 0
    assert (repo / "shop.py").read_text() == TEXT.replace("price\n", "price * 2\n")
    assert not (repo.parent / "data").exists(), "applying a patch needs no store"


def test_a_refusal_exits_1_leaves_the_tree_and_shows_the_real_lines(repo: Path) -> None:
    done = relay_apply(repo, MISS, "--json")
    refused = done.document["refused"]
    assert (done.code, done.document["applied"], done.document["files"]) == (1, False, [])
    assert set(refused) == {"code", "file", "line", "nearest"}
    assert (refused["code"], refused["file"], refused["line"]) == ("not-found", "shop.py", 1)
    assert "    2 |     return item.price" in refused["nearest"]
    assert (repo / "shop.py").read_text() == TEXT


def test_a_person_reads_what_happened(repo: Path) -> None:
    refused = relay_apply(repo, MISS)
    assert "✗ refused (not-found)" in refused.out and "Nothing was changed." in refused.out
    done = relay_apply(repo, GOOD)
    assert done.out.splitlines() == ["✓ applied by the locator", "  changed  shop.py"]


def test_standard_input_is_read_for_a_dash(repo: Path) -> None:
    done = vespera("relay", "apply", "--repo", str(repo), "-", "--json", data_dir=repo.parent / "data", stdin=GOOD)
    assert (done.code, done.document["applied"]) == (0, True)


def test_protected_paths_are_the_repositorys_and_the_option_allows_them(repo: Path) -> None:
    assert relay_apply(repo, TESTS, "--json").document["refused"]["code"] == "path-protected"
    (repo / "relay.json").write_text('{"build": "true", "test": "true", "protected": ["shop.py"]}')
    assert relay_apply(repo, GOOD, "--json").document["refused"]["code"] == "path-protected"
    assert relay_apply(repo, TESTS, "--json").code == 0
    (repo / "relay.toml").write_text('protected = ["tests/"]\n')
    (repo / "tests/test_shop.py").write_text(TEXT)
    assert relay_apply(repo, TESTS, "--json").document["refused"]["code"] == "path-protected"
    assert relay_apply(repo, TESTS, "--json", "--allow", "tests/**").code == 0


@pytest.mark.parametrize("settings", ["protected = 3\n", "protected = [", "protected = ['']\n"])
def test_settings_that_cannot_be_read_are_bad_usage_and_nothing_is_applied(repo: Path, settings: str) -> None:
    (repo / "relay.toml").write_text(settings)
    done = relay_apply(repo, GOOD, "--json")
    assert (done.code, done.document["error"]) == (2, "UserMistake")
    assert (repo / "shop.py").read_text() == TEXT


def test_what_is_not_there_is_bad_usage(repo: Path) -> None:
    for repository, file in (
        (repo / "no", "x"),
        (repo, str(repo / "no.md")),
        (repo, str(repo)),
        (repo / "shop.py", "-"),
    ):
        done = vespera(
            "relay", "apply", "--repo", str(repository), file, "--json", data_dir=repo.parent / "d", stdin=""
        )
        assert (done.code, done.document["error"]) == (2, "UserMistake")
    assert vespera("relay", "apply", data_dir=repo.parent / "d").code == 2


def test_control_characters_of_a_reply_do_not_reach_the_terminal(repo: Path) -> None:
    done = relay_apply(repo, GOOD.replace("shop.py", "sh\x1b[31mop.py"))
    assert done.code == 1
    assert "\x1b" not in done.out + done.err
