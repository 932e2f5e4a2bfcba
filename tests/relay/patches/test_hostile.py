"""What no bundle may do: each is refused whole, by its code, and the tree stays as it was."""

import json
from pathlib import Path

import pytest

from agents.relay.patches import Policy
from agents.relay.patches.reading import Bundle
from tests.relay.patches.conftest import APP, applied, git, patched, refused, snapshot

HARMLESS = "--- a/README.md\n+++ b/README.md\n@@ -1,3 +1,3 @@\n # Shop\n \n-Text.\n+Other text.\n"


def new(path: str, line: str = "x = 1") -> str:
    return f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,1 @@\n+{line}\n"


def change(path: str, old: str = "x", text: str = "y") -> str:
    return f"--- a/{path}\n+++ b/{path}\n@@ -1,1 +1,1 @@\n-{old}\n+{text}\n"


def extended(path: str, *headers: str, body: str = "") -> str:
    return f"diff --git a/{path} b/{path}\n" + "".join(f"{header}\n" for header in headers) + body


def moved(old: str, to: str, word: str = "rename") -> str:
    return f"diff --git a/{old} b/{to}\nsimilarity index 100%\n{word} from {old}\n{word} to {to}\n"


NAMES = {
    "path-absolute": ["/etc/passwd", "//etc/passwd", "~/.bashrc", "~root/x", "C:/windows/x", "c:x"],
    "path-traversal": ["../outside.py", "src/../../outside.py", "src/..", "src/./x.py", "src/.. /x.py", "src/.../x.py", ".. /x"],
    "path-git": [
        ".git/config", ".git/hooks/pre-commit", ".GIT/config", ".Git/HEAD", "src/.git/config", "src/.git", ".git ",
        ".git./config", ".git::$INDEX_ALLOCATION/config", ".git:x/config", "git~1/config", "GIT~1/hooks/post-checkout",
        ".g\u200cit/config", ".gi\u200dt/config", "\ufeff.git/config", ".g\u2060it/x", "\uff0egit/config", ".gⅰt/config",
        "bare/HEAD", "gi7eba~1/x",
    ],
    "path-forbidden": [
        ".gitattributes", "src/.gitattributes", ".GitAttributes", ".gitmodules", ".gitconfig", ".lfsconfig", ".env",
        ".env.local", "src/.env", ".envrc", ".ENV", ".githooks/pre-commit", ".husky/pre-commit", ".pre-commit-config.yaml",
        "lefthook.yml", "hooks/pre-receive", "src/hooks/post-update", ".github/workflows/ci.yml",
        ".github/Workflows/ci.yml", "sub2/.github/workflows/x.yaml", ".github/actions/a/action.yml", ".gitlab-ci.yml",
        ".gitlab/ci/x.yml", ".circleci/config.yml", ".buildkite/pipeline.yml", ".travis.yml", "azure-pipelines.yml",
        "bitbucket-pipelines.yml", "Jenkinsfile", ".drone.yml", ".forgejo/workflows/x.yml", ".ci/run", "relay.toml",
        "relay.json", "RELAY.TOML", ".g\u00eetattributes\u200b".replace("\u00ee", "i"),
    ],
    "path-name": [
        "src\\app.py", "a\tb.py", "a\x01b.py", "a\x7f.py", "a\u202ebc.py", "a\u200bb.py", "file.py:stream", "trailing.py.",
        "dir /x.py", "src//x.py", "PROGRA~1/x", "x" * 300 + ".py", "a/" * 600 + "x", "e\u0301.py",
    ],
    "path-protected": ["tests/test_new.py", "tests/deep/er/x.py", "Tests/test_app.py", "TESTS/x"],
}  # fmt: skip
NAMED = [(code, name) for code, names in NAMES.items() for name in names]


