"""What Discord sends, reduced to what a bot with the guilds intent needs."""

import time
from typing import Any

APPLICATION, BOT, GUILD, CHANNEL, OWNER, MIRA = 100, 100, 200, 300, 400, 500
EPOCH_MS = 1_420_070_400_000
_last = 0


def snowflake() -> int:
    """A new id of now; later ones are larger."""
    global _last
    _last = max(int(time.time() * 1000 - EPOCH_MS) << 22, _last + 1)
    return _last


def user(user_id: int, name: str = "mira", bot: bool = False) -> dict[str, Any]:
    return {"id": str(user_id), "username": name, "discriminator": "0", "global_name": None, "avatar": None, "bot": bot}


def application() -> dict[str, Any]:
    return {
        "id": str(APPLICATION), "name": "Vespera", "icon": None, "description": "", "rpc_origins": [],
        "bot_public": False, "bot_require_code_grant": False, "owner": user(OWNER, "owner"), "team": None,
        "verify_key": "", "flags": 0, "summary": "",
    }  # fmt: skip


def ready(session: str, gateway: str) -> dict[str, Any]:
    return {
        "v": 10, "user": user(BOT, "vespera", True), "guilds": [{"id": str(GUILD), "unavailable": True}],
        "session_id": session, "resume_gateway_url": gateway, "application": {"id": str(APPLICATION), "flags": 0},
    }  # fmt: skip


def guild() -> dict[str, Any]:
    return {
        "id": str(GUILD), "name": "Table", "icon": None, "splash": None, "discovery_splash": None,
        "owner_id": str(OWNER), "afk_channel_id": None, "afk_timeout": 60, "verification_level": 0,
        "default_message_notifications": 0, "explicit_content_filter": 0, "roles": [role()], "emojis": [],
        "features": [], "mfa_level": 0, "application_id": None, "system_channel_id": None,
        "system_channel_flags": 0, "rules_channel_id": None, "vanity_url_code": None, "description": None,
        "banner": None, "premium_tier": 0, "preferred_locale": "en-US", "public_updates_channel_id": None,
        "nsfw_level": 0, "premium_progress_bar_enabled": False, "joined_at": "2026-01-01T00:00:00+00:00",
        "large": False, "member_count": 2, "voice_states": [], "members": [], "channels": [channel()],
        "threads": [], "presences": [], "stage_instances": [], "guild_scheduled_events": [], "stickers": [],
        "soundboard_sounds": [],
    }  # fmt: skip


def role() -> dict[str, Any]:
    return {
        "id": str(GUILD), "name": "@everyone", "color": 0, "colors": {"primary_color": 0}, "hoist": False,
        "position": 0, "permissions": "0", "managed": False, "mentionable": False, "flags": 0,
    }  # fmt: skip


def channel() -> dict[str, Any]:
    return {
        "id": str(CHANNEL), "type": 0, "guild_id": str(GUILD), "name": "table", "position": 0,
        "permission_overwrites": [], "nsfw": False, "parent_id": None, "permissions": "2147483647",
    }  # fmt: skip


def message(message_id: int, sent: dict[str, Any], flags: int = 0) -> dict[str, Any]:
    return {
        "id": str(message_id), "channel_id": str(CHANNEL), "author": user(BOT, "vespera", True),
        "content": sent.get("content") or "", "timestamp": "2026-01-01T00:00:00+00:00", "edited_timestamp": None,
        "tts": False, "mention_everyone": False, "mentions": [], "mention_roles": [], "attachments": [],
        "embeds": [], "pinned": False, "type": 20, "components": sent.get("components") or [],
        "flags": flags | int(sent.get("flags") or 0), "application_id": str(APPLICATION),
    }  # fmt: skip


def interaction(kind: int, data: dict[str, Any], *, user_id: int = MIRA, permissions: int = 0) -> dict[str, Any]:
    """An interaction in the guild. ``kind``: 2 command, 3 component, 4 autocomplete, 5 modal."""
    number = snowflake()
    return {
        "id": str(number), "application_id": str(APPLICATION), "type": kind, "data": data, "guild_id": str(GUILD),
        "channel_id": str(CHANNEL), "channel": channel(), "token": f"token-{number}", "version": 1,
        "locale": "en-US", "guild_locale": "en-US", "entitlements": [], "app_permissions": "2147483647",
        "attachment_size_limit": 10_000_000, "authorizing_integration_owners": {"0": str(GUILD)}, "context": 0,
        "member": {
            "user": user(user_id), "roles": [], "joined_at": "2026-01-01T00:00:00+00:00", "deaf": False,
            "mute": False, "flags": 0, "permissions": str(permissions), "nick": None, "avatar": None,
        },
    }  # fmt: skip


def slash(path: str, *, user_id: int = MIRA, permissions: int = 0, **options: Any) -> dict[str, Any]:
    """``slash("dnd rule", topic="grappled")``."""
    given: list[dict[str, Any]] = [
        {"name": name, "type": 5 if isinstance(value, bool) else 3, "value": value} for name, value in options.items()
    ]
    words = path.split()
    for word in reversed(words[1:]):
        given = [{"name": word, "type": 1, "options": given}]
    data = {"id": "900", "name": words[0], "type": 1, "options": given}
    return interaction(2, data, user_id=user_id, permissions=permissions)


def click(custom_id: str, shown: dict[str, Any], *, user_id: int = MIRA, permissions: int = 0) -> dict[str, Any]:
    """A click on a button of a message."""
    clicked = interaction(3, {"custom_id": custom_id, "component_type": 2}, user_id=user_id, permissions=permissions)
    return clicked | {"message": shown}
