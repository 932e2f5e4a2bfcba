"""The Arbiter: routes every request by rule, never by a model.

Order: policy (who may ask, topics refused) → which block → direct look-up → cache → generate.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec

import at_rest
import metrics
import prompts
from agents.contracts import Answer, Request
from agents.policy import DENIED, Policy
from agents.truth_thread import TruthThread
from agents.weaver_stylist import Commission
from blackboard.contracts import CacheEntry
from database import Blackboard
from errors import NotAllowed, UserMistake
from truth_blocks.contracts import LookUp, Question, Topic, TruthBlock

log = logging.getLogger("vespera.arbiter")

Write = Callable[[TruthBlock, Topic], Commission]
"""Writes what the model of a first draft is asked."""


class Route(msgspec.Struct, frozen=True):
    """Where a request goes and by which rule. Exactly one of ``refusal``, ``look_up``, ``cached`` is set, or none."""

    kind: Literal["refuse", "direct", "cached", "generate"]
    rule: str
    reason: str
    policy_version: int
    block: str = ""
    topic: Topic | None = None
    key: str = ""
    refusal: str = ""
    look_up: LookUp | None = None
    cached: CacheEntry | None = None
    commission: Commission | None = None
    """What the first draft's model is asked, when it was written along with the routing."""


class Arbiter:
    """Holds the policy, the blocks and a view on the cache; no state of its own."""

    def __init__(
        self,
        policy: Policy,
        blocks: Sequence[TruthBlock],
        blackboard: Blackboard,
        truth: TruthThread,
        *,
        cache_confidence: float,
    ) -> None:
        self.policy = policy
        self._blocks: Mapping[str, TruthBlock] = {block.name: block for block in blocks}
        self._by_task = {command.task_type: block for block in blocks for command in block.commands}
        self._blackboard = blackboard
        self._truth = truth
        self._cache_confidence = cache_confidence
        self._shapes: dict[str, str] = {}

    async def route(self, request: Request, author: str, write: Write | None = None) -> Route:
        """Decide what becomes of a request.

        ``author`` says who would draft (``models`` or ``offline``); answers of one are not served for the other.
        ``write`` writes the commission of a draft that is needed for sure: one errand to the truth thread, not two.

        Raises:
            UserMistake: unknown command or an option the block does not understand.
            NotAllowed: the person's role does not reach.
        """
        version = self.policy.version
        if request.task_type not in self._by_task:
            raise UserMistake(f"There is no command for {request.task_type!r}.")
        if refusal := self.policy.refusal(request):
            if refusal.rule in DENIED:
                raise NotAllowed(refusal.message)
            return Route("refuse", refusal.rule, "topic refused", version, refusal=refusal.message)
        block, topic, look_up, key, commission = await self._truth.call(
            lambda: self._understand(request, author, write)
        )
        if look_up is not None:
            return Route("direct", "look-up", "the facts answer it", version, block.name, topic, look_up=look_up)
        cached = None
        if topic.cacheable:
            cached = await self._blackboard.cached(request.tenant, key, min_confidence=self._cache_confidence)
            metrics.CACHE.add("miss" if cached is None else "hit")
        if cached is not None:
            return Route("cached", "cache", "answered before", version, block.name, topic, key, cached=cached)
        return Route(
            "generate", "draft", "not cached, needs a draft", version, block.name, topic, key, commission=commission
        )

    def knows(self, task_type: str) -> bool:
        """Whether there is a command for such tasks."""
        return task_type in self._by_task

    def block(self, name: str) -> TruthBlock:
        """A block by its name, for a task that was routed earlier."""
        return self._blocks[name]

    def _understand(
        self, request: Request, author: str, write: Write | None
    ) -> tuple[TruthBlock, Topic, LookUp | None, str, Commission | None]:
        question = Question(request.task_type, dict(request.options), request.files)
        block = self._by_task[request.task_type]
        if request.task_type == "ask":
            block, question = self._recognised(request.options.get("question", ""), block, question)
        topic = block.resolve(question)
        look_up = block.look_up(topic)
        if look_up is not None:
            return block, topic, look_up, "", None
        key = self._cache_key(request.tenant, block, topic, author)
        if write is None or self._blackboard.may_have_cached(key):
            return block, topic, None, key, None
        return block, topic, None, key, _written(write, block, topic)

    def _recognised(self, text: str, block: TruthBlock, question: Question) -> tuple[TruthBlock, Question]:
        for candidate in self._blocks.values():
            found = candidate.recognise(text)
            if found is not None:
                return candidate, found
        return block, question

    def _cache_key(self, tenant: str, block: TruthBlock, topic: Topic, author: str) -> str:
        """Everything that may change the answer, hashed."""
        parts = (tenant, topic.key, topic.variant, author, *self._versions(block, topic.task_type))
        return at_rest.keyring().digest("\x1f".join(parts))

    def _versions(self, block: TruthBlock, task_type: str) -> tuple[str, ...]:
        """Versions of block, prompts, draft shape and policy; a draft's prompt is named after its task type."""
        if task_type not in self._shapes:
            shape = msgspec.json.encode(block.draft_schema(task_type), order="sorted")
            self._shapes[task_type] = hashlib.sha256(shape).hexdigest()
        names = (task_type.replace(".", "_"), "weaver", "deep_critic")
        return (
            block.name, block.version, task_type, self._shapes[task_type], str(self.policy.version),
            *map(prompts.version, names),
        )  # fmt: skip


def _written(write: Write, block: TruthBlock, topic: Topic) -> Commission | None:
    try:
        return write(block, topic)
    except Exception:
        log.debug("a prompt could not be written", exc_info=True)
        return None  # Drafting meets the error again, and closes the task with it.


def stored_answer(entry: CacheEntry, now: float) -> Answer:
    """The answer as it was accepted, marked as cached with its age in seconds."""
    answer = msgspec.json.decode(entry.response, type=Answer)
    return msgspec.structs.replace(answer, cached=True, cached_age_s=max(0.0, now - entry.created_at))
