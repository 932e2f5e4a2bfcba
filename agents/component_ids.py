"""Custom ids of Discord's components that only this installation can have made, each for one server."""

import hmac

from errors import NotAllowed


class ComponentIds:
    """Seals custom ids with the installation's key: ``v1:action:subject:seal``."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, action: str, guild: str, subject: str) -> str:
        """A custom id for an action on a subject in one server."""
        return f"v1:{action}:{subject}:{self._seal(action, guild, subject)}"

    def read(self, custom_id: str, guild: str) -> tuple[str, str]:
        """Action and subject of a custom id.

        Raises:
            NotAllowed: forged, altered, or made for another server.
        """
        version, action, subject, seal = ([*custom_id.split(":"), "", "", "", ""])[:4]
        if version != "v1" or not hmac.compare_digest(seal.encode(), self._seal(action, guild, subject).encode()):
            raise NotAllowed("This button was not made here, so nothing was done.")
        return action, subject

    def _seal(self, action: str, guild: str, subject: str) -> str:
        message = "\x1f".join(("component", action, guild, subject)).encode()
        return hmac.new(self._key, message, "sha256").hexdigest()[:32]
