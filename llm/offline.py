"""The embedded default: drafts by rule from a truth block's facts. No network, no key, no opinion of its own."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

from errors import ModelRejected, ModelTimeout, ModelUnavailable, VesperaError
from llm.contracts import ModelCall, ModelReply
from llm.text import estimated_tokens
from truth_blocks.contracts import Topic, Violation

OFFLINE = "offline"

Drafter = Callable[[Topic, Sequence[Violation]], str]
"""A truth block's ``draft_offline``."""

Runner = Callable[[Callable[[], str]], Awaitable[str]]


class OfflineModel:
    """Drafts through the drafter whose key is the task type or its longest dotted prefix (``dnd`` for ``dnd.spell``).

    ``call.subject`` is the pair ``(Topic, findings)``. Drafters may block, so ``run`` takes them to a thread.
    A critique has no offline form: the deterministic critic already is that.
    """

    provider = OFFLINE
    model = "by-rule"

    def __init__(self, drafters: Mapping[str, Drafter], run: Runner = asyncio.to_thread) -> None:
        self._drafters, self._run = dict(drafters), run

    def __repr__(self) -> str:
        return f"OfflineModel({sorted(self._drafters)})"

    async def complete(self, call: ModelCall, deadline_s: float) -> ModelReply:
        """A draft by rule within ``deadline_s`` seconds.

        Raises:
            ModelRejected: asked for a critique, for a family without a drafter, or without a subject.
            UserMistake: the facts have no draft for this request; the text is what the person reads.
            ModelUnavailable: the drafter failed.
            ModelTimeout: it took longer than the deadline.
        """
        drafter = self._drafter(call)
        topic, findings = self._subject(call)
        began = time.monotonic()
        try:
            async with asyncio.timeout(deadline_s):
                text = await self._run(lambda: drafter(topic, tuple(findings)))
        except TimeoutError:
            raise ModelTimeout(OFFLINE, f"no draft within {deadline_s:.3g} s") from None
        except VesperaError:
            raise  # A sentence for the person: what the rules data cannot draft.
        except Exception as error:
            raise ModelUnavailable(OFFLINE, f"its drafter failed ({type(error).__name__})") from error
        return ModelReply(
            text=text,
            provider=OFFLINE,
            model=self.model,
            tokens_in=0,
            tokens_out=estimated_tokens(text),
            cost_usd=0.0,
            duration_ms=(time.monotonic() - began) * 1_000,
        )

    async def close(self) -> None:
        """Nothing to close; the thread is the caller's."""

    def _drafter(self, call: ModelCall) -> Drafter:
        if call.purpose != "draft":
            raise ModelRejected(OFFLINE, "gives no second opinion")
        key = call.task_type
        while key:
            if key in self._drafters:
                return self._drafters[key]
            key = key.rpartition(".")[0]
        raise ModelRejected(OFFLINE, f"has no drafter for {call.task_type}")

    def _subject(self, call: ModelCall) -> tuple[Topic, Sequence[Violation]]:
        if isinstance(call.subject, (tuple, list)) and len(call.subject) == 2 and isinstance(call.subject[0], Topic):
            return call.subject[0], call.subject[1]
        raise ModelRejected(OFFLINE, "was given no topic to draft from")
