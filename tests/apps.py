"""Opening a real App over a temporary data directory, with models served by the scripted server."""

import contextlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from agents.contracts import Request
from app import App
from settings import Settings
from tests.scripted_model import Reply, ScriptedModel
from truth_blocks.contracts import Question
from truth_blocks.dnd5e import Dnd5eBlock

PASS = '{"verdict": "PASS", "violations": []}'
FAIL = '{"verdict": "FAIL", "violations": [{"rule": "sense", "location": "answer", "message": "beside the question"}]}'
WRONG = '{"answer": "A grappled creature moves at 99 feet.", "claims": []}'


def settings_for(folder: Path, *servers: ScriptedModel, **changes: Any) -> Settings:
    """Settings whose first server is the OpenAI-compatible one and whose second is Groq."""
    values: dict[str, Any] = {"data_dir": folder, "model_deadline_s": 5.0}
    if servers:
        values |= {"openai_compatible_base_url": servers[0].url, "openai_compatible_model": "scripted"}
    if len(servers) > 1:
        values |= {"groq_api_key": "gsk_" + "k" * 30, "groq_base_url": servers[1].url}
    return Settings(**(values | changes))


@contextlib.asynccontextmanager
async def opened(folder: Path, *servers: ScriptedModel, **changes: Any) -> AsyncIterator[App]:
    """An App that is closed at the end."""
    app = await App.open(settings_for(folder, *servers, **changes))
    try:
        yield app
    finally:
        await app.close()


def rule(topic: str = "grappled", **changes: Any) -> Request:
    """A question that needs a draft."""
    values: dict[str, Any] = {
        "tenant": "local", "user": "mira", "task_type": "dnd.rule", "command": f"/dnd rule topic: {topic}",
        "options": {"topic": topic},
    }  # fmt: skip
    return Request(**(values | changes))


def right_draft(topic: str = "grappled") -> str:
    """A draft that every check passes: the embedded model's."""
    with ThreadPoolExecutor(1) as thread:  # Blocks read files, which no test may do on its event loop.
        return thread.submit(_draft, topic).result()


def _draft(topic: str) -> str:
    block = Dnd5eBlock("5.2")
    return block.draft_offline(block.resolve(Question("dnd.rule", {"topic": topic})), ())


def author_and_critic(*drafts: str, opinion: str = PASS) -> Callable[[Any], Reply]:
    """A script that answers critiques with ``opinion`` and drafts in turn, the last one again and again."""
    waiting = list(drafts)

    def answer(request: Any) -> Reply:
        if "You are the Deep Critic" in request.text:
            return Reply(text=opinion)
        return Reply(text=waiting.pop(0) if len(waiting) > 1 else waiting[0])

    return answer
