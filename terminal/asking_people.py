"""Questions to the person at the terminal."""

from getpass import getpass


def ask(question: str) -> str:
    """A line of text; empty when the person only presses Enter."""
    return input(f"{question}: ").strip()


def secret(question: str) -> str:
    """A line that is not shown while it is typed."""
    return getpass(f"{question}: ").strip()


def yes(question: str) -> bool:
    """True for a clear yes."""
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
