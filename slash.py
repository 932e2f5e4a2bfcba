"""Reads a slash command typed in a terminal: ``/dnd spell name:fireball edition:5.1``.

A value runs to the next option of that command, or is quoted. An attachment is ``file:@PATH``. Where only one option
can be meant, its value may stand alone: ``/dnd rule grappled``. A line without a slash that begins with no command
is a question: ``what does prone do?`` is ``/ask question: what does prone do?``.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from errors import UserMistake
from truth_blocks.contracts import Command, Option

_WORD_WITH_COLON = re.compile(r"(?:(?<=\s)|^)([A-Za-z_]\w*):(?!//)")
_YES = {"true", "yes", "on", "1"}
_NO = {"false", "no", "off", "0"}
_EVERYTHING = "/help shows what there is; a question may be typed as it is."


class Typed(NamedTuple):
    """A typed command, understood: option values as text, attachments as paths not yet read."""

    command: Command
    options: dict[str, str]
    files: dict[str, Path]


def parse(line: str, commands: Sequence[Command]) -> Typed:
    """Understand one typed line.

    Raises:
        UserMistake: unknown command or option (with the closest), missing or malformed value; says how to write it.
    """
    check_text(line)
    command, rest = _command(line.strip(), commands)
    given: dict[str, str] = {}
    for name, value in _values(command, rest):
        if name in given:
            raise UserMistake(f"The option {name}: stands twice in {_path(command)}. Give it once.")
        given[name] = value
    options: dict[str, str] = {}
    files: dict[str, Path] = {}
    for option in command.options:
        if option.name not in given:
            if option.required:
                raise UserMistake(f"{_path(command)} needs {option.name}: ({option.help}). Example: {command.example}")
        elif option.kind == "file":
            files[option.name] = _attached(command, option, given[option.name])
        else:
            options[option.name] = _checked(option, given[option.name])
    return Typed(command, options, files)


def check_text(text: str) -> None:
    """Raise UserMistake for bytes that are no UTF-8: they arrive as lone surrogates, which the store cannot take."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UserMistake(
            "What was typed is not UTF-8 text. Nothing was done. Type it anew, or set a UTF-8 locale."
        ) from None


def _command(line: str, commands: Sequence[Command]) -> tuple[Command, str]:
    words = [(match.group().lstrip("/").lower(), match.end()) for match in re.finditer(r"\S+", line)]
    by_path = {tuple(command.path.lstrip("/").lower().split()): command for command in commands}
    for length in range(min(3, len(words)), 0, -1):
        command = by_path.get(tuple(word for word, _ in words[:length]))
        if command is not None:
            return command, line[words[length - 1][1] :].strip()
    if not words:
        raise UserMistake(f"No command was typed. {_EVERYTHING}")
    paths = [_path(command) for command in commands]
    if (ask := by_path.get(("ask",))) is not None and not line.startswith("/") and not _begins(words[0][0], paths):
        return ask, line
    typed = "/" + " ".join(word for word, _ in words[:2])
    near = _near(typed, paths)
    raise UserMistake(
        f'There is no command "{typed[:60]}". ' + (f"Closest: {', '.join(near)}." if near else _EVERYTHING)
    )


def _begins(word: str, paths: Sequence[str]) -> bool:
    """Whether a word is, or nearly is, the first word of a command."""
    from difflib import get_close_matches

    return bool(get_close_matches(word, {path[1:].split()[0] for path in paths}, n=1, cutoff=0.75))


def _path(command: Command) -> str:
    return "/" + command.path.lstrip("/")


def _closest(word: str, known: Sequence[str]) -> str:
    near = _near(word, known)
    return f"Closest: {', '.join(near)}." if near else f"Known: {', '.join(known)}."


def _near(word: str, known: Sequence[str]) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(word.lower(), known, n=3, cutoff=0.5) or [name for name in known if name.startswith(word)]


