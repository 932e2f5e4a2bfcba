"""What was granted to whom, as the policy asks it: all of it in memory, changed when a change is committed.

This process alone writes the table, so that memory and disk tell the same.
"""

from collections.abc import Iterable

from blackboard.grants import EVERYTHING, EVERYWHERE, Grant

ROLES = ("admin", "relay")
"""Roles that can be granted; *member* everybody has, *owner* is Discord's word for the application."""


class Standings:
    """Grants and blocks by tenant and person."""

    def __init__(self, grants: Iterable[Grant] = ()) -> None:
        self._of: dict[tuple[str, str], dict[tuple[str, str], Grant]] = {}
        for grant in grants:
            self.add(grant)

    def add(self, grant: Grant) -> None:
        """A grant or block was committed."""
        self._of.setdefault((grant.tenant, grant.user), {})[grant.kind, grant.subject] = grant

    def drop(self, grant: Grant) -> None:
        """One was taken back."""
        key = (grant.tenant, grant.user)
        held = self._of.get(key, {})
        held.pop((grant.kind, grant.subject), None)
        if not held:
            self._of.pop(key, None)

    def of(self, tenant: str, user: str) -> list[Grant]:
        """Everything that stands for a person in a place."""
        return list(self._of.get((tenant, user), {}).values())

    def in_place(self, tenant: str) -> list[Grant]:
        """Everything that stands in a place, oldest first."""
        found = [grant for (of, _), held in self._of.items() if of == tenant for grant in held.values()]
        return sorted(found, key=lambda grant: grant.at)

    def holds(self, tenant: str, user: str, role: str) -> bool:
        """Whether a role was granted to a person here."""
        return ("allow", f"role:{role}") in self._of.get((tenant, user), {})

    def given(self, tenant: str, user: str, path: str) -> bool:
        """Whether a command, or its family, was granted to a person here."""
        return self._covers(tenant, user, "allow", path)

    def blocked(self, tenant: str, user: str, path: str) -> bool:
        """Whether a person is blocked here from this command, from its family, or from everything."""
        held = self._of.get((tenant, user), {})
        return ("block", EVERYTHING) in held or self._covers(tenant, user, "block", path)

    def blocked_everywhere(self, user: str) -> bool:
        """Whether the owner has blocked a person in every place."""
        return ("block", EVERYTHING) in self._of.get((EVERYWHERE, user), {})

    def _covers(self, tenant: str, user: str, kind: str, path: str) -> bool:
        held = self._of.get((tenant, user), {})
        return bool(path) and any((kind, f"command:{part}") in held for part in (path, path.partition(" ")[0]))
