"""A repository's git directory as a job sees it: readable history, and nothing of what its owner wrote beside it."""

from pathlib import Path

_PLAIN = "[core]\n\trepositoryformatversion = {version}\n\tbare = false\n"
_KEPT = ("objectformat", "refstorage", "compatobjectformat")
_EMPTIED = ("hooks", "modules", "lfs", "logs")
"""Folders that hold programs, or addresses with passwords in them, and that reading history does not need."""


def covers(git_dir: Path) -> tuple[dict[str, str], list[str]]:
    """What is laid over a git directory.

    Returns:
        Files by their path within it with the text shown instead, and folders that are shown empty.
    """
    files = {"config": plain_configuration(_text(git_dir / "config"))}
    for path in (*git_dir.glob("worktrees/*/config.worktree"), git_dir / "config.worktree", git_dir / "FETCH_HEAD"):
        if path.is_file() and not path.is_symlink():
            files[str(path.relative_to(git_dir))] = ""
    if not (git_dir / "config").is_file():
        del files["config"]
    return files, [name for name in _EMPTIED if (git_dir / name).is_dir() and not (git_dir / name).is_symlink()]


def plain_configuration(text: str) -> str:
    """The few lines git needs to read the repository; remotes, credentials and commands are left out.

    Only the format of the objects and references is carried over, from the section ``[extensions]``.
    """
    kept, section = [], ""
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("["):
            section = line.strip("[]").lower()
        elif section == "extensions" and line.partition("=")[0].strip().lower() in _KEPT:
            kept.append(line)
    if not kept:
        return _PLAIN.format(version=0)
    return _PLAIN.format(version=1) + "[extensions]\n" + "".join(f"\t{line}\n" for line in kept)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
