"""SDKs stay out until needed, tests stay on this machine, and the scripted server serves other processes."""

import asyncio
import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from llm.openai_compatible import OpenAICompatibleModel
from tests.llm.house import KEY, Records, a_call
from tests.scripted_model import Reply, ScriptedModel, Step, WrongSchema

ROOT = Path(__file__).parents[2]

LAZY = """
import asyncio, sys
from llm.build import build_models
from llm.offline import OfflineModel
from llm.router import Router

HEAVY = ("groq", "google.genai", "httpx", "httpx2", "pydantic", "openai", "certifi")
loaded = lambda: [name for name in HEAVY if name in sys.modules]
options = dict(groq_api_key="k", gemini_api_key="k", openai_compatible_base_url="http://127.0.0.1:1",
               openai_compatible_model="m")
router = Router([*build_models(**options), OfflineModel({})])
assert router.configured and not loaded(), loaded()
from tests.llm.house import a_call
from errors import ModelError
compatible = build_models(**options)[2]
try:
    asyncio.run(compatible.complete(a_call(), 2.0))
except ModelError as error:
    print(error)
print(loaded())
"""


def test_no_sdk_is_imported_before_its_first_call() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LAZY], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.splitlines() == ["openai_compatible: no connection", "[]"], done.stderr


MISSING = """
import asyncio, sys
sys.modules.update({"groq": None, "google.genai": None})
from errors import ModelsUnavailable
from llm.build import build_models
from llm.router import Router
from tests.llm.house import a_call

try:
    router = Router(build_models(groq_api_key="k", gemini_api_key="k"))
    asyncio.run(router.complete(a_call(), on_call=print))
except ModelsUnavailable as error:
    print(error)
"""


def test_an_sdk_that_is_not_installed_is_said_so() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", MISSING], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    sentence = "(the package groq is not installed; the package google-genai is not installed)."
    assert done.stdout.rstrip().endswith(f"Groq and Gemini did not answer {sentence}"), done.stderr


def test_leaving_the_machine_is_an_error_in_every_test(outward_connections: list[str]) -> None:
    with socket.socket() as plain, pytest.raises(OSError, match="loopback only"):
        plain.connect(("192.0.2.1", 80))
    with pytest.raises(OSError, match="loopback only"):
        socket.getaddrinfo("api.groq.com", 443)
    assert len(outward_connections) == 2
    outward_connections.clear()


async def test_a_model_of_the_outside_cannot_be_reached_from_a_test(outward_connections: list[str]) -> None:
    model = OpenAICompatibleModel(base_url="https://api.openai.com/v1", model="gpt", api_key=KEY)
    with pytest.raises(Exception, match="no connection"):
        await model.complete(a_call(), 5.0)
    await model.close()
    assert outward_connections
    outward_connections.clear()


async def test_the_server_holds_answers_until_all_have_arrived() -> None:
    async with ScriptedModel([Reply()], hold=3) as server:
        model = OpenAICompatibleModel(base_url=server.url, model="m")
        waiting = [asyncio.create_task(model.complete(a_call(), 5.0)) for _ in range(2)]
        done, _ = await asyncio.wait(waiting, timeout=0.3)
        assert not done and len(server.requests) == 2
        await asyncio.gather(*waiting, model.complete(a_call(), 5.0))
        await model.close()


async def test_steps_can_be_bound_to_what_a_request_says() -> None:
    steps: list[Step] = [Reply("first"), Reply('"seen"', when="My-private-question"), WrongSchema(when="never said")]
    async with ScriptedModel(steps) as server:
        model = OpenAICompatibleModel(base_url=server.url, model="m")
        texts = [(await model.complete(a_call(), 5.0)).text for _ in range(3)]
        await model.close()
    assert texts == ["first", '"seen"', '"seen"']


@pytest.mark.parametrize("path", ["/v1beta/models/m:streamGenerateContent", "/v1beta/models/m:generateContent"])
async def test_the_server_speaks_geminis_protocol_streamed_and_whole(path: str) -> None:
    async with ScriptedModel([Reply("x" * 60)]) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
        writer.write(f"POST {path} HTTP/1.0\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        answer = (await reader.read()).decode()
        writer.close()
        await writer.wait_closed()
    assert '"finishReason": "STOP"' in answer
    assert answer.count("data: ") == (3 if "stream" in path else 0)


async def test_the_server_runs_as_a_program_for_other_processes(tmp_path: Path) -> None:
    script = tmp_path / "steps.json"
    script.write_text(json.dumps([{"step": "ratelimited", "retry_after": 0}, {"step": "reply", "text": '{"a": 1}'}]))
    command = [sys.executable, "-W", "ignore", "-m", "tests.scripted_model", "--script", str(script)]
    program = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        assert program.stdout is not None
        url = (await asyncio.wait_for(program.stdout.readline(), 20)).decode().strip()
        from llm.router import Router

        records = Records()
        router = Router([OpenAICompatibleModel(base_url=url, model="m")])
        assert (await router.complete(a_call(), on_call=records.append)).text == '{"a": 1}'
        await router.close()
        assert [outcome for _, outcome in records.outcomes] == ["rate_limited", "ok"]
    finally:
        program.terminate()
        assert await program.wait() == 0
