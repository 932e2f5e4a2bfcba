"""Who may use the relay in a server, in which repositories, and which webhooks next inputs may go to.

One record for each tenant, in the bot's database. The owner adds repositories, admins allow roles and webhooks;
everything is checked here, on each command and each click.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from agents.relay.git_reader import start_of
from agents.relay.shown import Deed, Person, Repository
from errors import NotAllowed, UserMistake

ENTRIES = 50
"""Repositories, roles and webhooks of a server, each."""
WEBHOOK = re.compile(
    r"https://(?:(?:ptb|canary)\.)?discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/(\d{15,21})/([\w-]{20,100})"
)
_NAME = re.compile(r"[\w.-]{1,40}")
NOBODY = (
    "Only people with a role that was allowed may use the relay here. Nothing was changed. An admin allows one with "
    "/relay allow role:, or one person with /admin grant."
)


class Allowed(msgspec.Struct, frozen=True):
    """The lists of one tenant. ``webhooks``: sealed addresses by name."""

    repositories: dict[str, str] = {}
    roles: tuple[int, ...] = ()
    webhooks: dict[str, str] = {}


def may(allowed: Allowed, person: Person, deed: Deed) -> None:
    """Raise NotAllowed unless this person may do this here. Admins may look and stop without a role."""
    if person.role == "owner":
        return
    if person.tenant.startswith("guild:") and person.roles & set(allowed.roles):
        return
    if person.role == "admin" and deed in ("look", "stop"):
        return
    raise NotAllowed(NOBODY)


def must_own(person: Person) -> None:
    """Raise NotAllowed for everybody but the bot's owner."""
    if person.role != "owner":
        raise NotAllowed("Only the bot's owner may add and remove repositories. Nothing was changed.")


def must_administer(person: Person) -> None:
    """Raise NotAllowed for everybody but admins and the owner, UserMistake outside of a server."""
    if person.role == "member":
        raise NotAllowed("Only admins of this server may allow roles and webhooks. Nothing was changed.")
    if not person.tenant.startswith("guild:"):
        raise UserMistake("Roles and webhooks are allowed in a server, not in a direct message. Nothing was changed.")


def repositories(allowed: Allowed, settings: str) -> list[Repository]:
    """What may be named here: the stored ones, then those of VESPERA_RELAY_REPOSITORIES."""
    found = {name: Repository(name, path) for name, path in sorted(allowed.repositories.items())}
    for path in filter(None, settings.split(":")):
        name = Path(path).name
        if name not in found:
            found[name] = Repository(name, path, fixed=True)
    return list(found.values())


def checked_path(path: str, data_dir: Path) -> str:
    """The root of a repository that may be allowed; blocks.

    Raises:
        UserMistake: not absolute, not the root of a repository with a commit, or it holds the bot's own data.
    """
    if not Path(path).is_absolute() or "\0" in path:
        raise UserMistake("Give the absolute path of a repository on the bot's machine. Nothing was changed.")
    real = Path(path).resolve()
    if real == data_dir or real in data_dir.parents or data_dir in real.parents:
        raise UserMistake("That folder holds the bot's own data. Nothing was changed.")
    root = start_of(real).repo
    if Path(root).resolve() != real:
        raise UserMistake(f"The repository's root is {root}; allow that one. Nothing was changed.")
    return str(real)


def still_there(repository: Repository) -> str:
    """The path of a repository that a job may begin in; blocks.

    Raises:
        NotAllowed: the path leads elsewhere than when it was allowed (a link was put in its place).
    """
    real = str(Path(repository.path).resolve())
    if not repository.fixed and real != repository.path:
        raise NotAllowed(f"{repository.name} leads elsewhere than when the owner allowed it. Nothing was started.")
    return real


def named(name: str, otherwise: str = "") -> str:
    """A name as the lists take it. Raises UserMistake."""
    plain = name.strip() or re.sub(r"[^\w.-]+", "-", otherwise)[:40]
    if not _NAME.fullmatch(plain):
        raise UserMistake(
            f'"{plain[:40]}" cannot be a name here: letters, digits, dot, dash and underscore. Nothing was changed.'
        )
    return plain


def webhook_of(address: str) -> tuple[int, str]:
    """Number and token of a webhook's address. Raises UserMistake for any address that is not Discord's own."""
    match = WEBHOOK.fullmatch(address.strip())
    if match is None:
        raise UserMistake(
            "That is not the address of a Discord webhook (https://discord.com/api/webhooks/…). Nothing was changed."
        )
    return int(match[1]), match[2]


def room(entries: Sequence[object]) -> None:
    """Raise UserMistake when a list is full."""
    if len(entries) >= ENTRIES:
        raise UserMistake(f"{ENTRIES} are allowed already; take one out first. Nothing was changed.")
