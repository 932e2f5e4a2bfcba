"""The Discord room's server with its people, for the tests of this room too."""

from tests.discord.conftest import at_table

__all__ = ["at_table"]
