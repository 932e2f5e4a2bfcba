"""`/help`: every command with an example, a family of commands, or one with its options."""

from collections.abc import Sequence
from difflib import get_close_matches

from errors import UserMistake
from truth_blocks.contracts import Command

SINGLE = "questions and the bot itself"


def guide(commands: Sequence[Command], wanted: str | None) -> str:
    """Markdown. ``commands``: those the person may use; ``wanted``: ``dnd rule``, ``combat``, or nothing for all.

    Raises:
        UserMistake: no such command; names the closest.
    """
    if not wanted:
        return overview(commands)
    path = "/" + wanted.strip().lstrip("/").casefold()
    known = {command.path: command for command in commands}
    if path in known:
        return of_command(known[path])
    family = [command for command in commands if command.path.startswith(f"{path} ")]
    if family:
        return "\n".join(f"`{command.path}` — {command.help}\n  e.g. `{command.example}`" for command in family)
    close = get_close_matches(path, [*known, *_families(commands)], 3, 0.4)
    raise UserMistake(f"There is no command {path}." + (f" Closest: {', '.join(close)}." if close else ""))


def overview(commands: Sequence[Command]) -> str:
    """An example of each command, by family: short enough for one message."""
    parts = []
    for family, members in _families(commands).items():
        examples = " · ".join(f"`{command.example}`" for command in members)
        parts.append(f"**{family}**\n{examples}")
    parts.append("More on one: `/help command: dnd rule`; on a family: `/help command: combat`")
    return "\n".join(parts)


def of_command(command: Command) -> str:
    """What a command does, its options, an example."""
    options = "\n".join(
        f"- `{option.name}:` {option.help.rstrip('.')}{' (needed)' if option.required else ''}."
        + (f" One of {', '.join(option.choices)}." if option.choices else "")
        for option in command.options
    )
    return f"`{command.path}` — {command.help}\n{options}\ne.g. `{command.example}`"


def _families(commands: Sequence[Command]) -> dict[str, list[Command]]:
    """Commands by the first word of their path; those without a second word together."""
    families: dict[str, list[Command]] = {}
    for command in commands:
        group, _, rest = command.path.partition(" ")
        families.setdefault(group if rest else SINGLE, []).append(command)
    return families
