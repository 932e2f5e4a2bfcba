"""What models write, read with patience: each form and fault once, with the result that was meant."""

import html
import json
from pathlib import Path

import pytest

from agents.relay.patches import Policy, plan, read_patches
from tests.relay.patches.conftest import APP, applied, git, refused

WANTED = APP.replace("return item.price", "return item.price * 2")
HUNK = (
    "     if item is None:\n         return 0\n-    return item.price\n+    return item.price * 2\n"
    " \n \n def total(items):\n"
)
HEADER = "--- a/src/app.py\n+++ b/src/app.py\n"
DIFF = f"{HEADER}@@ -8,6 +8,6 @@ def price(item):\n{HUNK}"
SEARCH = "<<<<<<< SEARCH\n    return item.price\n=======\n    return item.price * 2\n>>>>>>> REPLACE\n"

FORMS = {
    "as git writes it": DIFF,
    "with git's own headers": f"diff --git a/src/app.py b/src/app.py\nindex 1..2 100644\n{DIFF}",
    "wrong counts": DIFF.replace("-8,6 +8,6", "-8,3 +8,9"),
    "a wrong line": DIFF.replace("-8,6 +8,6", "-30,6 +30,6"),
    "no numbers": f"{HEADER}@@ ... @@\n{HUNK}",
    "a bare hunk header": f"{HEADER}@@\n{HUNK}",
    "a function instead of numbers": f"{HEADER}@@ def price(item): @@\n{HUNK}",
    "no hunk header": f"{HEADER}{HUNK}",
    "no prefixes": DIFF.replace("a/src", "src").replace("b/src", "src"),
    "a dot before the path": DIFF.replace("a/src", "./src").replace("b/src", "./src"),
    "one prefix forgotten": DIFF.replace("b/src", "src"),
    "the repository's own name before it": DIFF.replace("a/src", "shop/src").replace("b/src", "shop/src"),
    "time stamps": DIFF.replace("app.py\n", "app.py\t2026-01-01 00:00:00.000 +0000\n"),
    "fenced": f"Sure:\n\n```diff\n{DIFF}```\nDone.\n",
    "fenced with tildes": f"~~~diff\n{DIFF}~~~\n",
    "fenced and never closed": f"```diff\n{DIFF}",
    "fenced in a list": "1. Do this:\n\n" + "".join(f"   {line}\n" for line in f"```diff\n{DIFF}```".split("\n")),
    "indented": "".join(f"    {line}\n" for line in DIFF.split("\n")),
    "quoted": "".join(f"> {line}\n" for line in DIFF.split("\n")[:-1]),
    "prose around": f"The bug is in price. Patch:\n\n{DIFF}\nNow it is right.\nReally.\n",
    "line breaks escaped": json.dumps(DIFF)[1:-1],
    "a JSON string": json.dumps(DIFF),
    "HTML entities": html.escape(f"{HEADER}@@ -8,6 +8,6 @@\n{HUNK}"),
    "carriage returns": DIFF.replace("\n", "\r\n"),
    "no last line feed": DIFF.rstrip("\n"),
    "blank lines without their blank": DIFF.replace("\n \n \n", "\n\n\n"),
    "context without its prefix": DIFF.replace("\n     if", "\n    if").replace("\n def", "\ndef"),
    "a lost context line": DIFF.replace("     if item is None:\n", "").replace("         return 0\n", ""),
    "a lost line inside": DIFF.replace("         return 0\n", ""),
    "an invented line": DIFF.replace("         return 0\n", "         return 0\n     # nothing else\n"),
    "a misremembered line": DIFF.replace(" def total(items):", " def total(item):"),
    "tabs for blanks": DIFF.replace("    return", "\treturn").replace("    if", "\tif").replace("    \t", "\t\t"),
    "blanks at line ends": DIFF.replace("\n", "  \n").replace("app.py  ", "app.py").replace("@@ def price(item):  ", "@@"),
    "moved to the margin": DIFF.replace("     if", " if").replace("         return", "     return").replace("    return item", "return item").replace("\n \n \n def total(items):", ""),
    "an ellipsis": f"{HEADER}@@ @@\n def price(item):\n ...\n-    return item.price\n+    return item.price * 2\n",
    "OpenAI's form": f"*** Begin Patch\n*** Update File: src/app.py\n@@ def price(item):\n{HUNK}*** End Patch\n",
    "a block": f"src/app.py\n```python\n{SEARCH}```\n",
    "a block in the fence": f"```\nsrc/app.py\n{SEARCH}```\n",
    "a block without a fence": f"### src/app.py\n{SEARCH}",
    "a block with another indentation": "src/app.py\n" + SEARCH.replace("    return", "return"),
    "a whole file": f"**src/app.py**\n\n```python\n{WANTED}```\n",
    "a whole file named by its fence": f"```python:src/app.py\n{WANTED}```\n",
    "a whole file named by a title": f'```python title="src/app.py"\n{WANTED}```\n',
    "JSON": json.dumps({"synopsis": "x", "patch_bundle": [{"file": "src/app.py", "diff": DIFF}]}),
    "JSON in a fence": "```json\n" + json.dumps({"patch_bundle": [{"file": "src/app.py", "diff": DIFF}]}) + "\n```\n",
    "JSON and a fence": json.dumps({"synopsis": "x", "patch_bundle": []}) + f"\n\n```diff\n{DIFF}```\n",
    "JSON with a fence inside": json.dumps({"patch_bundle": [{"file": "src/app.py", "diff": f"```diff\n{DIFF}```"}]}),
    "JSON with a block": json.dumps({"patch_bundle": [{"file": "src/app.py", "diff": SEARCH}]}),
    "JSON with a whole file": json.dumps({"patch_bundle": [{"file": "src/app.py", "diff": WANTED}]}),
    "JSON with a bare body": json.dumps({"patch_bundle": [{"file": "src/app.py", "diff": HUNK}]}),
    "JSON with the end of the name": json.dumps({"patch_bundle": [{"file": "src/app.py", "diff": DIFF.replace("src/", "")}]}),
    "a file named above the hunks": f"**src/app.py**\n```diff\n@@ -8,6 +8,6 @@\n{HUNK}```\n",
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_form_that_models_write_is_applied_exactly(repo: Path, form: str) -> None:
    done = applied(repo, FORMS[form])
    assert (repo / "src" / "app.py").read_text() == WANTED
    assert done.files == ("src/app.py",)


def test_git_has_the_first_word_and_the_locator_says_what_it_forgave(repo: Path) -> None:
    done = applied(repo, DIFF)
    assert (done.method, done.tolerated) == ("git", ())
    git(repo, "checkout", "-q", "src")
    done = applied(repo, FORMS["tabs for blanks"])
    assert (done.method, done.tolerated) == ("locator", ("src/app.py:8 found in spite of other blanks",))


def test_the_file_keeps_its_own_line_ends_blanks_and_mode(repo: Path) -> None:
    target = repo / "src" / "app.py"
    target.write_bytes(APP.replace("\n", "\r\n").encode())
    target.chmod(0o755)
    applied(repo, DIFF)
    assert target.read_bytes() == WANTED.replace("\n", "\r\n").encode()
    assert target.stat().st_mode & 0o777 == 0o755
    target.write_text("\ufeff" + APP.rstrip("\n"), newline="\n")
    applied(repo, DIFF)
    assert target.read_text() == "\ufeff" + WANTED.rstrip("\n")


def test_bytes_that_are_no_utf8_survive(repo: Path) -> None:
    target = repo / "notes.txt"
    target.write_bytes(b"caf\xe9\none\ntwo\n")
    applied(repo, "--- a/notes.txt\n+++ b/notes.txt\n@@ @@\n one\n-two\n+three\n")
    assert target.read_bytes() == b"caf\xe9\none\nthree\n"


def test_a_makefile_patched_with_blanks_keeps_its_tabs(repo: Path) -> None:
    applied(repo, "--- a/Makefile\n+++ b/Makefile\n@@ @@\n all:\n     cc a.c\n+    cc c.c\n     cc b.c\n")
    assert (repo / "Makefile").read_text() == "all:\n\tcc a.c\n\tcc c.c\n\tcc b.c\n"


def test_entities_that_belong_to_the_file_stay(repo: Path) -> None:
    applied(repo, "--- a/page.html\n+++ b/page.html\n@@ -1,2 +1,3 @@\n <p>a &amp; b</p>\n+<p>x &lt; y</p>\n <p>c</p>\n")
    assert "<p>x &lt; y</p>" in (repo / "page.html").read_text()


def test_files_come_go_and_move(repo: Path) -> None:
    reply = (
        "--- /dev/null\n+++ b/src/new/mod.py\n@@ -0,0 +1,9 @@\n+x = 1\n+y = 2\n"
        "diff --git a/run.sh b/run.sh\nnew file mode 100755\n--- /dev/null\n+++ b/run.sh\n@@ -0,0 +1 @@\n+#!/bin/sh\n"
        "--- a/setup.toml\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-[tool]\n-name = \"a\"\n"
        "diff --git a/README.md b/docs/README.md\nsimilarity index 80%\nrename from README.md\nrename to docs/README.md\n"
        "--- a/README.md\n+++ b/docs/README.md\n@@ -1,3 +1,3 @@\n # Shop\n \n-Text.\n+Words.\n"
    )  # fmt: skip
    done = applied(repo, reply)
    assert done.created == ("docs/README.md", "run.sh", "src/new/mod.py")
    assert done.deleted == ("README.md", "setup.toml")
    assert (repo / "src/new/mod.py").read_text() == "x = 1\ny = 2\n"
    assert (repo / "docs/README.md").read_text() == "# Shop\n\nWords.\n"
    assert (repo / "run.sh").stat().st_mode & 0o111
    assert not (repo / "setup.toml").exists()


def test_an_empty_file_may_be_filled_and_a_folder_emptied_by_a_deletion_goes(repo: Path) -> None:
    applied(repo, "--- a/empty.txt\n+++ b/empty.txt\n@@ -0,0 +1 @@\n+now\n")
    assert (repo / "empty.txt").read_text() == "now\n"
    applied(repo, "--- /dev/null\n+++ b/only/one.txt\n@@ -0,0 +1 @@\n+x\n")
    applied(repo, "--- a/only/one.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n")
    assert not (repo / "only").exists()


def test_blocks_follow_one_another_on_the_text_so_far(repo: Path) -> None:
    first = "<<<<<<< SEARCH\n    amount = 0\n=======\n    amount = start\n>>>>>>> REPLACE\n"
    second = "<<<<<<< SEARCH\n    amount = start\n    for item in items:\n=======\n    amount = start\n    for item in list(items):\n>>>>>>> REPLACE\n"
    applied(repo, f"src/app.py\n{first}{second}")
    assert "    amount = start\n    for item in list(items):\n" in (repo / "src/app.py").read_text()


def test_several_fenced_files_in_one_reply(repo: Path) -> None:
    other = "--- a/README.md\n+++ b/README.md\n@@ -1,3 +1,3 @@\n # Shop\n \n-Text.\n+Words.\n"
    assert applied(repo, f"First:\n```diff\n{DIFF}```\nthen:\n```diff\n{other}```\n").files == (
        "README.md",
        "src/app.py",
    )


def test_a_hunk_may_stand_on_what_the_one_before_it_made(repo: Path) -> None:
    first = "@@ @@\n-    amount = 0\n+    amount = start\n"
    second = "@@ @@\n     amount = start\n-    for item in items:\n+    for item in list(items):\n"
    applied(repo, HEADER + first + second)
    assert "    amount = start\n    for item in list(items):\n" in (repo / "src/app.py").read_text()


def test_openais_form_makes_and_deletes_files(repo: Path) -> None:
    reply = "*** Begin Patch\n*** Add File: src/new.py\n+x = 1\n+y = 2\n*** Delete File: README.md\n*** End Patch\n"
    done = applied(repo, reply)
    assert (done.created, done.deleted) == (("src/new.py",), ("README.md",))
    assert (repo / "src/new.py").read_text() == "x = 1\ny = 2\n"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("elided", "import os\n\n\ndef price(item):\n    return item.price * 2\n"),
        ("malformed", "I changed the price so that it is doubled.\n" * 30),
        ("malformed", "\n\n"),
    ],
)
def test_what_is_no_whole_file_does_not_replace_one(repo: Path, code: str, text: str) -> None:
    assert refused(repo, [{"file": "src/app.py", "diff": text}]).code == code


