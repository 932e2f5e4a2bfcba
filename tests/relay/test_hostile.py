"""Proposals whose code fights back: what judges them stays as it was, and the user's repository too."""

from pathlib import Path

import pytest

from tests.relay import house
from tests.relay.house import RIGHT, answer, body, builders, git, whole
from tests.scripted_model import ScriptedModel

TEST = "from calc import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n\n\ndef test_zero():\n    assert add(0, 0) == 0\n"
PYTEST = {"calc.py": house.CALC, "tests/test_calc.py": TEST, "conftest.py": ""}


async def outcome(tmp_path: Path, repo: Path, *steps: str) -> tuple[str, list[str]]:
    """How the job ended, and the types of its defects."""
    async with ScriptedModel(builders(*steps)) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            view = await house.ended(app, await house.begin(app, repo))
            rows = (await app.ledger("local", view.id)).rows
            return view.outcome, [row.capsule.type for row in rows if row.capsule]


async def test_code_that_ends_the_test_run_early_proves_nothing(tmp_path: Path) -> None:
    repo = house.make_repo(tmp_path, PYTEST)
    early = {
        "file": "calc.py",
        "diff": "--- a/calc.py\n+++ b/calc.py\n@@ -1,2 +1,4 @@\n+import os\n+os._exit(0)\n def add(a, b):\n     return a - b\n",
    }
    assert await outcome(tmp_path, repo, answer(early), RIGHT) == ("checkpoint", ["tampering"])


async def test_code_that_rewrites_the_tests_while_they_run_is_caught(tmp_path: Path) -> None:
    repo = house.make_repo(tmp_path)
    line = "open('tests/check.py', 'w').write('') and None or (a + b)"
    assert await outcome(tmp_path, repo, answer(body(f"return {line}")), RIGHT) == ("checkpoint", ["tampering"])


async def test_fewer_tests_than_at_the_last_checkpoint_is_a_defect(tmp_path: Path) -> None:
    repo = house.make_repo(tmp_path, PYTEST)
    hide = {
        "file": "calc.py",
        "diff": "--- a/calc.py\n+++ b/calc.py\n@@ -1,2 +1,5 @@\n+import pytest, gc\n+for m in [o for o in gc.get_objects() if isinstance(o, pytest.Config)]:\n+    m.option.keyword = 'test_add'\n def add(a, b):\n     return a + b\n",
    }
    steps = (answer(body("return a + b"), next_goal="tidy"), answer(hide), answer(whole("X = 1\n", "x.py")))
    result, defects = await outcome(tmp_path, repo, *steps)
    assert result == "checkpoint"
    assert defects in (["fewer-tests"], ["tampering"], ["test"]), defects


@pytest.mark.parametrize(
    "line",
    [
        "__import__('subprocess').call(['git', 'commit', '--allow-empty', '-m', 'x'])",
        "open('.git', 'w').write('gitdir: /tmp')",
        "__import__('os').remove('.git')",
        "__import__('os').chmod('.', 0) or 1",
    ],
)
async def test_code_that_goes_for_git_or_its_own_tree_leaves_the_repository_as_it_was(
    line: str, tmp_path: Path
) -> None:
    repo = house.make_repo(tmp_path)
    before = git(repo, "rev-parse", "--all")
    mend = f"return ({line}) and None"
    await outcome(tmp_path, repo, answer(body(mend)), answer(body("return 7")), RIGHT)
    assert git(repo, "rev-parse", "main") in before
    assert git(repo, "status", "--porcelain") == ""
    assert git(repo, "worktree", "list").count("\n") == 0
    assert not list((tmp_path / "data" / "relay").iterdir())
    assert git(repo, "fsck", "--no-dangling") == ""


async def test_hooks_filters_and_fsmonitor_of_the_repository_are_not_run(tmp_path: Path) -> None:
    repo = house.make_repo(tmp_path, {**house.FILES, ".gitattributes": "*.py filter=evil diff=evil\n"})
    mark = tmp_path / "ran"
    script = tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    script.chmod(0o755)
    for name in ("post-checkout", "pre-commit", "post-commit", "reference-transaction", "post-index-change"):
        hook = repo / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
        hook.chmod(0o755)
    for key in (
        "filter.evil.smudge",
        "filter.evil.clean",
        "filter.evil.process",
        "diff.evil.textconv",
        "core.fsmonitor",
        "core.sshCommand",
    ):
        git(repo, "config", key, str(script))
    git(repo, "config", "filter.evil.required", "true")
    mark.unlink(missing_ok=True)
    result, defects = await outcome(tmp_path, repo, RIGHT)
    assert (result, defects) == ("checkpoint", [])
    assert not mark.exists()


async def test_a_test_run_without_end_is_a_defect(tmp_path: Path) -> None:
    repo = house.make_repo(tmp_path, {**house.FILES, "relay.toml": house.TOML + "timeout_s = 2\n"})
    endless = body("while True: pass")
    assert await outcome(tmp_path, repo, answer(endless), RIGHT) == ("checkpoint", ["test"])


async def test_coverage_below_what_is_asked_is_a_defect(tmp_path: Path) -> None:
    toml = 'test = "python3 tests/check.py; cat cov.txt"\ncoverage_min = 80\n'
    repo = house.make_repo(tmp_path, {**house.FILES, "relay.toml": toml, "cov.txt": "TOTAL 10 5 50%\n"})
    more = {"file": "cov.txt", "diff": "--- a/cov.txt\n+++ b/cov.txt\n@@ -1 +1 @@\n-TOTAL 10 5 50%\n+TOTAL 10 1 90%\n"}
    result = await outcome(tmp_path, repo, answer(body("return a + b")), answer(body("return a + b"), more))
    assert result == ("checkpoint", ["coverage"])


async def test_a_probe_asks_a_server_inside_the_sandbox(tmp_path: Path) -> None:
    server = (
        "import http.server, calc\nclass H(http.server.BaseHTTPRequestHandler):\n    def do_GET(self):\n"
        "        self.send_response(200); self.end_headers(); self.wfile.write(str(calc.add(2, 3)).encode())\n"
        "    def log_message(self, *a): pass\n"
        "http.server.HTTPServer(('127.0.0.1', 8123), H).serve_forever()\n"
    )
    toml = (
        'test = "true"\n[[probe]]\nname = "sum"\nstart = "python3 serve.py"\nhttp = "http://127.0.0.1:8123/"\n'
        'contains = "5"\n'
    )
    repo = house.make_repo(tmp_path, {**house.FILES, "relay.toml": toml, "serve.py": server})
    assert await outcome(tmp_path, repo, answer(body("return a * b")), RIGHT) == ("checkpoint", ["probe"])


async def test_a_command_that_only_vesperas_own_environment_has_is_lent(tmp_path: Path) -> None:
    repo = house.make_repo(tmp_path, {**PYTEST, "relay.toml": 'test = "pytest -q -p no:cacheprovider"\n'})
    assert await outcome(tmp_path, repo, RIGHT) == ("checkpoint", [])
