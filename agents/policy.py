"""Who may ask what, topics refused, charter rules for drafts: the policy file, refined by what was granted and blocked.

The one place that decides. The file gives the least role of a task type; a stored grant raises a person's role or opens
one command to them in one place, a stored block closes one or all.
"""

import re
import tomllib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec

from agents.contracts import Request, Role
from agents.standing import Standings
from errors import BadConfiguration, NotAllowed
from truth_blocks.contracts import Violation

_RANK: dict[str, int] = {"member": 0, "admin": 1, "owner": 2}
_FLOORS: tuple[tuple[str, Role], ...] = (("admin.*", "admin"),)
"""What no policy file opens wider: whoever may grant could grant themselves the rest."""
DENIED = frozenset({"access", "blocked"})
"""Rules of a refusal that is about the person, not about what was asked."""
BLOCKED = "You are blocked here. Nothing was done. An admin of this server can lift it."
BLOCKED_EVERYWHERE = "You are blocked. Nothing was done. Only the bot's owner can lift it."
BLOCKED_FROM = "You are blocked from {path} here. Nothing was done. An admin of this server can lift it."
NO_RELAY = "Only people with the role *relay* may start jobs here. An admin can grant it with /admin grant."


class _Refusal(msgspec.Struct, forbid_unknown_fields=True):
    rule: str
    tasks: list[str]
    patterns: list[str]
    message: str


class _Charter(msgspec.Struct, forbid_unknown_fields=True):
    rule: str
    tasks: list[str]
    patterns: list[str]
    sentence: str


