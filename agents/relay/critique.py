"""The critique of a proposal that passed every test: a model that can object and nothing else.

Its word never makes a failed step pass, and a reply of another shape has no vote.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

import prompts
from agents.deep_critic import OPINION_SCHEMA
from agents.relay.capsules import capsule
from agents.relay.contracts import Capsule, CheckRun
from errors import VesperaError
from llm.contracts import CallRecord, ModelCall
from llm.router import Router

TASK = "relay.critique"
DIFF_CHARACTERS = 18_000
REPLY_TOKENS = 1_024


class Objection(msgspec.Struct, frozen=True):
    """What a critic has against a proposal."""

    rule: str
    location: str
    message: str


class _Opinion(msgspec.Struct, forbid_unknown_fields=True):
    verdict: Literal["PASS", "FAIL"]
    violations: list[Objection] = []


class Critic:
    """Asks a model other than the author's where there is one."""

    def __init__(self, router: Router) -> None:
        self._router = router

    @property
    def configured(self) -> bool:
        """Whether there is a model to ask."""
        return self._router.configured

    async def critique(
        self, goal: str, diff: str, passed: Sequence[str], author: str, on_call: Callable[[CallRecord], None]
    ) -> tuple[tuple[Objection, ...], str]:
        """The objections, and who spoke; nobody when no usable reply came."""
        call = ModelCall(
            "critique",
            TASK,
            system="You check proposed changes of code and answer in JSON.",
            user=await asyncio.to_thread(
                prompts.render,
                "relay_critique",
                {"goal": goal[:4_000], "diff": _bounded(diff), "checks": passed[:20]},
            ),
            schema_name="critique",
            schema=OPINION_SCHEMA,
            max_tokens=REPLY_TOKENS,
            temperature=0.0,
        )
        try:
            reply = await self._router.complete(call, avoid=author or None, on_call=on_call)
            opinion = msgspec.json.decode(reply.text, type=_Opinion)
        except (VesperaError, msgspec.MsgspecError, UnicodeError):
            return (), ""
        if opinion.verdict == "PASS":
            return (), f"{reply.provider} · {reply.model}"
        found = tuple(Objection(o.rule[:60], o.location[:120], o.message[:500]) for o in opinion.violations[:20])
        named = found or (Objection("unspecified", "", "The critique rejects the change without saying why."),)
        return named, f"{reply.provider} · {reply.model}"


def of_objections(objections: Sequence[Objection], run: CheckRun) -> Capsule:
    """One capsule for what a critic said; its hash covers rule and place, because prose varies."""
    first = objections[0]
    return capsule(
        "critique",
        title=f"The critique objects: {first.message}",
        location=first.location,
        failing_check=run.name,
        error=first.rule,
        cause=first.message,
        steps=[objection.message for objection in objections[:5]],
        observations=[f"{o.location}: {o.message} ({o.rule})" for o in objections],
        files=[first.location] if "." in first.location else (),
    )


def _bounded(diff: str) -> str:
    return diff if len(diff) <= DIFF_CHARACTERS else diff[:DIFF_CHARACTERS] + "\n… cut\n"
