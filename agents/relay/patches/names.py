"""The path policy on names alone: what no bundle may touch, whatever the tree holds. Reads nothing from disk."""

import re
import unicodedata

from agents.relay.patches.contracts import Policy, refuse

MAX_PATH = 1_000
"""Longest path, in characters."""
_MAX_COMPONENT_BYTES = 255

_HFS_IGNORES = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u00ad]")
"""Characters that HFS+ leaves out when it compares names (`.g\u200cit` is `.git` there), and other invisible ones."""
_SHORT_NAME = re.compile(r"[^.]{1,8}~[0-9]+(\.[^.]{0,3})?")
"""An 8.3 name of NTFS: `GIT~1` is `.git` there."""
_DRIVE = re.compile(r"[A-Za-z]:")

_FORBIDDEN = re.compile(
    r"""(?:^|/)(?:
        \.gitattributes | \.gitmodules | \.gitconfig | \.lfsconfig
        | \.env[^/]*
        | \.githooks | \.husky | \.pre-commit-config\.ya?ml | \.?lefthook(?:-local)?\.ya?ml
        | hooks/(?:(?:pre|post|prepare|commit|applypatch|update|push|proc|reference|fsmonitor|sendemail|p4)[a-z0-9-]*)
        | \.github/(?:workflows|actions) | \.gitea/workflows | \.forgejo/workflows
        | \.gitlab-ci\.ya?ml | \.gitlab/ci | \.circleci | \.buildkite | \.woodpecker | \.teamcity | \.ci
        | \.travis\.ya?ml | \.drone\.ya?ml | \.woodpecker\.ya?ml | \.cirrus\.ya?ml | \.?appveyor\.ya?ml
        | azure-pipelines[^/]*\.ya?ml | bitbucket-pipelines\.ya?ml | jenkinsfile
        | relay\.toml | relay\.json
    )(?:/|$)""",
    re.VERBOSE,
)
"""On the folded path: git's own control files, secrets, hooks, what a server runs on a push, the relay's own steps."""


def check_name(path: str, policy: Policy) -> None:
    """Refuse a path that no bundle, or not this one, may touch.

    Args:
        path: from the root, as the model wrote it, without a leading `./`.
        policy: what the repository protects and the job allows.

    Raises:
        Unpatchable: with a `path-…` code, or `no-file-name`.
    """
    if not path.strip():
        raise refuse("no-file-name", "", "The patch does not say which file it is for.")
    shown = printable(path)
    if path.startswith(("/", "~", "\\")) or _DRIVE.match(path):
        raise refuse("path-absolute", shown, "Absolute paths are refused; name files from the repository's root.")
    parts = path.split("/")
    for part in parts:
        _check_part(part, shown)
    _check_places([folded(part) for part in parts], shown, policy)
    _check_characters(path, parts, shown)


def _check_part(part: str, shown: str) -> None:
    bare = folded(part.partition(":")[0])
    if part in (".", "..") or (part and bare == "" and set(part.strip()) <= {".", " ", ":"}):
        raise refuse("path-traversal", shown, "A path may not step out of its folder or name it again.")
    if bare in (".git", "git~1") or re.fullmatch(r"gi[0-9a-f]{4}~[0-9]", bare) or bare == "head":
        raise refuse("path-git", shown, "Git's own files are out of bounds.")


def _check_characters(path: str, parts: list[str], shown: str) -> None:
    odd = any(unicodedata.category(each) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for each in path)
    if odd or "\\" in path or ":" in path or not unicodedata.is_normalized("NFC", path):
        raise refuse("path-name", shown, "The name holds a character that a file name here may not have.")
    for part in parts:
        if not part or part != part.strip() or part.endswith(".") or _SHORT_NAME.fullmatch(part):
            raise refuse("path-name", shown, "The name cannot be told apart from another on some file systems.")
        if len(part.encode()) > _MAX_COMPONENT_BYTES or len(path) > MAX_PATH:
            raise refuse("path-name", shown, "The name is too long.")


def _check_places(parts: list[str], shown: str, policy: Policy) -> None:
    path = "/".join(parts)
    if _FORBIDDEN.search(path):
        raise refuse(
            "path-forbidden", shown, f"{shown} decides what runs or is kept secret here; no patch may touch it."
        )
    if is_protected(path, policy):
        raise refuse(
            "path-protected", shown, f"{shown} is protected in this repository and this job may not change it."
        )


def folded(part: str) -> str:
    """One component as the most forgiving file system would compare it."""
    plain = unicodedata.normalize("NFKC", _HFS_IGNORES.sub("", part)).casefold()
    return plain.rstrip(" .")


def is_protected(path: str, policy: Policy) -> bool:
    """Whether the repository protects a path and the job does not allow it.

    Protecting is generous (letter case does not count, `*` crosses folders, a pattern without `/` counts in every
    folder); allowing is strict.
    """
    path = path.casefold()
    generous = any(_generous(glob).match(path) for glob in policy.protected)
    return generous and not any(_strict(glob).fullmatch(path) for glob in policy.allow)


def _generous(glob: str) -> re.Pattern[str]:
    glob = glob.casefold().removeprefix("./").strip("/")
    bare = re.sub(r"(?:/\*+)+$", "", glob)
    pattern = "".join(".*" if each == "*" else "[^/]" if each == "?" else re.escape(each) for each in bare)
    pattern = re.sub(r"(?:\.\*){2,}/?", ".*", pattern)
    return re.compile(("" if "/" in glob else "(?:.*/)?") + pattern + r"(?:/|\Z)", re.DOTALL)


def _strict(glob: str) -> re.Pattern[str]:
    glob = glob.casefold().removeprefix("./")
    glob = glob + "**" if glob.endswith("/") else glob
    pattern = ""
    for piece in re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", glob):
        pattern += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(piece) or re.escape(piece)
    return re.compile(pattern, re.DOTALL)


def printable(path: str) -> str:
    """A path fit to be printed: what cannot be seen is escaped, and it is cut at 200 characters."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in path[:200])
