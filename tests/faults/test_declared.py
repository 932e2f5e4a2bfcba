"""The list of fault points is read from the source: whatever names a transaction is followed, or the suite fails."""

from pathlib import Path

import pytest

from tests.faults.points import declared


def found(folder: Path, *lines: str) -> set[str]:
    (folder / "room.py").write_text("\n".join(lines))
    return {name.removesuffix(".commit.after") for name in declared(folder) if not name.endswith(".before")}


@pytest.mark.parametrize(
    "line",
    [
        "await writer.run('a', work)",
        "await self._writer.run('a', work, durable=True)",
        "await self._parts.writer.run('a', work)",
        "run = parts.writer.run; await run('a', work)",
        "parts, run = self._parts, self._parts.writer.run; await run('a', work)",
    ],
)
def test_a_transaction_given_to_a_writer_is_found_in_every_wording(tmp_path: Path, line: str) -> None:
    assert found(tmp_path, "async def act(self, parts):", f"    {line}") == {"a"}


def test_a_literal_point_is_found(tmp_path: Path) -> None:
    assert found(tmp_path, "faults.point('a.b')") == {"a.b"}


def test_a_name_that_is_handed_down_is_followed_to_all_who_say_it(tmp_path: Path) -> None:
    assert found(
        tmp_path,
        "class Relays:",
        "    async def move(self, job, *, name): await self._write(name, job)",
        "    async def admit(self): await self._write('admit', 1)",
        "    async def _write(self, name, work): await self._writer.run(name, work)",
        "class People:",
        "    async def go(self): await self._write('rolled_back')",
        "    async def _write(self, event): await self._relay.move(1, name=f\"do-{event.replace('_', '-')}\")",
        "def _write(folder, text): os.write(folder, text)",
        "_write(3, 'nothing of ours')",
    ) == {"admit", "do-rolled-back"}


@pytest.mark.parametrize(
    "lines",
    [
        ("faults.point(name)",),
        ("class A:", "    def act(self): self._writer.run(self.name, 1)"),
        ("class A:", "    def act(self, name): self._writer.run(name, 1)"),
        ("class A:", "    def act(self, name): self._writer.run(name, 1)", "    def go(self): self.act(chosen())"),
        ("class A:", "    def act(self, name='a'): self._writer.run(name, 1)", "    def go(self): self.act()"),
        ("def act(name): writer.run(name, 1)",),
    ],
)
def test_a_name_that_cannot_be_followed_fails(tmp_path: Path, lines: tuple[str, ...]) -> None:
    with pytest.raises(AssertionError):
        found(tmp_path, *lines)
