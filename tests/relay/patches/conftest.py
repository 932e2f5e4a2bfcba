"""A real repository to patch."""

import shutil
import subprocess
from pathlib import Path

import pytest

from agents.relay.patches import Applied, Policy, Refusal, apply, plan, read_patches
from agents.relay.patches.reading import Bundle

APP = '''"""A shop."""

import os


def price(item):
    """What an item costs."""
    if item is None:
        return 0
    return item.price


def total(items):
    """What all of them cost."""
    amount = 0
    for item in items:
        amount += price(item)
    return amount


class Basket:
    def __init__(self):
        self.items = []

    def add(self, item):
        self.items.append(item)
        return self

    def remove(self, item):
        self.items.remove(item)
        return self
'''


def git(root: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "protocol.file.allow=always")
    return subprocess.run(
        ["git", *identity, *arguments], cwd=root, check=True, capture_output=True, text=True
    ).stdout  # fmt: skip


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a submodule, a nested repository, links, a binary file and protected tests; made once."""
    root = tmp_path_factory.mktemp("made") / "shop"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    files = {
        "src/app.py": APP, "tests/test_app.py": "def test_price():\n    assert True\n", "README.md": "# Shop\n\nText.\n",
        "config.json": '{\n  "port": 1,\n  "host": "a"\n}\n', "setup.toml": '[tool]\nname = "a"\n', "empty.txt": "",
        "page.html": "<p>a &amp; b</p>\n<p>c</p>\n", "Makefile": "all:\n\tcc a.c\n\tcc b.c\n",
    }  # fmt: skip
    for name, text in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    (root / "image.bin").write_bytes(b"\x00\x01\x02old\n")
    (root / "way").symlink_to("src")
    (root / "passwd.txt").symlink_to("/etc/passwd")
    (root / "inner").mkdir()
    git(root / "inner", "init", "-q")
    (root / "inner" / "a.py").write_text("a = 1\n")
    git(root, "add", "src", "tests", "README.md", "config.json", "setup.toml", "page.html", "Makefile", "way")
    git(root, "update-index", "--add", "--cacheinfo", "160000,1111111111111111111111111111111111111111,sub")
    git(root, "commit", "-qm", "first")
    return root


@pytest.fixture
def repo(tmp_path: Path, made: Path) -> Path:
    """A copy of it for each test."""
    return Path(shutil.copytree(made, tmp_path / "shop", symlinks=True))


def snapshot(root: Path) -> dict[str, object]:
    """Everything in a tree but git's own files: content, links and modes."""
    found: dict[str, object] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if ".git" in name.parts:
            continue
        if path.is_symlink():
            found[str(name)] = ("link", str(path.readlink()))
        else:
            found[str(name)] = (path.stat().st_mode, path.read_bytes() if path.is_file() else None)
    return found


def patched(root: Path, reply: Bundle, policy: Policy | None = None) -> Applied | Refusal:
    """The whole way: read, plan, apply; a refusal must have left the tree as it was."""
    before = snapshot(root)
    planned = plan(root, read_patches(reply), policy)
    assert snapshot(root) == before, "planning changed the tree"
    done = planned if isinstance(planned, Refusal) else apply(planned)
    if isinstance(done, Refusal):
        assert snapshot(root) == before, "a refusal changed the tree"
    return done


def applied(root: Path, reply: Bundle, policy: Policy | None = None) -> Applied:
    """The same where it must succeed."""
    done = patched(root, reply, policy)
    assert isinstance(done, Applied), done
    return done


def refused(root: Path, reply: Bundle, policy: Policy | None = None) -> Refusal:
    """The same where it must be refused."""
    done = patched(root, reply, policy)
    assert isinstance(done, Refusal), done
    assert done.message.endswith((".", "?"))
    return done