@pytest.mark.parametrize(("code", "name"), NAMED, ids=[f"{code} {name[:30]!r}" for code, name in NAMED])
def test_a_forbidden_name_is_refused_however_it_is_said(repo: Path, code: str, name: str) -> None:
    fence = f"```python title={name}\nx = 1\n```\n"
    assert refused(repo, [{"file": name, "diff": new(name)}]).code in {code, "name-mismatch"}
    assert refused(repo, [{"file": name, "diff": "x = 1\n"}]).code == code
    assert refused(repo, [{"file": "src/app.py", "diff": new(name)}]).code in {code, "name-mismatch", "path-name"}
    assert refused(repo, [{"file": name, "diff": "<<<<<<< SEARCH\n=======\nx\n>>>>>>> REPLACE\n"}]).code == code
    if "\t" not in name:
        assert refused(repo, new(name)).code == code
        assert refused(repo, change(name)).code == code
        assert refused(repo, f"*** Begin Patch\n*** Add File: {name.strip()}\n+x\n*** End Patch\n").code
    patched(repo, fence)
    assert not (repo.parent / "outside.py").exists()


ODD: dict[str, tuple[str, Bundle]] = {
    "mode change": ("mode-change", extended("src/app.py", "old mode 100644", "new mode 100755")),
    "mode change with text": ("mode-change", extended("README.md", "old mode 100644", "new mode 100755") + HARMLESS),
    "set-uid file": ("mode-change", extended("x", "new file mode 104755") + new("x")),
    "new link": ("path-symlink", extended("link", "new file mode 120000") + new("link", "/etc/passwd")),
    "deleted link": ("path-symlink", extended("way", "deleted file mode 120000") + "--- a/way\n+++ /dev/null\n@@ -1 +0,0 @@\n-src\n"),
    "link by its index line": ("path-symlink", extended("way", "index 1234567..89abcde 120000") + change("way", "src", "/etc")),
    "new submodule": ("path-submodule", extended("dep", "new file mode 160000") + new("dep", "Subproject commit " + "1" * 40)),
    "moved submodule": ("path-submodule", extended("sub", "index 1234567..89abcde 160000") + change("sub")),
    "into a submodule": ("path-submodule", new("sub/x.py")),
    "onto a submodule": ("path-submodule", new("sub")),
    "into a nested repository": ("path-submodule", change("inner/a.py", "a = 1", "a = 2")),
    "new file in a nested repository": ("path-submodule", new("inner/b.py")),
    "through a linked folder": ("path-symlink", change("way/app.py", "import os", "import sys")),
    "new file through a linked folder": ("path-symlink", new("way/evil.py")),
    "onto a link to the outside": ("path-symlink", change("passwd.txt", "root", "evil")),
    "whole file onto a link": ("path-symlink", "**passwd.txt**\n```\nroot\n```\n"),
    "binary patch": ("binary", extended("image.bin", "index 1..2", "GIT binary patch", "literal 3", "Kcmd")),
    "binary files differ": ("binary", extended("image.bin", "Binary files a/image.bin and b/image.bin differ")),
    "text patch of a binary file": ("binary", change("image.bin", "old", "new")),
    "rename into .git": ("path-git", moved("README.md", ".git/hooks/post-checkout")),
    "rename into a workflow": ("path-forbidden", moved("README.md", ".github/workflows/x.yml")),
    "rename of a protected file": ("path-protected", moved("tests/test_app.py", "src/old.py")),
    "rename onto a protected file": ("path-protected", moved("src/app.py", "tests/app.py")),
    "rename out of the tree": ("path-traversal", moved("README.md", "../README.md")),
    "copy into .env": ("path-forbidden", moved("README.md", ".env", "copy")),
    "copy of .env": ("path-forbidden", moved(".env", "public.txt", "copy")),
    "rename by differing headers": ("name-mismatch", "--- a/README.md\n+++ b/src/app.py\n@@ -1,1 +1,1 @@\n-# Shop\n+x\n"),
    "git's line names another file": ("name-mismatch", extended("setup.toml") + HARMLESS),
    "git's line names a forbidden file": ("path-git", extended(".git/config") + HARMLESS),
    "protected by its old name": ("path-protected", "--- a/tests/test_app.py\n+++ b/README.md\n@@ -1,1 +1,1 @@\n-x\n+y\n"),
    "a name in quotes": ("path-traversal", '--- "a/../x"\n+++ "b/../x"\n@@ -1,1 +1,1 @@\n-x\n+y\n'),
    "a name in octal": ("path-git", '--- /dev/null\n+++ "b/\\056git/config"\n@@ -0,0 +1 @@\n+x\n'),
    "a line feed in a name": ("path-name", '--- /dev/null\n+++ "b/a\\nb.py"\n@@ -0,0 +1 @@\n+x\n'),
    "no prefix, absolute": ("path-absolute", "--- /etc/hosts\n+++ /etc/hosts\n@@ -1,1 +1,1 @@\n-x\n+y\n"),
    "deletes what is protected": ("path-protected", "--- a/tests/test_app.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"),
    "deletes without saying what": ("malformed", extended("src/app.py", "deleted file mode 100644")),
    "deletes more than it says": ("not-found", "--- a/README.md\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-# Shop\n"),
    "letter case of a file": ("path-case", new("readme.md")),
    "letter case of a folder": ("path-case", new("SRC/x.py")),
    "letter case within the bundle": ("path-case", new("new/a.py") + new("new/A.py")),
    "letter case of folders within the bundle": ("path-case", new("new/a.py") + new("New/b.py")),
    "a file as a folder": ("path-conflict", new("README.md/x.py")),
    "a folder as a file": ("path-conflict", new("src")),
    "a file and a folder at once": ("path-conflict", new("pkg") + new("pkg/a.py")),
    "anew what exists": ("file-exists", new("README.md")),
    "one bad among good ones": ("path-git", HARMLESS + new(".git/config")),
    "one miss among good ones": ("not-found", HARMLESS + change("setup.toml", "name = 'zzz'", "name = 1")),
    "characters of no text file": ("malformed", json.dumps([{"file": "a.py", "diff": "x = '\ud800'\n"}])),
    "a NUL": ("malformed", json.dumps([{"file": "a.py", "diff": "x = '\0'\n"}])),
    "breaks the syntax": ("syntax", change("src/app.py", "import os", "import (")),
    "breaks JSON": ("syntax", change("config.json", '  "port": 1,', '  "port": 1,,')),
    "breaks TOML": ("syntax", change("setup.toml", "[tool]", "[tool")),
    "leaves the rest out": ("elided", "**src/app.py**\n```python\nimport os\n# ... rest of the file unchanged ...\n```\n"),
    "an excerpt for a file": ("elided", [{"file": "long.py", "diff": "x = 1\n"}]),
    "adds a gap": ("elided", change("src/app.py", "import os", "# ... existing code ...")),
    "no file named": ("no-file-name", "@@ -1,1 +1,1 @@\n-# Shop\n+# Store\n"),
    "blocks for another file": ("name-mismatch", [{"file": "README.md", "diff": "src/app.py\n<<<<<<< SEARCH\nimport os\n=======\nimport re\n>>>>>>> REPLACE\n"}]),
    "blocks into .git": ("path-git", ".git/config\n<<<<<<< SEARCH\n=======\n[core]\n>>>>>>> REPLACE\n"),
    "a block with two dividers": ("malformed", "README.md\n<<<<<<< SEARCH\n# Shop\n=======\n=======\nx\n>>>>>>> REPLACE\n"),
}  # fmt: skip


