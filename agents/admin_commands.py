"""The slash commands of whoever keeps a server in order: who may what, and what was done about it."""

from agents.standing import ROLES
from truth_blocks.contracts import Command, Option

_USER = Option("user", "Whom it is about", True, kind="user", max_length=40)
_COMMAND = Option("command", "One command or family, for example /cloud plan", suggests=True, max_length=60)

ADMIN_COMMANDS = (
    Command(
        "/admin grant",
        "admin.grant",
        "Give a person a role or one command on this server.",
        "/admin grant user: @mira role: relay",
        (_USER, Option("role", "The role", choices=ROLES), _COMMAND),
    ),
    Command(
        "/admin revoke",
        "admin.revoke",
        "Take back what was granted; everything when neither role nor command is named.",
        "/admin revoke user: @mira role: relay",
        (_USER, Option("role", "The role", choices=ROLES), _COMMAND),
    ),
    Command(
        "/admin block",
        "admin.block",
        "Block a person on this server, from everything or from one command.",
        "/admin block user: @mallory",
        (_USER, _COMMAND, Option("everywhere", "On every server; the owner alone", kind="flag")),
    ),
    Command(
        "/admin unblock",
        "admin.unblock",
        "Lift a block.",
        "/admin unblock user: @mallory",
        (_USER, _COMMAND, Option("everywhere", "The one on every server; the owner alone", kind="flag")),
    ),
    Command(
        "/admin list",
        "admin.list",
        "Who was granted or blocked what on this server.",
        "/admin list",
        (Option("user", "Only this person", kind="user", max_length=40),),
    ),
    Command(
        "/admin audit",
        "admin.audit",
        "What was granted, blocked, refused and decided here, newest first, and whether the log is whole.",
        "/admin audit",
        (
            Option("user", "Only what this person did, or was done to them", kind="user", max_length=40),
            Option("before", "Entries older than this number", max_length=12),
            Option("everywhere", "Of every server; the owner alone", kind="flag"),
        ),
    ),
)
