"""No secret leaves by any way: logs, traces, prompts, answers, exports, error texts, files on disk, core dumps."""

import asyncio
import base64
import io
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import msgspec
import pytest

import redaction
from agents.contracts import Request
from agents.table_contracts import Play
from blackboard.contracts import Delivery, Feedback
from blackboard.keyfile import KEY_FILE
from errors import BadConfiguration
from logs import JsonLines, hide, redact
from settings import HOME, Settings, load_settings
from terminal import failures
from tests.apps import PASS, opened, rule
from tests.promises import Promise
from tests.scripted_model import Received, Reply, ScriptedModel, Status

SECRET_SETTINGS = [item.name for item in fields(Settings) if item.metadata["secret"]]
SECRET = 'q7"Zk/+\\Pw%3é-kR8vXn2Lm5Jt9'
"""With every character that some encoding writes another way."""
KEY = "Zq7Wk3Rv8Xn2Lm5Jt9Pb4Hd6Gf1"
"""As it may stand in a header."""


@pytest.fixture(autouse=True)
def known_no_longer() -> Iterator[None]:
    known = dict(redaction._known)
    yield
    redaction._known.clear()
    redaction._spellings.clear()
    hide(known)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that this process logs, as it is written for journald."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def spellings(secret: str) -> dict[str, str]:
    raw = secret.encode()
    return {
        "as it is": secret,
        "JSON": json.dumps(secret),
        "JSON in JSON": json.dumps(json.dumps(secret)),
        "JSON, not ASCII": json.dumps(secret, ensure_ascii=False),
        "repr": repr(secret),
        "address": quote(secret, safe=""),
        "address, small": quote(secret, safe="").lower() if secret.islower() else quote(secret, safe=""),
        "form": quote_plus(secret),
        "address twice": quote(quote(secret, safe=""), safe=""),
        "base64": base64.b64encode(raw).decode(),
        "base64 for addresses": base64.urlsafe_b64encode(raw).decode(),
        "base64 after one": base64.b64encode(b":" + raw).decode(),
        "base64 after two, before more": base64.b64encode(b"u:" + raw + b"\n...").decode(),
        "Basic": base64.b64encode(b"someone:" + raw).decode(),
        "hex": raw.hex(),
        "HEX": raw.hex().upper(),
        "cut": secret[:15],
        "cut base64": base64.b64encode(raw).decode()[:18],
        "masked": f"{secret[:13]}****{secret[-4:]}",
    }


def leaks(text: str, secret: str) -> list[str]:
    """The spellings of a secret of which a telling part stands in a text: more than 10 characters in a row."""
    found = []
    for name, spelling in spellings(secret).items():
        own = spelling[12:] if name == "Basic" else spelling
        parts = {own[at : at + 11] for at in range(len(own) - 10)}
        found += [name for part in parts if part in text and any(character in secret for character in part)][:1]
    return found


@pytest.mark.parametrize("name", list(spellings(SECRET)))
def test_every_spelling_of_a_secret_is_taken_out_wherever_it_stands(name: str, promise: Promise) -> None:
    hide([SECRET])
    spelling = spellings(SECRET)[name]
    for text in (spelling, f"before {spelling} after", f'{{"note": "{spelling}"}}', spelling * 3):
        clean = redact(text)
        assert redaction.GONE in clean and leaks(clean, SECRET) == [], clean
    promise("Every spelling of a secret is redacted.", count=1, of="spellings")


def test_ordinary_text_is_left_as_it_is_and_is_read_fast() -> None:
    hide([SECRET, KEY, os.urandom(32), *(os.urandom(20).hex() for _ in range(6))])
    page = (HOME / "docs" / "blackboard.md").read_text()
    assert redact(page) == page
    began = time.process_time()
    for _ in range(200):
        redact(page[:500])
    assert (time.process_time() - began) / 200 < 0.001


