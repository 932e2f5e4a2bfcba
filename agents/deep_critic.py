"""The Deep Critic: holds a draft against its truth block, then asks a second model whenever one is configured.

The deterministic no cannot be overruled by a model's yes; a model's no rejects too; a model that does not answer in the
agreed shape has no vote.
"""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

import prompts
from agents import kept
from agents.contracts import Verdict
from agents.policy import Policy
from agents.truth_thread import TruthThread
from agents.weaver_stylist import Draft
from errors import DraftMalformed, VesperaError
from llm.contracts import CallRecord, ModelCall, ModelReply
from llm.router import Router
from neutralise import visible
from truth_blocks.contracts import Presented, Report, Topic, TruthBlock, Violation

REJECTED_FACTOR = 0.9
"""Confidence is multiplied by this for each rejected draft before the accepted one."""
UNSECONDED_FACTOR = 0.9
"""… and by this when no second opinion was had."""


class _Objection(msgspec.Struct, forbid_unknown_fields=True):
    rule: str
    location: str
    message: str


class _Opinion(msgspec.Struct, forbid_unknown_fields=True):
    verdict: Literal["PASS", "FAIL"]
    violations: list[_Objection] = []


OPINION_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "verdict": {"type": "string", "enum": ["PASS", "FAIL"]},
        "violations": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("rule", "location", "message")},
                "required": ["rule", "location", "message"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["verdict", "violations"],
    "additionalProperties": False,
}


class Judged(msgspec.Struct, frozen=True):
    """A verdict and, when it passed, the draft as a person sees it."""

    verdict: Verdict
    presented: Presented | None


class DeepCritic:
    """Deterministic checks first; the model critic only sees what they passed."""

    def __init__(self, router: Router, policy: Policy, truth: TruthThread, *, reply_tokens: int = 1_024) -> None:
        self._router = router
        self._policy = policy
        self._truth = truth
        self._reply_tokens = reply_tokens

    async def judge(
        self, block: TruthBlock, topic: Topic, draft: Draft, *, alone: bool, on_call: Callable[[CallRecord], None]
    ) -> Judged:
        """The verdict on one draft; ``alone`` leaves the second opinion out (the person asked for rules alone)."""
        alone = alone or not self._router.configured
        report, presented, question = await self._truth.call(lambda: self._hold(block, topic, draft, alone))
        if question is None:
            return Judged(_verdict(report, (), "none", ""), presented)
        opinion, reply = await self._second_opinion(question, draft.reply.provider, on_call)
        if opinion is None or reply is None:
            return Judged(_verdict(report, (), "none", ""), presented)
        objections = _objections(opinion)
        word: Literal["agrees", "objects"] = "objects" if objections else "agrees"
        return Judged(
            _verdict(report, objections, word, f"{reply.provider} · {reply.model}"), None if objections else presented
        )

    def _hold(
        self, block: TruthBlock, topic: Topic, draft: Draft, alone: bool
    ) -> tuple[Report, Presented | None, ModelCall | None]:
        """The report, and for a draft that passed how it is presented and what the second opinion is asked."""
        text = draft.reply.text
        try:
            report = block.check(topic, text)
        except DraftMalformed as error:
            malformed = Violation("malformed", "draft", str(error))
            return Report(checkable=0, verified=0, violations=(malformed,)), None, None
        if broken := (*self._policy.broken_charter(topic.task_type, text), *_secrets(text)):
            report = msgspec.structs.replace(report, violations=(*report.violations, *broken))
        if not report.passed:
            return report, None, None
        presented = block.present(topic, text)
        if hidden := _hidden(presented):
            return msgspec.structs.replace(report, violations=(*report.violations, *hidden)), None, None
        return report, presented, None if alone else self._question(topic, draft)

    def _question(self, topic: Topic, draft: Draft) -> ModelCall:
        return ModelCall(
            "critique",
            topic.task_type,
            system="You check drafts against given facts and answer in JSON.",
            user=prompts.render("deep_critic", {"task": draft.task, "draft": draft.reply.text}),
            schema_name="deep_critic",
            schema=OPINION_SCHEMA,
            max_tokens=self._reply_tokens,
            temperature=0.0,
        )

    async def _second_opinion(
        self, question: ModelCall, author: str, on_call: Callable[[CallRecord], None]
    ) -> tuple[_Opinion | None, ModelReply | None]:
        try:
            reply = await self._router.complete(question, avoid=author, on_call=on_call)
            return msgspec.json.decode(reply.text, type=_Opinion), reply
        except (VesperaError, msgspec.MsgspecError, UnicodeError):
            # Without a vote: the answer says "rules only". The failed call stands in the trace by on_call.
            return None, None


def confidence(verdict: Verdict, rejected: int) -> float:
    """Verified ÷ checkable, × 0.9 for each rejected draft before it, × 0.9 without a second opinion; 0 to 1."""
    if not verdict.checkable:
        return 0.0
    share = verdict.verified / verdict.checkable
    unseconded = UNSECONDED_FACTOR if verdict.second_opinion == "none" else 1.0
    return round(share * REJECTED_FACTOR**rejected * unseconded, 4)


def _verdict(
    report: Report, objections: tuple[Violation, ...], word: Literal["agrees", "objects", "none"], critic: str
) -> Verdict:
    return Verdict(
        passed=report.passed and not objections,
        violations=tuple(map(kept.finding, (*report.violations, *objections))),
        unverifiable=tuple(map(kept.finding, report.unverifiable)),
        checkable=report.checkable,
        verified=report.verified,
        citations=report.citations,
        second_opinion=word,
        critic=critic,
    )


def _secrets(draft: str) -> tuple[Violation, ...]:
    if not kept.holds_secret(draft):
        return ()
    return (Violation("secret", "draft", "The draft holds a key or a secret of this installation. Leave it out."),)


def _hidden(presented: Presented) -> tuple[Violation, ...]:
    """A file is used as it stands: what its reader cannot see, or sees in another order, has no place in it."""
    texts = [(file.name, file.content.replace("\r\n", "\n")) for file in presented.files if file.encoding == "utf-8"]
    return tuple(
        Violation("hidden-character", name, "The file holds control, bidirectional or invisible characters.")
        for name, text in texts
        if visible(text) != text
    )


def _objections(opinion: _Opinion) -> tuple[Violation, ...]:
    if opinion.verdict == "PASS":
        return ()
    named = tuple(
        Violation(f"critic.{entry.rule[:60]}", entry.location[:120], entry.message[:500])
        for entry in opinion.violations[:20]
    )
    return named or (
        Violation("critic.unspecified", "draft", "The second opinion rejects the draft without saying why."),
    )