def _values(command: Command, rest: str) -> Iterator[tuple[str, str]]:
    names = {option.name for option in command.options}
    if rest and not ((first := _WORD_WITH_COLON.match(rest)) and first.group(1).lower() in names):
        if first:
            raise _unknown(command, first.group(1))
        name = _only_option(command, rest)
        value, rest = _value(command, rest)
        yield name, value
    while rest:
        match = _WORD_WITH_COLON.match(rest)
        assert match is not None, "a value ends where an option begins"
        value, rest = _value(command, rest[match.end() :].lstrip())
        yield match.group(1).lower(), value


def _value(command: Command, text: str) -> tuple[str, str]:
    """The value at the start of `text`, and what follows it: nothing, or the next option."""
    starts = _option_starts(command, text)
    if text[:1] in ("'", '"') and (quoted := _quoted(text, starts)):
        return quoted
    names = [option.name for option in command.options]
    end = min(starts, default=len(text))
    for match in _WORD_WITH_COLON.finditer(text, 0, end):
        if match.start() and _misspells(match.group(1).lower(), names):
            raise _unknown(command, match.group(1), " If it belongs to the value, put the value in quotes.")
    return text[:end].strip(), text[end:].lstrip()


def _option_starts(command: Command, text: str) -> list[int]:
    names = {option.name for option in command.options}
    return [match.start() for match in _WORD_WITH_COLON.finditer(text) if match.group(1).lower() in names]


def _quoted(text: str, starts: Sequence[int]) -> tuple[str, str] | None:
    """A value in quotes that close right before the next option or the end; else the quotes are part of the value."""
    mark = text[0]
    position = 1
    while (position := text.find(mark, position)) > 0:
        if text[position - 1] != "\\":
            after = position + 1 + len(text[position + 1 :]) - len(text[position + 1 :].lstrip())
            if after == len(text) or after in starts:
                return text[1:position].replace("\\" + mark, mark), text[after:]
        position += 1
    return None


def _misspells(word: str, names: Sequence[str]) -> bool:
    from difflib import get_close_matches

    return bool(get_close_matches(word, names, n=1, cutoff=0.75))


def _unknown(command: Command, name: str, hint: str = "") -> UserMistake:
    names = [option.name for option in command.options]
    if not names:
        return UserMistake(f"{_path(command)} takes no options.")
    return UserMistake(f'{_path(command)} has no option "{name}". {_closest(name, names)}{hint}')


def _only_option(command: Command, text: str) -> str:
    """The one option that a value without a name can mean."""
    of_kind = [option for option in command.options if (option.kind == "file") == text.startswith("@")]
    required = [option for option in of_kind if option.required]
    for candidates in (required, of_kind):
        if len(candidates) == 1:
            return candidates[0].name
    if not command.options:
        raise UserMistake(f"{_path(command)} takes no options.")
    names = ", ".join(f"{option.name}:" for option in command.options)
    raise UserMistake(f"{_path(command)} takes several options ({names}); name one. Example: {command.example}")


def _attached(command: Command, option: Option, value: str) -> Path:
    if not value.startswith("@") or len(value) == 1:
        raise UserMistake(
            f"An attachment is written {option.name}:@PATH. Example: {_path(command)} {option.name}:@main.tf"
        )
    return Path(value[1:]).expanduser()


def _checked(option: Option, value: str) -> str:
    if not value:
        raise UserMistake(f"The option {option.name}: has no value.")
    if len(value) > option.max_length:
        raise UserMistake(f"{option.name}: takes at most {option.max_length} characters; this has {len(value)}.")
    if option.kind == "flag":
        if value.lower() not in _YES | _NO:
            raise UserMistake(f"{option.name}: is yes or no.")
        return "true" if value.lower() in _YES else "false"
    if option.choices:
        chosen = next((choice for choice in option.choices if choice.lower() == value.lower()), None)
        if chosen is None:
            raise UserMistake(f'{option.name}: cannot be "{value[:40]}". Choose {", ".join(option.choices)}.')
        return chosen
    return value
