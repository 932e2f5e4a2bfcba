"""Writes docs/commands.md: every slash command with its options, as the truth blocks and the core declare them.

python -m tools.commands_page
"""

from collections.abc import Iterator

from agents.admin_commands import ADMIN_COMMANDS
from agents.core_commands import CORE_COMMANDS
from agents.memory_commands import MEMORY_COMMANDS
from agents.relay.commands import COMMANDS as RELAY_COMMANDS
from settings import HOME
from truth_blocks import load_blocks
from truth_blocks.contracts import Command, Option
from truth_blocks.dnd5e.combat.commands import COMMANDS as TABLE_COMMANDS

HEAD = """\
# Slash commands

The same in Discord, in `./vespera console` and in `./vespera ask '…'`. In a terminal options are written `name:value`; a
value runs to the next option or stands in quotes; an attachment is `file:@PATH`, where a command takes two each
by its option (`before:@old.tf after:@new.tf`); where only one option can be meant, its value may stand alone:
`/dnd rule grappled`. Coding jobs are the exception: `/relay` is Discord's, a terminal has `./vespera relay`.

This page is written by `tools/commands_page.py` from the commands themselves.
"""


def commands() -> tuple[Command, ...]:
    """All of them, the blocks' first."""
    of_blocks = tuple(command for block in load_blocks("5.2") for command in block.commands)
    return of_blocks + TABLE_COMMANDS + RELAY_COMMANDS + MEMORY_COMMANDS + ADMIN_COMMANDS + CORE_COMMANDS


def page() -> str:
    """docs/commands.md."""
    return HEAD + "".join(f"\n{text}" for command in commands() for text in _section(command))


def _section(command: Command) -> Iterator[str]:
    yield f"## `/{command.path.lstrip('/')}`\n"
    yield f"{command.help.rstrip('.')}. Example: `{command.example}`\n"
    if command.options:
        yield "| option | | what it is |\n|---|---|---|\n" + "".join(_row(option) for option in command.options)


def _row(option: Option) -> str:
    kind = "needed" if option.required else "optional"
    kind += {"text": "", "flag": ", yes or no", "file": ", a file", "user": ", a person"}[option.kind]
    choices = f" One of {', '.join(option.choices)}." if option.choices else ""
    return f"| `{option.name}:` | {kind} | {option.help.rstrip('.')}.{choices} |\n"


if __name__ == "__main__":
    (HOME / "docs" / "commands.md").write_text(page(), "utf-8")