@pytest.mark.parametrize("what", ODD)
def test_a_hostile_bundle_is_refused_whole(repo: Path, what: str) -> None:
    (repo / "long.py").write_text("".join(f"a{number} = {number}\n" for number in range(60)))
    code, reply = ODD[what]
    assert refused(repo, reply).code == code


def test_the_first_refusal_comes_from_the_policy_also_behind_a_miss(repo: Path) -> None:
    assert refused(repo, change("src/app.py", "nothing like it", "x") + new(".env")).code == "path-forbidden"


def test_a_link_that_git_has_on_record_is_refused_where_the_tree_shows_a_file(repo: Path) -> None:
    (repo / "way").unlink()
    (repo / "way").write_text("src")
    assert refused(repo, change("way", "src", "/etc")).code == "path-symlink"


def test_a_pipe_or_a_folder_is_no_file_to_patch(repo: Path) -> None:
    import os

    os.mkfifo(repo / "pipe")
    assert refused(repo, change("pipe")).code == "file-unreadable"


@pytest.mark.parametrize("glob", ["docs/", "docs", "docs/*", "docs/**", "./docs/**", "*.lock", "**/x.lock", "Docs/**"])
def test_protecting_is_generous(repo: Path, glob: str) -> None:
    policy = Policy(protected=(glob,))
    for name in ("docs/deep/x.lock", "DOCS/x.lock", "docs/x.lock"):
        assert refused(repo, new(name), policy).code == "path-protected"
    applied(repo, new("tests/test_new.py"), policy)


