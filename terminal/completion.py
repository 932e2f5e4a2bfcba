"""Completion and history of the console, where Python has readline."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from truth_blocks.contracts import Command

Suggest = Callable[[str, str, str, dict[str, str]], list[str]]
"""Task type, option, what is typed of the value, options so far → completions."""

HISTORY_LINES = 1_000


def candidates(line: str, commands: Sequence[Command], suggest: Suggest) -> list[str]:
    """Whole lines that `line` can become: command names, then option names, then values."""
    typed = line.lstrip()
    command = _command(typed, commands)
    if command is None:
        wanted = "/" + typed.lstrip("/").lower()
        return [f"{_path(each)} " for each in commands if _path(each).startswith(wanted)]
    options = {option.name: option for option in command.options}
    starts = [match for match in re.finditer(r"(?:^|\s)(\w+):\s*", typed) if match.group(1) in options]
    chosen = {
        match.group(1): typed[match.end() : following.start() if following else None].strip()
        for match, following in zip(starts, [*starts[1:], None], strict=True)
    }
    if starts:
        option, begin = options[starts[-1].group(1)], starts[-1].end()
        prefix = typed[begin:]
        values = option.choices or suggest(command.task_type, option.name, prefix, chosen)
        found = [typed[:begin] + value for value in values if value.lower().startswith(prefix.lower())]
        if found:
            return found
    head, _, word = typed.rpartition(" ")
    return [f"{head} {name}:" for name in options if name not in chosen and name.startswith(word.lower())]


def _path(command: Command) -> str:
    return "/" + command.path.lstrip("/")


def _command(typed: str, commands: Sequence[Command]) -> Command | None:
    lowered = "/" + typed.lstrip("/").lower()
    return next((each for each in commands if lowered.startswith(_path(each) + " ")), None)


def begin(commands: Sequence[Command], suggest: Suggest, history: Path) -> Path | None:
    """Switch completion and history on; None where Python has no readline."""
    try:
        import readline
    except ImportError:
        return None
    found: list[str] = []

    def complete(text: str, state: int) -> str | None:
        nonlocal found
        if state == 0:
            found = candidates(readline.get_line_buffer()[: readline.get_endidx()], commands, suggest)
        return found[state] if state < len(found) else None

    readline.set_completer_delims("")  # a candidate is the whole line
    readline.set_completer(complete)
    readline.parse_and_bind("tab: complete")
    if history.exists():
        readline.read_history_file(history)
    return history


def end(history: Path | None) -> None:
    """Keep the history for next time, readable by its owner only."""
    if history is None:
        return
    import readline

    readline.set_history_length(HISTORY_LINES)
    history.touch(mode=0o600)
    readline.write_history_file(history)
