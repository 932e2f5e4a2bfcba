"""Fights in a terminal: each command is a process of its own; the fight lives in the data directory."""

from pathlib import Path

from agents.table_contracts import TABLE_TASKS
from tests.terminal.running import Done, vespera
from truth_blocks.dnd5e.combat.commands import COMMANDS


def ask(line: str, folder: Path) -> Done:
    return vespera("ask", line, data_dir=folder)


def test_a_whole_fight_line_by_line(tmp_path: Path) -> None:
    assert "A fight begins, by SRD 5.2" in ask("/combat start", tmp_path).out
    assert "Mira joins" in ask("/combat join name: Mira hp: 24 ac: 15 initiative: 20", tmp_path).out
    assert "Goblin joins" in ask("/combat add creature: goblin warrior name: Goblin initiative: 3", tmp_path).out
    assert "Round 1: Mira's turn." in ask("/combat next", tmp_path).out
    hit = ask("/combat attack target: goblin bonus: 30 damage: 50 type: cold", tmp_path)
    assert "against AC 15" in hit.out
    told = ask("/combat narrate", tmp_path)
    assert (told.code, "✓" in told.out) == (0, True), told
    status = ask("/combat status", tmp_path)
    assert "Mira" in status.out
    again = ask("/combat attack target: goblin bonus: 30 damage: 50", tmp_path)
    if "dead" in status.out:
        assert (again.code, "is dead" in again.err) == (2, True)
    assert "Taken back" in ask("/combat undo", tmp_path).out
    assert "The fight is over." in ask("/combat end", tmp_path).out
    none = ask("/combat next", tmp_path)
    assert (none.code, "There is no fight" in none.err) == (2, True)


def test_a_character_is_imported_and_shown(tmp_path: Path) -> None:
    sheet = tmp_path / "mira.json"
    sheet.write_text(
        '{"name": "Mira", "class": "Wizard", "level": 5, "hp": 27, "ac": 12, "abilities": {"dex": 14}, "slots": [4, 3, 2]}'
    )
    data = tmp_path / "data"
    assert "Mira" in ask(f"/dnd character file:@{sheet}", data).out
    assert "slots 1: 4/4, 2: 3/3, 3: 2/2" in ask("/dnd character", data).out
    sheet.write_text('{"name": "Mira", "level": 55, "hp": 27, "ac": 12}')
    bad = ask(f"/dnd character file:@{sheet}", data)
    assert (bad.code, "level is from 1 to 20" in bad.err) == (2, True)


def test_the_tasks_that_are_played_are_those_of_the_commands() -> None:
    assert frozenset(command.task_type for command in COMMANDS) == TABLE_TASKS
