"""Interpreters and tools outside `/usr`: which folders a job may be shown, read-only, and what belongs to them."""

from collections.abc import Sequence
from pathlib import Path

from errors import UserMistake

_WHOLE = (
    "/", "/boot", "/dev", "/etc", "/home", "/media", "/mnt", "/opt", "/proc", "/root", "/run", "/srv", "/sys",
    "/tmp", "/var",  # noqa: S108
)  # fmt: skip
_NEVER_UNDER = ("/boot", "/dev", "/etc", "/proc", "/run", "/sys", "/var/lib/systemd", "/var/lib/private")
_SECRET_FILES = (
    ".env", ".git-credentials", ".netrc", ".npmrc", ".pypirc", "auth.json", "credentials", "credentials.toml",
    "pip.conf",
)  # fmt: skip
_SECRET = frozenset(
    {".aws", ".azure", ".config", ".docker", ".gnupg", ".kube", ".netrc", ".password-store", ".ssh", ".vault-token"}
)


def shown(paths: Sequence[Path], workspace: Path, private: Sequence[Path]) -> tuple[Path, ...]:
    """The paths, resolved, each with the base interpreter of a virtual environment; those in `/usr` are there anyway.

    Raises:
        UserMistake: a path is missing, holds a whole home or system folder, or is known to hold secrets.
    """
    found: dict[Path, None] = {}
    for path in paths:
        for each in _with_base(path):
            if each != workspace and not each.is_relative_to("/usr"):
                _allowed(each, private)
                found[each] = None
    return tuple(found)


def secrets_in(path: Path) -> list[Path]:
    """Files at the top of a shown folder that package tools keep passwords in; they are shown empty."""
    return [path / name for name in _SECRET_FILES if (path / name).is_file()]


def search_path(paths: Sequence[Path]) -> str:
    """``PATH`` inside: the tools of each shown folder first, then the system's."""
    folders = [str(path if path.name == "bin" else path / "bin") for path in paths]
    return ":".join([*folders, "/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"])


def _with_base(path: Path) -> list[Path]:
    if not path.is_absolute():
        raise UserMistake(f'The read-only path "{path}" must be absolute. Nothing was run; mend it in relay.toml.')
    if not path.exists():
        raise UserMistake(f"The read-only path {path} does not exist. Nothing was run; mend it in relay.toml.")
    root = path.resolve(strict=True)
    settings = root / "pyvenv.cfg"
    if not settings.is_file():
        return [root]
    home = _home_of(settings.read_text("utf-8", "replace"))
    return [root, *_base_of(home)] if home else [root]


def _home_of(text: str) -> Path | None:
    """``home`` of a pyvenv.cfg: the folder of the interpreter that the environment was made with (PEP 405)."""
    for line in text.splitlines():
        name, _, value = line.partition("=")
        if name.strip() == "home" and value.strip():
            return Path(value.strip())
    return None


def _base_of(home: Path) -> list[Path]:
    """The installation around a `bin` folder; none where the system's own is meant."""
    base = home.resolve()
    return [base.parent] if base.name == "bin" and base.is_dir() else []


def _allowed(path: Path, private: Sequence[Path]) -> None:
    whole = {Path(name) for name in _WHOLE} | {Path.home().resolve()}
    if path in whole or any(home.is_relative_to(path) for home in whole) or path.parent in (Path("/home"),):
        raise UserMistake(f"{path} holds more than tools and is not shown to a job. Name the tool's own folder.")
    for folder in private:
        if path.is_relative_to(folder.resolve()) or folder.resolve().is_relative_to(path):
            raise UserMistake(f"{path} holds part of Vespera's data and is not shown to a job. Nothing was run.")
    if any(path.is_relative_to(name) for name in _NEVER_UNDER) or _SECRET & set(path.parts):
        raise UserMistake(f"{path} may hold secrets and is not shown to a job. Name the tool's own folder.")
