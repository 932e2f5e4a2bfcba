"""`/admin`: grants, blocks and the audit log, carried out at once. What they mean is the policy's to say."""

import re
import time
from collections.abc import Sequence

import msgspec

from agents.contracts import Request, Role
from agents.policy import Policy
from agents.relay.reading import relay_audit
from agents.table_contracts import ADMIN_TASKS, Play, Played
from blackboard.audit import Entry
from blackboard.grants import EVERYTHING, EVERYWHERE, Grant
from database import Blackboard
from errors import NotAllowed, UserMistake
from truth_blocks.contracts import Command, SourceFile

_MENTION = re.compile(r"<@!?(\d{1,20})>|(\d{1,20})|([a-z][a-z0-9_-]{0,31})", re.ASCII)
SHOWN = 15
"""Entries of the log in a message."""
JOBS_SHOWN = 5
IN_FILE = 1_000
"""Entries of the log in the file."""
LISTED = 30
"""People's grants in one reply; the file has all."""
SUGGESTED = 25


class Admins:
    """One for all tenants."""

    def __init__(self, policy: Policy, blackboard: Blackboard, commands: Sequence[Command]) -> None:
        self._policy, self._blackboard, self._commands = policy, blackboard, commands

    async def play(self, play: Play) -> Played:
        """Carry a command out; committed, with its row in the log, before this returns.

        ``play.request.role`` is what Discord or the terminal says of the person, before any grant.

        Raises:
            UserMistake, NotAllowed: the sentence says why; nothing was changed. StoreError: nothing was written.
        """
        request = play.request
        if request.task_type not in ADMIN_TASKS:
            raise UserMistake(f"There is no command for {request.task_type!r}.")
        if refusal := self._policy.refusal(request):
            raise NotAllowed(refusal.message)
        does = {
            "admin.grant": self._grant, "admin.revoke": self._revoke, "admin.block": self._block,
            "admin.unblock": self._unblock, "admin.list": self._list, "admin.audit": self._audit,
        }  # fmt: skip
        text, files = await does[request.task_type](request)
        return Played(text, ephemeral=True, files=files)

    def suggest(self, prefix: str) -> list[str]:
        """Commands and families that begin with what is typed."""
        typed = "/" + prefix.strip().lstrip("/").casefold()
        paths = [command.path for command in self._commands if not command.task_type.startswith("admin.")]
        families = {path.partition(" ")[0] for path in paths}
        return [path for path in sorted({*paths, *families}) if path.startswith(typed)][:SUGGESTED]

    async def _grant(self, request: Request) -> tuple[str, tuple[SourceFile, ...]]:
        user, subject = _person(request), self._subject(request)
        if not subject:
            raise UserMistake("Say what to grant: role: or command:. Nothing was changed.")
        _in_a_server(request)
        self._may_grant(request, subject)
        stands = await self._blackboard.grants.put(
            Grant(request.tenant, user, "allow", subject, request.user), _as(request.role)
        )
        self._policy.standings.add(stands)
        blocked = self._policy.standings.blocked(request.tenant, user, "")
        note = " They are blocked here, so it has no effect until /admin unblock." if blocked else ""
        return f"Granted to {shown_person(user)} here: {_named(subject)}.{note}", ()

    async def _revoke(self, request: Request) -> tuple[str, tuple[SourceFile, ...]]:
        user, subject = _person(request), self._subject(request)
        standing = [
            grant
            for grant in self._policy.standings.of(request.tenant, user)
            if grant.kind == "allow" and subject in ("", grant.subject)
        ]
        for grant in standing:
            self._may_grant(request, grant.subject)
        await self._remove(standing, request)
        return f"Taken back from {shown_person(user)} here: {', '.join(_named(g.subject) for g in standing)}.", ()

    async def _block(self, request: Request) -> tuple[str, tuple[SourceFile, ...]]:
        user, place = _person(request), _place(request)
        subject = self._subject(request) or EVERYTHING
        if place == EVERYWHERE and subject != EVERYTHING:
            raise UserMistake("A block on every server is from everything; leave command: out. Nothing was changed.")
        if place != EVERYWHERE:
            _in_a_server(request)
        if user == request.user:
            raise UserMistake("You cannot block yourself. Nothing was changed.")
        self._may_touch(request, user)
        grant = Grant(place, user, "block", subject, request.user)
        self._policy.standings.add(await self._blackboard.grants.put(grant, _as(request.role)))
        what = "everything" if subject == EVERYTHING else _named(subject)
        return f"Blocked {_where(place)}: {shown_person(user)}, from {what}. /admin unblock lifts it.", ()

    async def _unblock(self, request: Request) -> tuple[str, tuple[SourceFile, ...]]:
        user, place, subject = _person(request), _place(request), self._subject(request)
        standing = [
            grant
            for grant in self._policy.standings.of(place, user)
            if grant.kind == "block" and subject in ("", grant.subject)
        ]
        if user == request.user and request.role == "member":
            raise NotAllowed("You cannot lift a block from yourself. Nothing was changed.")
        await self._remove(standing, request)
        return f"No longer blocked {_where(place)}: {shown_person(user)}.", ()

    async def _list(self, request: Request) -> tuple[str, tuple[SourceFile, ...]]:
        only = _person(request) if request.options.get("user") else ""
        places = [request.tenant, EVERYWHERE] if request.role == "owner" else [request.tenant]
        found = [grant for place in places for grant in self._policy.standings.in_place(place)]
        found = [grant for grant in found if only in ("", grant.user)]
        if not found:
            return "Nothing was granted and nobody is blocked here.", ()
        lines = [_line(grant) for grant in found[:LISTED]]
        if len(found) <= LISTED:
            return "\n".join(lines), ()
        text = msgspec.json.format(msgspec.json.encode(found), indent=2).decode()
        return "\n".join([*lines, f"-# and {len(found) - LISTED} more in the file"]), (SourceFile("grants.json", text),)

    async def _audit(self, request: Request) -> tuple[str, tuple[SourceFile, ...]]:
        only = _person(request) if request.options.get("user") else ""
        before, audit = _number(request.options.get("before", "")), self._blackboard.audit
        everywhere = request.options.get("everywhere") == "true"
        if everywhere:
            _must_own(request)
            found = await audit.all_entries(person=only, before=before, limit=IN_FILE)
        else:
            found = await audit.entries(request.tenant, person=only, before=before, limit=IN_FILE)
        jobs, wrong = await relay_audit(self._blackboard.path.parent, request.tenant, IN_FILE)
        wrong = await audit.verify() + wrong
        lines = [f"▲ {sentence}" for sentence in wrong] or ["✓ The log is whole: every row is as it was written."]
        lines += [_told(entry, everywhere) for entry in found[:SHOWN]] or ["Nothing was written here yet."]
        if len(found) > SHOWN:
            lines.append(f"-# older: /admin audit before: {found[SHOWN - 1].n}")
        lines += ["Coding jobs:", *(_told(entry, False) for entry in jobs[:JOBS_SHOWN])] if jobs else []
        if len(found) <= SHOWN and len(jobs) <= JOBS_SHOWN:
            return "\n".join(lines), ()
        document = {"whole": not wrong, "problems": wrong, "entries": found, "of_coding_jobs": jobs}
        text = msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
        return "\n".join(lines), (SourceFile("audit.json", text),)

    async def _remove(self, grants: Sequence[Grant], request: Request) -> None:
        await self._blackboard.grants.remove(grants, request.user, _as(request.role))
        for grant in grants:
            self._policy.standings.drop(grant)

    def _subject(self, request: Request) -> str:
        """``role:relay`` or ``command:/cloud plan``; empty when neither is named. Raises UserMistake."""
        role, typed = request.options.get("role", ""), request.options.get("command", "")
        if role and typed:
            raise UserMistake("Name a role or a command, not both. Nothing was changed.")
        if role:
            return f"role:{role}"
        if not typed.strip():
            return ""
        path = "/" + " ".join(typed.casefold().strip().lstrip("/").split())
        if path.partition(" ")[0] == "/admin":
            raise UserMistake("/admin is granted as a whole: role: admin. Nothing was changed.")
        if not any(command.path == path or command.path.startswith(f"{path} ") for command in self._commands):
            close = ", ".join(self.suggest(path[:4])) or "/help lists them"
            raise UserMistake(f'There is no command "{path[:40]}". Known: {close}. Nothing was changed.')
        return f"command:{path}"

    def _may_grant(self, request: Request, subject: str) -> None:
        """Nobody gives or takes more than they have by themselves: a granted admin makes no admins."""
        if subject == "role:admin" and request.role == "member":
            raise NotAllowed(
                "Only people who may manage this server, and the bot's owner, make and unmake admins. "
                "Nothing was changed."
            )
        kind, _, path = subject.partition(":")
        own = self._policy.role_of(request.tenant, request.user, request.role)
        if kind == "command" and not all(
            self._policy.allows(command.task_type, own)
            for command in self._commands
            if command.path == path or command.path.startswith(f"{path} ")
        ):
            raise NotAllowed(f"{path} is the owner's to grant. Nothing was changed.")

    def _may_touch(self, request: Request, user: str) -> None:
        """A granted admin does not block another one."""
        if request.role == "member" and self._policy.standings.holds(request.tenant, user, "admin"):
            raise NotAllowed("Only people who may manage this server block an admin. Nothing was changed.")