def test_allowing_is_strict(repo: Path) -> None:
    for name in ("tests/unit/a.py", "src/tests/a.py"):
        assert refused(repo, new(name), Policy(("tests", "src"), ("tests/*", "a.py"))).code == "path-protected"
    applied(repo, new("tests/a.py"), Policy(("tests/**",), ("tests/*",)))
    applied(repo, new("tests/deep/b.py"), Policy(("tests/**",), ("tests/",)))
    for name in (".env", ".git/config", "relay.toml"):
        assert refused(repo, new(name), Policy((), ("**", name))).code in {"path-forbidden", "path-git"}


def test_no_setting_of_the_repository_or_the_user_runs_anything(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = tmp_path / "trap"
    script = tmp_path / "run.sh"
    script.write_text(f"#!/bin/sh\ntouch {trap}\ncat\n")
    script.chmod(0o755)
    for key in ("core.fsmonitor", "filter.evil.clean", "filter.evil.smudge", "diff.external", "core.sshCommand"):
        git(repo, "config", key, str(script))
    (repo / ".git" / "info" / "attributes").write_text("* filter=evil\n")
    (repo / ".git" / "hooks").mkdir(exist_ok=True)
    for hook in ("applypatch-msg", "pre-commit", "post-checkout", "post-index-change"):
        (repo / ".git" / "hooks" / hook).write_text(script.read_text())
        (repo / ".git" / "hooks" / hook).chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(f"[core]\n\tfsmonitor = {script}\n\thooksPath = {repo}/.git/hooks\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_DIR", str(repo / ".git"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(script))
    assert applied(repo, HARMLESS).method == "git"
    assert not trap.exists()


def test_a_bundle_beyond_the_bounds_is_refused(repo: Path) -> None:
    assert refused(repo, "x" * 300_000).code == "too-large"
    assert refused(repo, [{"file": "a.txt", "diff": "é" * 150_000}]).code == "too-large"
    assert refused(repo, [{"file": f"a{n}.txt", "diff": "x\n"} for n in range(101)]).code == "too-large"
    hunks = "".join(f"@@ -{n},1 +{n},1 @@\n-a{n}\n+b{n}\n" for n in range(1, 502))
    assert refused(repo, f"--- a/README.md\n+++ b/README.md\n{hunks}").code == "too-large"
    (repo / "huge.txt").write_text("line\n" * 500_000)
    assert refused(repo, change("huge.txt", "line", "other")).code == "too-large"


def test_a_tree_that_is_no_repository_is_patched_by_the_same_rules(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(APP)
    assert refused(tmp_path, new(".git/config")).code == "path-git"
    applied(tmp_path, change("src/app.py", "import os", "import sys"))
    assert list(snapshot(tmp_path)) == ["src", "src/app.py"]
