"""The policy file: who may ask what, topics refused, charter rules for drafts."""

import re
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec

from agents.contracts import Request, Role
from errors import BadConfiguration
from truth_blocks.contracts import Violation

_RANK: dict[str, int] = {"member": 0, "admin": 1, "owner": 2}


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
        if not self.allows(request.task_type, request.role):
            least = self._least_role(request.task_type)
            return Refusal("access", f"Only people with the role {least} may use this here.")
        text = "\n".join((*request.options.values(), *(file.content for file in request.files))).casefold()
        for entry, patterns in self._refusals:
            if _covers(entry.tasks, request.task_type) and any(pattern.search(text) for pattern in patterns):
                return Refusal(entry.rule, entry.message)
        return None

    def allows(self, task_type: str, role: Role) -> bool:
        """Whether a role reaches a task type."""
        return _RANK[role] >= _RANK[self._least_role(task_type)]

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
        return self._access[max(matching, key=len)] if matching else "owner"


def _covers(tasks: list[str], task_type: str) -> bool:
    return any(fnmatchcase(task_type, pattern) for pattern in tasks)


def _compile(rule: str, patterns: list[str]) -> list[re.Pattern[str]]:
    try:
        return [re.compile(pattern) for pattern in patterns]
    except re.error as error:
        raise BadConfiguration(f"Rule {rule} of the policy file has a bad pattern: {error}.") from None
