"""The documentation cannot lie: every command, option, setting and flag is in its page, and every page is true."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import cli
from settings import HOME, Settings
from tools import commands_page, settings_page

PAGES = sorted([HOME / "README.md", *(HOME / "docs").rglob("*.md")])


def text(path: str) -> str:
    return (HOME / path).read_text("utf-8")


def test_every_setting_has_its_sentence_in_the_source() -> None:
    told = settings_page.sentences()
    assert set(told) == {item.name for item in fields(Settings)}
    assert all(sentence.endswith(".") for sentence in told.values())


def test_the_settings_page_and_the_example_are_what_the_source_says() -> None:
    assert text("docs/settings.md") == settings_page.page(), "run python -m tools.settings_page"
    assert text(".env.example") == settings_page.example(), "run python -m tools.settings_page"


def test_the_commands_page_has_every_slash_command_and_option() -> None:
    assert text("docs/commands.md") == commands_page.page(), "run python -m tools.commands_page"
    for command in commands_page.commands():
        assert command.path.startswith("/")
        assert command.path in text("docs/commands.md")


def test_the_install_page_leaves_the_venv_to_the_script_which_would_wipe_one_made_by_hand() -> None:
    page = text("docs/install.md")
    assert "pip install" not in page and "-m venv" not in page
    assert page.count("sudo ./vespera --help") == 2


def test_the_readme_names_each_page_once() -> None:
    pages = re.findall(r"\]\((docs/[\w-]+\.md)\): ", text("README.md"))
    assert sorted(pages) == sorted(set(pages))


def entries(command: Any, path: str = "") -> dict[str, Any]:
    """Every command of the terminal by its path: ``check terraform``."""
    found = {path: command} if path else {}
    for name, under in getattr(command, "commands", {}).items():
        found |= entries(under, f"{path} {name}".strip())
    return found


def test_every_command_and_flag_of_the_terminal_is_in_its_page() -> None:
    page = text("docs/cli.md")
    for path, command in entries(get_command(cli.app)).items():
        assert re.search(rf"\./vespera {path}\b|`{path} ", page), f"{path} is not in docs/cli.md"
        for parameter in command.params:
            for flag in (*parameter.opts, *parameter.secondary_opts):
                if flag.startswith("--") and flag != "--help":
                    assert f"`{flag}`" in page, f"{flag} of {path} is not in docs/cli.md"


def test_every_command_of_the_terminal_shows_an_example_in_its_help() -> None:
    for path, command in entries(get_command(cli.app)).items():
        if not getattr(command, "commands", {}):
            assert "./vespera" in (command.epilog or ""), path
            assert command.help, path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HOME)))
def test_no_page_names_a_command_that_does_not_exist(page: Path) -> None:
    known = {path.split()[0] for path in entries(get_command(cli.app))}
    named = set(re.findall(r"\./vespera ([a-z]+(?:-[a-z]+)*)", page.read_text("utf-8")))
    assert named <= known, f"{page.name} names {named - known}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HOME)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_what_starts_a_service_and_ci_is_executable() -> None:
    for name in ("vespera", ".ci/run"):
        assert (HOME / name).stat().st_mode & 0o111 == 0o111, name