def shown_person(user: str) -> str:
    """A person in a text: a mention where it is a Discord id; it pings nobody."""
    return f"<@{user}>" if user.isdecimal() else user


def _person(request: Request) -> str:
    match = _MENTION.fullmatch(request.options.get("user", "").strip())
    if match is None:
        raise UserMistake("user: is a person: pick or mention them, or write their number. Nothing was changed.")
    return match[1] or match[2] or match[3]


def _place(request: Request) -> str:
    if request.options.get("everywhere") == "true":
        _must_own(request)
        return EVERYWHERE
    return request.tenant


def _must_own(request: Request) -> None:
    if request.role != "owner":
        raise NotAllowed("Only the bot's owner may do this everywhere. Nothing was changed.")


def _in_a_server(request: Request) -> None:
    if request.tenant.startswith("user:"):
        raise UserMistake("Grants and blocks belong to a server, not to a direct message. Nothing was changed.")


def _number(text: str) -> int | None:
    if not text.strip():
        return None
    if not (text.strip().isascii() and text.strip().isdigit()):
        raise UserMistake("before: is the number of an entry.")
    return int(text)


def _as(role: Role) -> str:
    """In which quality a person acted, for the log."""
    return {"owner": "(as owner)", "admin": "(as admin)", "member": "(as granted admin)"}[role]