def test_bytes_of_a_key_file_are_hidden_as_bytes_are_written() -> None:
    key = bytes(range(200, 232))
    hide([key])
    for text in (key.hex(), base64.b64encode(key).decode(), repr(key), key.decode("latin-1"), json.dumps(repr(key))):
        assert redact(f"key: {text}") == f"key: {redaction.GONE}" or leaks(redact(text), key.hex()) == []
        assert text not in redact(f"key: {text}")


def test_an_interaction_token_in_an_address_is_taken_out_though_nobody_registered_it() -> None:
    token = "aW50ZXJhY3Rpb246" + "Zq7Wk3Rv8" * 10
    for address in (
        f"https://discord.com/api/v10/webhooks/123456789/{token}/messages/@original",
        f"https://discord.com/api/v10/interactions/123456789/{token}/callback",
    ):
        clean = redact(f"POST {address} failed")
        assert token[:12] not in clean and "failed" in clean and "/123456789/" in clean


@pytest.mark.parametrize("name", SECRET_SETTINGS)
def test_every_secret_setting_is_registered_and_neither_a_fault_nor_bad_configuration_tells_it(
    name: str, log: io.StringIO, capsys: pytest.CaptureFixture[str], promise: Promise
) -> None:
    changes: dict[str, Any] = {name: SECRET}
    settings = Settings(**changes)
    assert settings.secrets == (SECRET,)
    hide(settings.secrets)
    try:
        raise ValueError(f"the server said {SECRET!r} and {base64.b64encode(SECRET.encode())!r} in {settings}")
    except ValueError as error:
        logging.getLogger("vespera").exception("failed with %s", SECRET)
        failures.usage(error, as_json=False)
        failures.usage(error, as_json=True)
    said = log.getvalue() + "".join(capsys.readouterr())
    assert redaction.GONE in said and leaks(said, SECRET) == [], said
    environ = {item.metadata["env"]: SECRET for item in fields(Settings) if item.name == name}
    try:
        load_settings(environ | {"VESPERA_RUNNING": "many"}, None)
    except BadConfiguration as error:
        assert leaks(str(error), SECRET) == []
    promise("Every setting that holds a secret is redacted.", count=1, of="settings")


PROVIDER_KEYS = ["groq_api_key", "gemini_api_key", "openai_compatible_api_key"]


def settings_of(name: str, server: ScriptedModel, key: str) -> dict[str, Any]:
    """Settings with one provider, whose key is the secret."""
    if name == "openai_compatible_api_key":
        return {name: key, "openai_compatible_base_url": server.url, "openai_compatible_model": "scripted"}
    return {name: key, f"{name.removesuffix('_api_key')}_base_url": server.url}


def echoing(key: str) -> Any:
    """A server that gives the key back in each way there is, first in errors, then in drafts."""
    encoded = base64.b64encode(f"Bearer {key}".encode()).decode()
    turns: Iterator[Status] = iter(
        [
            Status(401, message=f"Incorrect API key provided: {key}; header {encoded}"),
            Status(400, message=f"bad request with {quote(key)}"),
            Status(500, message=key),
        ]
    )

    def answer(request: Received) -> Reply | Status:
        if "You are the Deep Critic" in request.text:
            return Reply(text=PASS)
        last = Reply(text=json.dumps({"answer": f"The key is {key}, or {encoded}, or {key[:14]}…", "claims": []}))
        return next(turns, last)

    return answer