@pytest.mark.parametrize(
    ("code", "hunk"),
    [
        ("ambiguous", " \n+    # new\n"),
        ("ambiguous", "-        return self\n+        return None\n"),
        ("not-found", "-        return other\n+        return None\n"),
        ("not-found", " class Basket:\n-    def __init__(this):\n+    def __init__(self, items):\n"),
        ("not-found", "+# nowhere\n"),
        ("no-change", " import os\n"),
        ("no-change", "-import os\n+import os\n"),
    ],
)
def test_what_is_not_certain_is_refused(repo: Path, code: str, hunk: str) -> None:
    assert refused(repo, f"{HEADER}@@ @@\n{hunk}").code == code


def test_the_heading_or_the_line_settles_which_of_two_equal_places_is_meant(repo: Path) -> None:
    hunk = "-        return self\n+        return None\n"
    applied(repo, f"{HEADER}@@ def remove(self, item): @@\n{hunk}")
    assert (repo / "src/app.py").read_text() == APP[::-1].replace("return self"[::-1], "return None"[::-1], 1)[::-1]
    git(repo, "checkout", "-q", "src")
    row = APP.split("\n").index("        return self") + 1
    applied(repo, f"{HEADER}@@ -{row},9 +{row},9 @@\n{hunk}")
    assert (repo / "src/app.py").read_text() == APP.replace("return self", "return None", 1)


