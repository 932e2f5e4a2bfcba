"""The Weaver-Stylist: one model call that drafts structured output in Vespera's persona."""

from collections.abc import Callable, Sequence

import msgspec

import prompts
from agents.passages import Passage
from agents.policy import Policy
from agents.truth_thread import TruthThread
from llm.contracts import CallRecord, LanguageModel, ModelCall, ModelReply
from llm.router import Router
from truth_blocks.contracts import LookUp, Topic, TruthBlock, Violation


class Draft(msgspec.Struct, frozen=True):
    """A model's reply and what it was asked; ``task`` is shown to the critic."""

    reply: ModelReply
    task: str
    prompt: str


class Commission(msgspec.Struct, frozen=True):
    """What a model is to be asked for a draft, and which version of which prompt asks it."""

    call: ModelCall
    prompt: str


class Weaver:
    """Drafts with the routed model, or with the embedded one when no model is configured or wanted."""

    def __init__(
        self,
        router: Router,
        offline: LanguageModel,
        policy: Policy,
        truth: TruthThread,
        *,
        prompt_tokens: int,
        draft_tokens: int,
        deadline_s: float,
    ) -> None:
        self._router = router
        self._offline = offline
        self._policy = policy
        self._truth = truth
        self._prompt_tokens = prompt_tokens
        self._draft_tokens = draft_tokens
        self._deadline_s = deadline_s
        self._systems: dict[str, str] = {}

    async def draft(
        self,
        block: TruthBlock,
        topic: Topic,
        findings: Sequence[Violation],
        *,
        offline: bool,
        on_call: Callable[[CallRecord], None],
        commission: Commission | None = None,
        passages: Sequence[Passage] = (),
    ) -> Draft:
        """One draft that answers the findings of the one before. ``commission``: when it is written already.

        ``passages`` are quoted to the author alone: the critic judges by the facts, and hears nothing of them.

        Raises:
            ModelsUnavailable: no model answered.
            UserMistake: the embedded model has no rule for this request.
        """
        if offline:
            call = ModelCall("draft", topic.task_type, "", "", "", {}, subject=(topic, findings))
            reply = await self._offline.complete(call, self._deadline_s)
            return Draft(reply, "", "rules")
        if commission is None:
            commission = await self._truth.call(lambda: self.commission(block, topic, findings))
        call = commission.call
        if passages:
            call = await self._truth.call(lambda: _with_memory(call, passages))
        reply = await self._router.complete(call, on_call=on_call)
        return Draft(reply, commission.call.user, commission.prompt)

    async def fallback(self, block: TruthBlock, topic: Topic) -> LookUp:
        """What the truth block itself knows, when no draft passed."""
        return await self._truth.call(lambda: block.fallback(topic))

    def commission(self, block: TruthBlock, topic: Topic, findings: Sequence[Violation] = ()) -> Commission:
        """Write what the model is asked; a step of the block, so it belongs on the truth thread."""
        brief = block.brief(topic, self._prompt_tokens)
        call = ModelCall(
            "draft",
            topic.task_type,
            system=self._system(topic.task_type),
            user=prompts.render(brief.prompt, {**brief.variables, "findings": findings}),
            schema_name=topic.task_type.replace(".", "_"),
            schema=block.draft_schema(topic.task_type),
            max_tokens=self._draft_tokens,
        )
        return Commission(call, prompts.version(brief.prompt))

    def _system(self, task_type: str) -> str:
        """The persona with the charter: the same for every draft of a task type."""
        if task_type not in self._systems:
            self._systems[task_type] = prompts.render("weaver", {"charter": self._policy.charter(task_type)})
        return self._systems[task_type]


def _with_memory(call: ModelCall, passages: Sequence[Passage]) -> ModelCall:
    remembered = prompts.render("remembered", {"passages": passages})
    return msgspec.structs.replace(call, user=f"{remembered}\n\n{call.user}")
