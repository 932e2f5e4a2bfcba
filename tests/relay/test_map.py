"""The repository map: what a goal names comes whole, what it uses comes near, and the bound holds."""

from pathlib import Path

import pytest

from agents.relay.contracts import BuildRequest, Lesson
from agents.relay.git_reader import files
from agents.relay.prompting import tokens, write_prompt
from agents.relay.ranking import ranked
from agents.relay.repo_map import RepoMap
from agents.relay.tags import NO_TAGS, tags_of
from tests.relay import house
from tests.relay.house import git

SOURCES = {
    "a.py": b"class Shelf:\n    def put(self, book):\n        return len(book)\n\nLIMIT = 5\n",
    "a.js": b"export function put(book) { return size(book); }\nconst shelf = () => 1;\nclass Shelf { take() {} }\n",
    "a.ts": b"interface Shelf { put(book: Book): void }\ntype Book = string;\nenum Kind { A }\nfunction go(s: Shelf) {}\n",
    "a.tsx": b"export const View = (p: Props) => <div>{p.name}</div>;\n",
    "a.go": b"package a\ntype Shelf struct{ n int }\nfunc (s *Shelf) Put(b Book) {}\nfunc New() *Shelf { return nil }\n",
    "a.rs": b"pub struct Shelf { n: u32 }\nimpl Shelf { pub fn put(&self) {} }\ntrait Store {}\nenum Kind { A }\n",
}
DEFINED = {
    "a.py": {"Shelf", "put", "LIMIT"}, "a.js": {"put", "shelf", "Shelf", "take"},
    "a.ts": {"Shelf", "Book", "Kind", "go"}, "a.tsx": {"View"}, "a.go": {"Shelf", "Put", "New"},
    "a.rs": {"Shelf", "put", "Store", "Kind"},
}  # fmt: skip


@pytest.mark.parametrize("name", SOURCES)
def test_definitions_are_found_in_every_language(name: str) -> None:
    assert {each.name for each in tags_of(name, SOURCES[name]).definitions} >= DEFINED[name]


def test_a_language_without_a_grammar_and_broken_code_give_no_error() -> None:
    assert tags_of("a.txt", b"anything") == NO_TAGS
    assert tags_of("a.py", b"def (((\x00\xff") is not None


def test_what_is_used_ranks_before_what_is_not() -> None:
    tags = {
        "core.py": tags_of("core.py", b"def central_thing():\n    pass\n"),
        "one.py": tags_of("one.py", b"from core import central_thing\ncentral_thing()\n"),
        "two.py": tags_of("two.py", b"from core import central_thing\ncentral_thing()\n"),
        "alone.py": tags_of("alone.py", b"def lonely_thing():\n    pass\n"),
    }
    order = [path for path, _ in ranked(tags, frozenset(), frozenset())]
    assert order[0] == "core.py" and order.index("alone.py") > order.index("core.py")
    assert ranked(tags, frozenset({"lonely_thing"}), frozenset())[0][0] == "alone.py"
    assert ranked(tags, frozenset(), frozenset({"two.py"}))[0][0] in {"two.py", "core.py"}


def big(tmp_path: Path) -> Path:
    module = "\n".join(f"def step_{n}(value):\n    return value + {n}\n" for n in range(400))
    return house.make_repo(
        tmp_path,
        {**{f"lib/part{n}.py": module for n in range(40)}, "lib/wanted.py": "def wanted_thing():\n    return 1\n",
         "notes/read.me": "x\n" * 50_000, "tests/check.sh": "exit 0\n", "relay.toml": 'test = "true"\n'},
    )  # fmt: skip


def request(repo: Path, **changes: object) -> BuildRequest:
    values = {
        "job": "r1",
        "repo": str(repo),
        "commit": git(repo, "rev-parse", "HEAD"),
        "mission": "m",
        "goal": "mend wanted_thing",
    }
    return BuildRequest(**(values | changes))  # type: ignore[arg-type]


def test_the_file_that_defines_what_the_goal_names_is_shown_whole(tmp_path: Path) -> None:
    repo = big(tmp_path)
    view = RepoMap().view(str(repo), "HEAD", ["mend wanted_thing"], 2_000)
    assert view.files[0].path == "lib/wanted.py" and view.files[0].whole
    view = RepoMap().view(str(repo), "HEAD", ["see lib/part7.py, step_133"], 4_000)
    assert view.files[0].path == "lib/part7.py" and not view.files[0].whole
    assert "def step_133(value)" in view.files[0].text and "def step_5(value)" not in view.files[0].text


@pytest.mark.parametrize("bound", [3_000, 8_000, 9_500])
def test_a_prompt_stays_within_its_bound_whatever_it_is_told(tmp_path: Path, bound: int) -> None:
    prompt = write_prompt(
        request(
            big(tmp_path),
            prompt_tokens=bound,
            goal="g" * 100_000,
            mission="m " * 50_000,
            synopsis="s " * 5_000,
            hint="ü" * 50_000,
            open_issues=tuple("i" * 5_000 for _ in range(100)),
            warnings=tuple("w" * 5_000 for _ in range(100)),
            lessons=tuple(Lesson(str(n), "d" * 9_000, "f" * 9_000) for n in range(9)),
            checks=tuple("c" * 900 for _ in range(90)),
            protected=tuple("p" * 900 for _ in range(90)),
        ),
        RepoMap(),
    )
    assert prompt.tokens <= bound
    assert len(prompt.system + prompt.user) / 3.5 < 10_000


def test_the_same_commit_gives_the_same_prompt(tmp_path: Path) -> None:
    asked = request(big(tmp_path))
    assert write_prompt(asked, RepoMap()) == write_prompt(asked, RepoMap())


def test_links_and_binary_files_are_not_read(tmp_path: Path) -> None:
    repo = house.make_repo(tmp_path)
    (repo / "link.py").symlink_to("/etc/passwd")
    (repo / "blob.py").write_bytes(b"x = 1\0\xff")
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "odd")
    assert "link.py" not in {entry.path for entry in files(str(repo), "HEAD")}
    view = RepoMap().view(str(repo), "HEAD", ["blob.py link.py calc.py"], 2_000)
    assert {shown.path for shown in view.files} >= {"calc.py"} and "blob.py" not in {s.path for s in view.files}


def test_tokens_are_counted_by_bytes() -> None:
    assert tokens("abcdefg") == 2 and tokens("語" * 7) == 6
