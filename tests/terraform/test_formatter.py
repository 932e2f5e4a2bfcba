"""`terraform fmt` as a second opinion: a stand-in binary on the PATH that writes down how it was called."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from truth_blocks.terraform import formatter


@pytest.fixture(autouse=True)
def forget_the_binary() -> Iterator[None]:
    formatter._binary.cache_clear()
    yield
    formatter._binary.cache_clear()


def _install(folder: Path, code: int, monkeypatch: pytest.MonkeyPatch) -> Path:
    calls = folder / "calls"
    program = folder / "terraform"
    program.write_text(f'#!/bin/sh\necho "$@" >> {calls}\nexit {code}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return calls


@pytest.mark.parametrize(("code", "answer"), [(0, True), (3, True), (2, False), (1, None)])
def test_only_fmt_is_run_and_its_exit_code_is_the_answer(
    code: int, answer: bool | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = _install(tmp_path, code, monkeypatch)
    assert formatter.reads(b"locals {}\n") is answer
    assert calls.read_text() == "fmt -check -no-color -\n"


def test_without_a_binary_there_is_no_second_opinion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert formatter.reads(b"locals {}\n") is None
