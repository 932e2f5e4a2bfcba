"""Whatever stands in a file, a verdict comes within a bounded time and memory."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.terraform.samples import critic, schemas, valid_modules
from truth_blocks.terraform.paths import check_paths

MAX_SECONDS = 6.0
MAX_BYTES = 150_000_000
"""Resident memory of a process that reads the worst of these files (bytes); a plain start takes 25 MB."""
DEEP = 3_000
BOMBS = {
    "nested lists": "locals {\n  a = " + "[" * DEEP + "]" * DEEP + "\n}\n",
    "nested objects": "locals {\n  a = " + "{ a = " * DEEP + "1" + " }" * DEEP + "\n}\n",
    "nested blocks": "a {\n" * DEEP + "}\n" * DEEP,
    "nested templates": 'locals {\n  a = "' + '${"' * DEEP + '"}' * DEEP + '"\n}\n',
    "nested directives": 'locals {\n  a = "' + "%{ if true }" * DEEP + "%{ endif }" * DEEP + '"\n}\n',
    "nested calls": "locals {\n  a = " + "upper(" * DEEP + '"x"' + ")" * DEEP + "\n}\n",
    "many interpolations": 'locals {\n  a = "' + "${local.a}" * 30_000 + '"\n}\n',
    "a heredoc of interpolations": "locals {\n  a = <<A\n" + "${upper(1)}\n" * 30_000 + "A\n}\n",
    "long chain": "locals {\n" + "".join(f"  a{n} = local.a{n + 1}\n" for n in range(8_000)) + "  a8000 = 1\n}\n",
    "long cycle": "locals {\n" + "".join(f"  a{n} = local.a{(n + 1) % 8_000}\n" for n in range(8_000)) + "}\n",
    "everything needs everything": "locals {\n"
    + "".join(f"  a{n} = [{', '.join(f'local.a{m}' for m in range(120))}]\n" for n in range(120))
    + "}\n",
    "long path": "locals {\n  a = local" + ".b" * 100_000 + "\n}\n",
    "type bomb": 'variable "v" {\n  type = ' + "list(" * DEEP + "string" + ")" * DEEP + "\n}\n",
    "missing equals": "a " + "var.x!=" * 50_000 + "\n",
    "unknown of many generations": "".join(
        f'resource "google_storage_bucket" "b{n}" {{\n  sparkle = 1\n}}\n' for n in range(400)
    ),
}
RAW = {
    "10 MB": b'locals {\n  a = "x"\n}\n' * 500_000,
    "binary": bytes(range(256)) * 400,
    "NUL": b"locals {\n  a = 1\x00\n}\n",
    "UTF-16": "locals {}\n".encode("utf-16"),
    "mixed encodings": "locals {\n  a = 'é'\n}\n".encode() + "b = 'é'\n".encode("latin-1"),
    "empty": b"",
    "only a byte order mark": b"\xef\xbb\xbf",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_gets_a_verdict_in_time(name: str) -> None:
    started = time.monotonic()
    report = critic(BOMBS[name])
    assert report.verdict in ("valid", "invalid", "unverifiable")
    assert time.monotonic() - started < MAX_SECONDS
    assert len(report.findings) <= 1_500


@pytest.mark.parametrize("name", RAW)
def test_a_file_that_is_no_text_gets_a_verdict(name: str, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_bytes(RAW[name])
    started = time.monotonic()
    [alone] = check_paths(schemas(), [tmp_path / "main.tf"])
    [module] = check_paths(schemas(), [tmp_path])
    assert alone["verdict"] == module["verdict"] in ("valid", "invalid")
    assert time.monotonic() - started < MAX_SECONDS


@pytest.mark.parametrize("name", ["many interpolations", "a heredoc of interpolations", "long path", "missing equals"])
def test_the_largest_bombs_stay_within_the_memory_bound(name: str, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(BOMBS[name])
    peak = (
        "import re; from pathlib import Path; from truth_blocks.terraform.paths import check_paths\n"
        "from truth_blocks.terraform.schema import Schemas\n"
        f"list(check_paths(Schemas(), [Path({str(tmp_path)!r})]))\n"
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) * 1024)"
    )
    assert _printed(peak) < MAX_BYTES


def _printed(program: str, *arguments: str) -> int:
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", program, *arguments]
    return int(subprocess.run(command, capture_output=True, text=True, check=True, cwd=root).stdout)


@settings(max_examples=60, deadline=3_000, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_two_modules_cut_together_get_a_verdict(data: st.DataObject) -> None:
    names = sorted(valid_modules())
    first, second = (valid_modules()[data.draw(st.sampled_from(names))] for _ in range(2))
    text = first[: data.draw(st.integers(0, len(first)))] + second[data.draw(st.integers(0, len(second))) :]
    assert critic(text).verdict in ("valid", "invalid", "unverifiable")


def test_300_modules_stay_within_40_mb(tmp_path: Path) -> None:
    texts = list(valid_modules().values())
    for number in range(300):
        folder = tmp_path / f"m{number:03}"
        folder.mkdir()
        (folder / "main.tf").write_text(texts[number % len(texts)])
    program = (
        "import sys; from pathlib import Path; from truth_blocks.terraform.paths import check_paths\n"
        "from truth_blocks.terraform.schema import Schemas\n"
        "for _ in check_paths(Schemas(), sorted(Path(sys.argv[1]).iterdir())): pass\n"
        "print(int(open('/proc/self/statm').read().split()[1]) * 4096)"
    )
    assert _printed(program, str(tmp_path)) < 40_000_000
