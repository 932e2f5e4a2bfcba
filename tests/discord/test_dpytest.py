"""dpytest knows no interactions; it shows that the cogs load and that guild events are taken in silence."""

from pathlib import Path

from app import App
from cogs.front import COGS, Front
from tests.apps import settings_for


async def test_every_cog_loads_and_joining_a_server_posts_nothing(tmp_path: Path) -> None:
    import discord.ext.test as dpytest

    app = await App.open(settings_for(tmp_path))
    front = Front(app)
    try:
        await front._async_setup_hook()
        for cog in COGS:
            await cog.setup(front)
        dpytest.configure(front, guilds=1, text_channels=1, members=1)
        joined = dpytest.backend.make_guild("Another table")
        assert front.get_guild(joined.id) is not None
        assert dpytest.verify().message().nothing()
        assert {type(cog).__name__ for cog in front.cogs.values()} == {
            "Dnd", "Combat", "Cloud", "Ask", "WhyCog", "Status", "Help", "Relay", "Clicks", "Remember", "Recall",
                "Forget", "Privacy", "Admin",
        }  # fmt: skip
    finally:
        await dpytest.empty_queue()
        await app.close()