def test_a_refusal_shows_the_real_lines_nearest_the_miss(repo: Path) -> None:
    hunk = "     if item is None:\n         return 0\n-    return item.cost\n+    return item.cost * 2\n"
    refusal = refused(repo, f"{HEADER}@@ -90,4 +90,4 @@\n{hunk}")
    assert (refusal.file, refusal.line) == ("src/app.py", 8)
    assert "   10 |     return item.price" in refusal.nearest
    twice = refused(repo, f"{HEADER}@@ @@\n-        return self\n+        return None\n")
    assert "   27 |         return self" in twice.nearest and "   31 |         return self" in twice.nearest
    assert len(twice.nearest.split("\n")) <= 40


def test_a_file_that_did_not_parse_before_need_not_parse_after(repo: Path) -> None:
    (repo / "src/broken.py").write_text("def a(:\n    x = 1\n")
    applied(repo, "--- a/src/broken.py\n+++ b/src/broken.py\n@@ @@\n-    x = 1\n+    x = 2\n")


BROKEN = {
    "a.js": ("function a() {\n  return 1;\n}\n", "  return 1;", "  return (1;"),
    "a.ts": ("const a: number = 1;\nexport default a;\n", "export default a;", "export default {;"),
    "a.go": ("package a\n\nfunc A() int {\n\treturn 1\n}\n", "\treturn 1", "\treturn 1 {"),
    "a.rs": ("fn a() -> i32 {\n    1\n}\n", "    1", "    1 }"),
    "a.tf": ('variable "a" {\n  type = string\n}\n', "  type = string", "  type = string {"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_other_languages_are_asked_by_their_grammar(repo: Path, name: str) -> None:
    text, old, bad = BROKEN[name]
    (repo / name).write_text(text)
    headers = f"--- a/{name}\n+++ b/{name}\n@@ @@\n-{old}\n"
    refusal = refused(repo, f"{headers}+{bad}\n")
    assert (refusal.code, refusal.file) == ("syntax", name) and refusal.line > 0
    applied(repo, f"{headers}+{old}\n+{'// more' if name != 'a.tf' else '# more'}\n")


def test_the_same_patch_gives_the_same_plan(repo: Path) -> None:
    for reply in FORMS.values():
        assert plan(repo, read_patches(reply)) == plan(repo, read_patches(reply))


def test_the_fixture_protects_its_tests_unless_allowed(repo: Path) -> None:
    reply = "--- a/tests/test_app.py\n+++ b/tests/test_app.py\n@@ @@\n-    assert True\n+    assert 1\n"
    assert refused(repo, reply).code == "path-protected"
    applied(repo, reply, Policy(allow=("tests/**",)))
