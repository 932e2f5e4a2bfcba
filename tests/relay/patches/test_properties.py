"""Whatever a model writes: an answer within a second, never an exception, never a touched tree on a refusal."""

import random
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.relay.patches import FilePatch, Plan, Policy, Refusal, plan, read_patches
from agents.relay.patches.contracts import MAX_BUNDLE_BYTES
from tests.relay.patches.conftest import APP, applied, patched, snapshot
from tests.relay.patches.test_forms import DIFF, FORMS, SEARCH

SECONDS = 1.0
PATIENT = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
MARKS = st.sampled_from([
    "--- a/src/app.py\n", "+++ b/src/app.py\n", "@@ -1,3 +1,4 @@\n", "@@ @@\n", "@@\n", "diff --git a/x b/x\n", "```diff\n", "```\n",
    "<<<<<<< SEARCH\n", "=======\n", ">>>>>>> REPLACE\n", "*** Update File: src/app.py\n", "*** Add File: q\n", " \n", "\\ No newline at end of file\n",
    "--- /dev/null\n", "+++ /dev/null\n", "new file mode 100644\n", "rename from src/app.py\n", "rename to src/b.py\n", "\r\n", "...\n", " ...\n",
    "@@ -999999999999999999999,1 +1 @@\n", "index 1..2\n", '{"patch_bundle": [', '{"file": "src/app.py", "diff": "', '"}]}', "\\n", "&lt;", '\\"', "\t",
    *[f"{mark}{line}\n" for line in APP.split("\n")[:12] for mark in " +-"],
])  # fmt: skip
REPLIES = st.lists(st.one_of(MARKS, st.text(max_size=12)), max_size=40).map("".join)


def answered(root: Path, reply: object) -> Plan | Refusal:
    began = time.thread_time()
    planned = plan(root, read_patches(reply), Policy())  # type: ignore[arg-type]
    assert time.thread_time() - began < SECONDS
    assert isinstance(planned, Plan | Refusal)
    return planned


@PATIENT
@given(reply=REPLIES)
def test_any_text_gets_an_answer_and_a_refusal_leaves_the_tree(repo: Path, reply: str) -> None:
    before = snapshot(repo)
    answered(repo, reply)
    assert snapshot(repo) == before


@PATIENT
@given(name=st.text(max_size=40), diff=REPLIES)
def test_any_bundle_gets_an_answer(repo: Path, name: str, diff: str) -> None:
    before = snapshot(repo)
    answered(repo, [{"file": name, "diff": diff}])
    answered(repo, [FilePatch("src/app.py", diff)])
    assert snapshot(repo) == before


@PATIENT
@given(bundle=st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["file", "diff", "patch_bundle", "x"]), inner, max_size=3)))  # fmt: skip
def test_any_shape_of_bundle_gets_an_answer(repo: Path, bundle: object) -> None:
    if isinstance(bundle, str | list | dict):
        answered(repo, bundle)


@PATIENT
@given(seed=st.integers(0, 10**9), form=st.sampled_from(sorted(FORMS)))
def test_a_damaged_patch_is_applied_as_a_plan_says_or_not_at_all(repo: Path, seed: int, form: str) -> None:
    chance = random.Random(seed)
    text = FORMS[form]
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(text) + 1)
        text = (
            text[:at]
            + chance.choice(["", "\n", " ", "+", "-", "@", "x", text[at : at + 9]])
            + text[at + chance.randint(0, 4) :]
        )
    (repo / "src" / "app.py").write_text(APP)
    planned = answered(repo, text)
    if isinstance(planned, Plan):
        done = patched(repo, text)
        assert not isinstance(done, Refusal)
        for change in planned.changes:
            assert (
                (repo / change.path).read_bytes() == change.after
                if change.after is not None
                else not (repo / change.path).exists()
            )


def _diff(*lines: str) -> str:
    return "--- a/big.txt\n+++ b/big.txt\n@@ @@\n" + "".join(f"{line}\n" for line in lines)