def _where(place: str) -> str:
    return "on every server" if place == EVERYWHERE else "here"


def _named(subject: str) -> str:
    kind, _, what = subject.partition(":")
    return f"the role *{what}*" if kind == "role" else f"`{what}`"


def _line(grant: Grant) -> str:
    day = time.strftime("%Y-%m-%d", time.gmtime(grant.at))
    what = "everything" if grant.subject == EVERYTHING else _named(grant.subject)
    did = "may use" if grant.kind == "allow" and grant.subject.startswith("command:") else "has"
    did = "is blocked from" if grant.kind == "block" else did
    place = " on every server" if grant.tenant == EVERYWHERE else ""
    return f"{shown_person(grant.user)} {did} {what}{place} · by {shown_person(grant.given_by)}, {day}"


def _told(entry: Entry, with_place: bool) -> str:
    when = time.strftime("%Y-%m-%d %H:%M", time.gmtime(entry.at)) + (f" {entry.tenant}" if with_place else "")
    head = f"`{entry.n}` {when} {entry.action}"
    if entry.actor is None:
        return f"{head} · its words were erased"
    about = f" → {shown_person(entry.subject)}" if entry.subject else ""
    detail = f" · {entry.detail}" if entry.detail else ""
    return f"{head} · {shown_person(entry.actor) or 'a person'}{about}{detail}"
