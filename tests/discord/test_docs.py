from pathlib import Path

import bot
from tests.discord.conftest import Table

PAGE = Path(bot.__file__).parent / "docs" / "discord.md"


async def test_every_command_and_option_is_on_the_discord_page_and_no_other(at_table: Table) -> None:
    rows = {
        row.split("`")[1]: row for row in PAGE.read_text().splitlines() if row.startswith("| `/")
    }  # fmt: skip
    assert set(rows) == {command.path for command in at_table.app.commands}
    for command in at_table.app.commands:
        for option in command.options:
            assert f"`{option.name}:`" in rows[command.path]