SAME = [" same"] * 300
PATHOLOGICAL = {
    "one line over and over": ("same\n" * 200_000, _diff(*SAME, "+new", *SAME)),
    "one line over and over, removed": ("same\n" * 200_000, _diff(*["-same"] * 500)),
    "nearly one line over and over": ("same\n" * 100_000 + "odd\n", _diff(*SAME, "-odd2", "+new")),
    "blank lines": ("\n" * 500_000, _diff(*[" "] * 200, "+new", *[" "] * 200)),
    "alternating lines": ("a\nb\n" * 100_000, _diff(*[" a", " b"] * 150, " c", "+new", *[" b", " a"] * 150)),
    "one very long line": ("x" * 1_500_000 + "\n", _diff("-" + "x" * 200_000, "+y")),
    "many long similar lines": ("".join("y" * 280 + f"{n}\n" for n in range(5_000)), _diff(*[" " + "y" * 281 + f"{n}" for n in range(300)], "+q")),
    "a big file, nothing of it": ("".join(f"line {n}\n" for n in range(150_000)), _diff(*[f" other {n}" for n in range(390)], "+q")),
    "a big file, every other line": ("".join(f"line {n}\n" for n in range(150_000)), _diff(*[f" line {2 * n}" for n in range(390)], "+q")),
    "ellipses": ("".join(f"line {n % 50}\n" for n in range(100_000)), _diff(*[" ...", " line 7"] * 190, "+q")),
    "many hunks": ("".join(f"line {n}\n" for n in range(100_000)), _diff(*[each for n in range(499) for each in (f"-line {n * 7}x", "+q", "@@ @@")])),
    "many blocks": ("same\n" * 10_000, "big.txt\n" + "<<<<<<< SEARCH\nsame2\n=======\nq\n>>>>>>> REPLACE\n" * 400),
    "one block with two long halves": ("a\n", "big.txt\n<<<<<<< SEARCH\n" + "a\nb\n" * 1_900 + "=======\n" + "b\na\n" * 1_900 + ">>>>>>> REPLACE\n"),
    "unclosed blocks": ("a\n", "big.txt\n" + "<<<<<<< SEARCH\n" * 15_000 + ">>>>>>> REPLACE\n"),
    "heads of blocks": ("a\n", "big.txt\n" + "<<<<<<< SEARCH\na\n=======\n" * 9_000),
    "fences": ("a\n", "```a\n" * 50_000),
    "headers": ("a\n", "--- a/big.txt\n+++ b/big.txt\n" * 8_000),
    "hunk headers": ("a\n", "--- a/big.txt\n+++ b/big.txt\n" + "@@ -1 +1 @@\n" * 400),
    "open brackets": ("a\n", "[" * 200_000),
    "open brackets in JSON": ("a\n", '{"patch_bundle": ' * 14_000),
    "backslashes": ("a\n", "@@ " + "\\" * 200_000 + "\\n\\n"),
    "quotes in a name": ("a\n", '--- "' + "\\1" * 100_000 + '"\n+++ b\n'),
    "a deep path": ("a\n", _diff("+x").replace("big.txt", "d/" * 400 + "x")),
    "blanks": ("a\n", " " * 250_000),
    "blanks before a header": ("a\n", (" " * 400 + "\n") * 600 + "@@ @@\n"),
    "dots": ("a\n", _diff("+" + "." * 200_000)),
    "nested Python": ("a\n", f"```python title=deep.py\n{'(' * 100_000}\n```\n"),
    "nested JSON": ("a\n", f"```json title=deep.json\n{'[' * 100_000}\n```\n"),
    "nested TOML": ("a\n", f"```toml title=deep.toml\na = {'[' * 100_000}\n```\n"),
}  # fmt: skip


@pytest.mark.parametrize("what", PATHOLOGICAL)
def test_a_pathological_input_is_answered_within_a_second(tmp_path: Path, what: str) -> None:
    text, reply = PATHOLOGICAL[what]
    (tmp_path / "big.txt").write_text(text)
    assert len(reply) <= MAX_BUNDLE_BYTES
    answered(tmp_path, reply)
    assert (tmp_path / "big.txt").read_text() == text


def test_a_patch_of_a_patched_tree_is_refused_or_changes_nothing_twice(repo: Path) -> None:
    applied(repo, DIFF)
    assert isinstance(patched(repo, DIFF), Refusal)
    (repo / "src" / "app.py").write_text(APP)
    applied(repo, f"src/app.py\n{SEARCH}")
    assert isinstance(patched(repo, f"src/app.py\n{SEARCH}".replace("item.price\n", "item.cost\n")), Refusal)
