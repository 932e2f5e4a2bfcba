"""`./vespera setup` against a loopback Discord and a scripted model."""

import os
import pty
import select
import stat
import subprocess
import sys
import time
from pathlib import Path

from settings import HOME, load_settings
from terminal import env_file
from tests.scripted_model import Reply, ScriptedModel, Status
from tests.terminal.loopback_discord import TOKEN, discord
from tests.terminal.running import environment, finish, start, vespera

PERMISSIONS = "274877959168"


def test_a_right_token_is_written_privately_and_the_invite_link_is_exact(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("# mine\nGROQ_MODEL=kept\nexport DISCORD_TOKEN=old\n")
    with discord() as url:
        done = vespera(
            "setup", "--token", TOKEN, "--env-file", str(env), "--no-start", data_dir=tmp_path, DISCORD_API_URL=url
        )
    assert done.code == 0, done.err
    assert env.read_text() == f"# mine\nGROQ_MODEL=kept\nDISCORD_TOKEN={TOKEN}\n"
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    assert (
        "https://discord.com/oauth2/authorize?client_id=1234567890&scope=bot+applications.commands"
        f"&permissions={PERMISSIONS}\n"
    ) in done.out
    assert TOKEN not in done.out + done.err


def test_a_wrong_token_changes_nothing_and_exits_78(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    with discord() as url:
        done = vespera(
            "setup", "--env-file", str(env), data_dir=tmp_path, DISCORD_API_URL=url, DISCORD_TOKEN="wrong-token-here"
        )
    assert (done.code, env.exists()) == (78, False)
    assert "does not accept" in done.err


def test_an_unreachable_discord_changes_nothing_unless_told(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    arguments = ("setup", "--token", TOKEN, "--env-file", str(env))
    nowhere = "http://127.0.0.1:9/api/v10"
    done = vespera(*arguments, data_dir=tmp_path, DISCORD_API_URL=nowhere)
    assert (done.code, env.exists()) == (1, False)
    assert "--no-check" in done.err
    assert vespera(*arguments, "--no-check", data_dir=tmp_path, DISCORD_API_URL=nowhere).code == 0
    assert TOKEN in env.read_text()


def test_without_a_terminal_and_without_values_it_says_what_to_give(tmp_path: Path) -> None:
    done = vespera("setup", "--env-file", str(tmp_path / ".env"), data_dir=tmp_path)
    assert done.code == 2
    assert "DISCORD_TOKEN" in done.err


async def test_a_provider_is_tried_with_one_call_before_it_is_written(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    async with ScriptedModel([Reply(text='{"answer": "ok"}')]) as server:
        setup = ("setup", "--compatible-url", server.url, "--compatible-model", "any", "--env-file", str(env))
        done = await finish(await start(*setup, data_dir=tmp_path))
        assert len(server.requests) == 1
    assert done.code == 0, done.err
    assert load_settings({}, env).openai_compatible_model == "any"


async def test_a_key_that_is_refused_is_not_written(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    async with ScriptedModel([Status(status=401, message="bad key", code="invalid_api_key")]) as server:
        setup = ("setup", "--groq-key", "gsk_" + "k" * 30, "--env-file", str(env))
        done = await finish(await start(*setup, data_dir=tmp_path, GROQ_BASE_URL=server.url))
    assert (done.code, env.exists()) == (78, False)
    assert "gsk_" not in done.out + done.err


def test_on_a_terminal_it_asks_again_after_a_wrong_token_and_never_shows_it(tmp_path: Path) -> None:
    controller, terminal = pty.openpty()
    env = tmp_path / ".env"
    with discord() as url:
        process = subprocess.Popen(
            [sys.executable, str(HOME / "cli.py"), "setup", "--env-file", str(env)],
            stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True,
            env=environment(tmp_path, DISCORD_API_URL=url, TERM="dumb"),
        )  # fmt: skip
        os.close(terminal)
        shown = _converse(
            controller,
            ("Bot token", "wrong-token"), ("Bot token", TOKEN), ("Groq key", ""), ("Gemini key", ""), ("OpenAI", ""),
            ("Start the bot", "n"),
        )  # fmt: skip
        shown += _read(controller, "Next:")
        assert process.wait(20) == 0, shown
    os.close(controller)
    assert "does not accept" in shown
    assert "accepts the token: Vespera" in shown
    assert TOKEN not in shown
    assert env.read_text() == f"DISCORD_TOKEN={TOKEN}\n"


def _converse(controller: int, *turns: tuple[str, str]) -> str:
    shown = ""
    for question, answer in turns:
        shown += _read(controller, question)
        assert question in shown, shown
        time.sleep(0.2)  # getpass switches the echo off after it has asked
        os.write(controller, f"{answer}\n".encode())
    return shown


def _read(controller: int, wanted: str, seconds: float = 20) -> str:
    seen, ends = b"", time.monotonic() + seconds
    while wanted.encode() not in seen and time.monotonic() < ends:
        try:
            if select.select([controller], [], [], 0.2)[0]:
                seen += os.read(controller, 65_536)
        except OSError:
            break
    return seen.decode(errors="replace")


def test_values_that_need_quotes_survive_the_way_through_the_file(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env_file.write(env, {"GROQ_MODEL": "a b # c", "GEMINI_MODEL": "plain-1.5"})
    read = load_settings({}, env)
    assert (read.groq_model, read.gemini_model) == ("a b # c", "plain-1.5")
