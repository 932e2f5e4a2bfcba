"""The Builder: one short sprint from a fresh prompt to a proposal. It reads commits and asks models, nothing else."""

import asyncio
import time

import msgspec

from agents.relay.answers import read_answer
from agents.relay.contracts import BuilderAnswer, BuildReport, BuildRequest, Failure
from agents.relay.prompting import Prompt, write_prompt
from agents.relay.repo_map import RepoMap
from errors import DraftMalformed, ModelsUnavailable, ModelTimeout
from llm.contracts import CallRecord, ModelCall, ModelReply
from llm.router import Router
from logs import redact

TASK = "relay.build"
MALFORMED = 3
"""Unreadable answers in a row after which a sprint ends."""
RAW_CHARACTERS = 100_000


class Builder:
    """Proposes. ``budget_s`` (seconds) bounds one iteration with all its calls."""

    def __init__(self, router: Router, *, budget_s: float, reply_tokens: int) -> None:
        self._router, self._budget_s, self._reply_tokens = router, budget_s, reply_tokens
        self._map = RepoMap()

    async def run_iteration(self, request: BuildRequest) -> BuildReport:
        """One sprint's proposal, or why there is none; never raises for anything a model or a provider does."""
        sprint = _Sprint()
        try:
            async with asyncio.timeout(self._budget_s):
                await self._ask(request, sprint)
        except TimeoutError:
            sprint.fail("timeout", f"no usable answer within {self._budget_s:g} s")
        except ModelsUnavailable as error:
            late = any(isinstance(cause, ModelTimeout) for cause in error.causes)
            sprint.fail("timeout" if late else "unavailable", str(error))
        return sprint.report()

    async def _ask(self, request: BuildRequest, sprint: "_Sprint") -> None:
        wrong = ""
        for _ in range(min(MALFORMED, request.calls_left)):
            sprint.prompt = await asyncio.to_thread(write_prompt, request, self._map, wrong)
            sprint.reply = reply = await self._router.complete(
                self._call(sprint.prompt, wrong), on_call=sprint.calls.append
            )
            try:
                sprint.answer = await asyncio.to_thread(read_answer, reply.text, reply.note)
            except DraftMalformed as error:
                wrong = str(error)
                sprint.malformed.append(wrong)
                continue
            sprint.failure = ""
            return
        sprint.fail("malformed", wrong or "no call is left in the budget")

    def _call(self, prompt: Prompt, wrong: str) -> ModelCall:
        return ModelCall(
            "draft",
            TASK,
            system=prompt.system,
            user=prompt.user,
            schema_name="builder_answer",
            schema={},
            max_tokens=self._reply_tokens,
            temperature=0.4 if wrong else 0.2,
            patience_s=min(300.0, self._budget_s),
        )


class _Sprint:
    """What an iteration gathers on its way."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.prompt: Prompt | None = None
        self.reply: ModelReply | None = None
        self.answer: BuilderAnswer | None = None
        self.calls: list[CallRecord] = []
        self.malformed: list[str] = []
        self.failure: Failure = ""
        self.note = ""

    def fail(self, failure: Failure, note: str) -> None:
        """Note why there is no proposal."""
        self.failure, self.note, self.answer = failure, note, None

    def report(self) -> BuildReport:
        """The iteration as a record."""
        prompt, reply = self.prompt, self.reply
        counted = [call.tokens_in for call in self.calls if call.outcome == "ok"]
        calls = tuple(msgspec.structs.replace(call, note=redact(call.note)) for call in self.calls)
        return BuildReport(
            answer=self.answer,
            failure=self.failure,
            note=redact(self.note or "; ".join(self.malformed)),
            prompt=redact(f"{prompt.system}\n\n{prompt.user}") if prompt else "",
            raw=redact(reply.text[:RAW_CHARACTERS]) if reply else "",
            provider=reply.provider if reply else "",
            model=reply.model if reply else "",
            calls=calls,
            prompt_tokens=max([*counted, 0]) or (prompt.tokens if prompt else 0),
            seconds=round(time.monotonic() - self.began, 3),
            malformed=len(self.malformed),
        )