@pytest.mark.parametrize("name", PROVIDER_KEYS)
async def test_a_server_that_echoes_the_key_brings_it_into_no_log_trace_answer_export_prompt_or_file(
    tmp_path: Path, name: str, log: io.StringIO, promise: Promise
) -> None:
    if name == "gemini_api_key":
        pytest.importorskip("google.genai")
    said: list[str] = []
    async with ScriptedModel(echoing(KEY)) as server:
        async with opened(tmp_path, **settings_of(name, server, KEY), model_retries=0, breaker_failures=50) as app:
            hide(app.settings.secrets)
            for number in range(5):
                question = {
                    "question": f"question {number}: is {KEY} or {base64.b64encode(KEY.encode()).decode()} my key?"
                }
                request = rule(task_type="ask", options=question, command=f"/ask question: {KEY}")
                answer = await (await app.submit(request)).wait()
                said.append(msgspec.json.encode(answer).decode())
                why = await app.why("local", answer.task_id, user="mira", role="member")
                said.append(msgspec.json.encode(why).decode())
                feedback = Feedback(answer.task_id or 0, "mira", right=False, wrong="no", should_be="yes")
                if answer.ok:
                    await app.feedback("local", feedback, role="member")
            await app.play(
                Play(Request("local", "mira", "memory.remember", "/remember", {"text": f"it is {KEY}"}), "9")
            )
            for task in ("privacy.export", "memory.recall"):
                played = await app.play(Play(Request("local", "mira", task, "/x", {"text": "key"}), "9"))
                said += [played.text, *(file.content for file in played.files)]
            said.append(app.help(None, "owner"))
            said.append(str(await app.status("local")))
            said += await app.blackboard.check()
        prompts = [request.text for request in server.requests]
    assert any("redacted" in text for text in said) and len(prompts) >= 5
    assert leaks("".join(said), KEY) == []
    assert leaks("".join(prompts), KEY) == [], "the key went out in a prompt"
    assert leaks(log.getvalue(), KEY) == []
    for path in tmp_path.iterdir():
        if path.is_file():
            content = await asyncio.to_thread(path.read_bytes)
            assert leaks(content.decode("latin-1"), KEY) == [], path.name
    promise(
        "A model server that echoes its key brings it into nothing.", "logs, traces, answers, exports, prompts, files"
    )


async def test_the_data_key_and_the_interaction_token_stand_nowhere_but_in_the_key_file(
    tmp_path: Path, log: io.StringIO
) -> None:
    token = "dG9rZW4" + KEY * 4
    async with opened(tmp_path) as app:
        delivery = Delivery(1, token, time.time() + 900, 5, False)
        answer = await (await app.submit(rule(offline=True), delivery=delivery)).wait()
        key = app.blackboard.key
        why = await app.why("local", answer.task_id, user=None, role="owner")
        told = msgspec.json.encode(why) + msgspec.json.encode(answer) + log.getvalue().encode()
        logging.getLogger("vespera").error("key %r %s", key, key.hex())
        told += log.getvalue().encode()
    assert token.encode() not in told and key.hex().encode() not in told and repr(key).encode() not in told
    for path in tmp_path.iterdir():
        if path.is_file() and path.name != KEY_FILE:
            content = await asyncio.to_thread(path.read_bytes)
            assert key not in content and token[:30].encode() not in content, path.name


@pytest.mark.parametrize("program", ["bot.py", "relay"])
def test_bot_and_relay_seal_themselves_before_they_read_a_setting(tmp_path: Path, program: str) -> None:
    """Run the real entry point up to where it reads its settings, and look at the process from inside."""
    entry = "import bot; bot.main()" if program == "bot.py" else "from terminal import relay_service as r; r.serve()"
    module, name = ("bot", "load_settings") if program == "bot.py" else ("terminal.start", "load_settings")
    script = (
        "import ctypes, importlib, resource\n"
        f"module = importlib.import_module({module!r})\n"
        "def look(*_):\n"
        "    print(resource.getrlimit(resource.RLIMIT_CORE)[0], ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))\n"
        "    raise SystemExit(0)\n"
        f"module.{name} = look\n"
        f"{entry}\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=HOME, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "0 0", done.stderr


def test_a_sealed_process_leaves_no_core_and_still_starts_others(tmp_path: Path, promise: Promise) -> None:
    script = (
        "import os, subprocess, sys\n"
        "from sealing import seal\n"
        "seal()\n"
        f"held = {KEY!r} * 100\n"
        "print(subprocess.run(['echo', 'child'], capture_output=True, text=True).stdout.strip(), flush=True)\n"
        f"os.chdir({str(tmp_path)!r})\n"
        "os.abort()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=HOME, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "child" and done.returncode == -6
    assert list(tmp_path.iterdir()) == []
    promise("No core dump holds a secret: there is none.", "0 bytes allowed")