class _File(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    access: dict[str, Role]
    refuse: list[_Refusal] = []
    charter: list[_Charter] = []


class Refusal(msgspec.Struct, frozen=True):
    """Why a request is refused: the rule's name and the sentence the person reads."""

    rule: str
    message: str


class Policy:
    """A loaded policy file. Its rules are regular expressions, compiled once."""

    def __init__(self, file: _File) -> None:
        self.version = file.version
        self._access = file.access
        self._refusals = [(entry, _compile(entry.rule, entry.patterns)) for entry in file.refuse]
        self._rules = [(entry, _compile(entry.rule, entry.patterns)) for entry in file.charter]
        self._rules_of: dict[str, list[tuple[_Charter, list[re.Pattern[str]]]]] = {}
        self.standings = Standings()
        self.paths: Mapping[str, str] = {}
        """The slash command of each task type, as grants name it; both are set once the store is open."""

    @classmethod
    def load(cls, path: Path) -> "Policy":
        """Read a policy file.

        Raises:
            BadConfiguration: missing, not TOML, unknown keys, or a bad regular expression; says which.
        """
        try:
            content: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
            return cls(msgspec.convert(content, _File))
        except OSError as error:
            raise BadConfiguration(f"The policy file {path} cannot be read: {error.strerror}.") from None
        except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
            raise BadConfiguration(f"The policy file {path} is not valid: {error}.") from None

    def refusal(self, request: Request) -> Refusal | None:
        """The first rule that refuses this request, or None."""
        if denied := self.access(request.tenant, request.user, request.role, request.task_type):
            return denied
        covering = [entry for entry in self._refusals if _covers(entry[0].tasks, request.task_type)]
        if not covering:
            return None
        text = "\n".join((*request.options.values(), *(file.content for file in request.files))).casefold()
        for entry, patterns in covering:
            if any(pattern.search(text) for pattern in patterns):
                return Refusal(entry.rule, entry.message)
        return None

    def access(self, tenant: str, user: str, role: Role, task_type: str) -> Refusal | None:
        """Why a person may not use a task type in a place, or None. ``role``: what Discord or the terminal says."""
        if blocked := self._block(tenant, user, role, task_type):
            return Refusal("blocked", blocked)
        role = self.role_of(tenant, user, role)
        if self.allows(task_type, role) or self._given(tenant, user, task_type):
            return None
        least = self._least_role(task_type)
        if least == "owner":
            return Refusal("access", "Only the bot's owner may use this here. Nothing was done.")
        return Refusal(
            "access",
            f"Only people with the role {least} may use this here. Nothing was done. An admin can grant it with "
            "/admin grant.",
        )

    def role_of(self, tenant: str, user: str, role: Role) -> Role:
        """The role of a person in a place: the one they bring, or a higher one that was granted."""
        if role == "member" and self.standings.holds(tenant, user, "admin"):
            return "member" if self._block(tenant, user, role, "") else "admin"
        return role

    def check_relay(self, tenant: str, user: str, role: Role) -> None:
        """Whether a person may start and steer coding jobs here: the owner, and whoever was granted *relay*.

        Raises:
            NotAllowed: blocked, or without that role; the sentence says who can mend it.
        """
        if not self.granted_relay(tenant, user, role):
            raise NotAllowed(NO_RELAY)

    def granted_relay(self, tenant: str, user: str, role: Role) -> bool:
        """Whether a person has the role *relay* here, or is the owner.

        Raises:
            NotAllowed: they are blocked from it.
        """
        if blocked := self._block(tenant, user, role, "relay.start"):
            raise NotAllowed(blocked)
        return role == "owner" or self.standings.holds(tenant, user, "relay")

    def allows(self, task_type: str, role: Role) -> bool:
        """Whether a role reaches a task type, whoever has it."""
        return _RANK[role] >= _RANK[self._least_role(task_type)]

    def _block(self, tenant: str, user: str, role: Role, task_type: str) -> str:
        """The sentence of the block that holds, or nothing. Nobody locks the owner out, nor admins from `/admin`."""
        if role == "owner":
            return ""
        if self.standings.blocked_everywhere(user):
            # What is stored of people stays theirs to see and to erase, in a direct message.
            return "" if task_type.startswith("privacy.") and tenant == f"user:{user}" else BLOCKED_EVERYWHERE
        path = self.paths.get(task_type, "")
        if not self.standings.blocked(tenant, user, path) or (role == "admin" and task_type.startswith("admin.")):
            return ""
        return BLOCKED if self.standings.blocked(tenant, user, "") else BLOCKED_FROM.format(path=path)

    def _given(self, tenant: str, user: str, task_type: str) -> bool:
        """A command granted by itself; `/admin` is granted as a role only."""
        return not task_type.startswith("admin.") and self.standings.given(tenant, user, self.paths.get(task_type, ""))

    def charter(self, task_type: str) -> list[str]:
        """The sentences told to the model before it drafts."""
        return [entry.sentence for entry, _ in self._charter(task_type)]

    def broken_charter(self, task_type: str, draft: str) -> list[Violation]:
        """The charter rules that a draft breaks."""
        return [
            Violation(entry.rule, "draft", f"The draft breaks a rule of this house: {entry.sentence}")
            for entry, patterns in self._charter(task_type)
            if any(pattern.search(draft) for pattern in patterns)
        ]

    def _charter(self, task_type: str) -> "list[tuple[_Charter, list[re.Pattern[str]]]]":
        if task_type not in self._rules_of:
            self._rules_of[task_type] = [rule for rule in self._rules if _covers(rule[0].tasks, task_type)]
        return self._rules_of[task_type]

    def _least_role(self, task_type: str) -> Role:
        matching = [pattern for pattern in self._access if fnmatchcase(task_type, pattern)]
        least = self._access[max(matching, key=len)] if matching else "owner"
        floors = [role for pattern, role in _FLOORS if fnmatchcase(task_type, pattern)]
        return max([least, *floors], key=_RANK.__getitem__)


def _covers(tasks: list[str], task_type: str) -> bool:
    return any(fnmatchcase(task_type, pattern) for pattern in tasks)


def _compile(rule: str, patterns: list[str]) -> list[re.Pattern[str]]:
    try:
        return [re.compile(pattern) for pattern in patterns]
    except re.error as error:
        raise BadConfiguration(f"Rule {rule} of the policy file has a bad pattern: {error}.") from None
