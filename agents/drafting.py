"""The drafting loop: draft, check, at most three times, then the safe fallback. Open this file and you see the product.

State lives on the blackboard: any line may be cut off by a kill, and a resumed task goes on from what was committed.
"""

import asyncio
import logging
import time
from collections.abc import Sequence

import msgspec

import faults
import metrics
from agents import kept, outcomes
from agents.arbiter import Arbiter
from agents.contracts import Answer, Stage
from agents.deep_critic import DeepCritic, Judged
from agents.passages import NOTHING, Remembered, trace_of
from agents.recollection import Recollection
from agents.weaver_stylist import Draft, Weaver
from agents.work import Work, step
from blackboard.contracts import CacheEntry, Correction, TaskStatus
from database import Blackboard
from errors import LeaseLost, ModelsUnavailable, StoreError, VesperaError
from truth_blocks.contracts import TruthBlock

log = logging.getLogger("vespera.drafting")

FACTS_CAN = "I can answer from the facts alone, without a model."
"""What stands before the button *Do that*, and before the flag that does it in a terminal."""


class Drafting:
    """Turns a running task into a closed one: Weaver-Stylist → Deep Critic → answer, again, or fallback."""

    def __init__(
        self,
        blackboard: Blackboard,
        arbiter: Arbiter,
        weaver: Weaver,
        critic: DeepCritic,
        acceptance: outcomes.Acceptance,
        *,
        drafts: int,
        task_deadline_s: float,
        recollection: Recollection | None = None,
    ) -> None:
        self._blackboard = blackboard
        self._arbiter = arbiter
        self._weaver = weaver
        self.commission = weaver.commission
        self._critic = critic
        self._acceptance = acceptance
        self._most = drafts
        self._task_deadline_s = task_deadline_s
        self._recollection = recollection

    async def answer(self, work: Work) -> Answer:
        """Make and commit the answer of a task whose lease is held.

        Raises:
            LeaseLost, StoreError: nothing could be committed; every other end is an answer.
        """
        try:
            async with asyncio.timeout(self._task_deadline_s):
                return await self._drafts(work)
        except TimeoutError:
            text = f"No answer within {self._task_deadline_s:g} s, so the task was closed. Nothing was sent. Try again."
            return await self._close(work, "failed", outcomes.failed(work, text))
        except ModelsUnavailable as error:
            facts = work.payload.block != "general"
            text = f"{error} Nothing was sent. {FACTS_CAN if facts else 'Try again later.'}"
            return await self._close(work, "failed", outcomes.failed(work, text, offer_rules=facts))
        except (LeaseLost, StoreError):
            raise
        except VesperaError as error:
            return await self._close(work, "failed", outcomes.failed(work, str(error)))
        except Exception:
            log.exception("task %s failed", work.task_id)
            text = "Something inside Vespera failed, so the task was closed. Nothing was sent. The log has the details."
            return await self._close(work, "failed", outcomes.failed(work, text))

    async def _drafts(self, work: Work) -> Answer:
        block = self._arbiter.block(work.payload.block)
        while work.attempt <= self._most:
            draft = await self._draft(work, block)
            judged = await self._judge(work, block, draft)
            if judged.verdict.passed:
                return await self._accept(work, draft, judged)
            await self._reject(work, draft, judged)
        return await self._fall_back(work, block)

    async def _draft(self, work: Work, block: TruthBlock) -> Draft:
        work.tell(Stage("drafting", work.attempt, self._most, _why_again(work)))
        remembered = await self._recall(work)
        began = time.monotonic()
        faults.point("draft.call.before")
        commission, work.commission = work.commission, None
        draft = await self._weaver.draft(
            block, work.payload.topic, work.findings, offline=work.offline, on_call=work.called, commission=commission,
            passages=remembered.passages,
        )  # fmt: skip
        faults.point("draft.call.after")
        metrics.STAGE_SECONDS.observe(time.monotonic() - began, "draft")
        reply = draft.reply
        work.steps.append(
            step(
                "Weaver", "draft", began=began, attempt=work.attempt, provider=reply.provider, model=reply.model,
                tokens_in=reply.tokens_in, tokens_out=reply.tokens_out, cost_usd=reply.cost_usd, prompt=draft.prompt,
                findings=len(work.findings),
            )
        )  # fmt: skip
        return draft

    async def _recall(self, work: Work) -> Remembered:
        """What the memory holds on a task, asked once; the embedded model reads no prompt and needs none."""
        if work.remembered is None:
            work.remembered = NOTHING
            if self._recollection is not None and not work.offline:
                request, began = work.payload.request, time.monotonic()
                asked = " ".join(request.options.values())
                found = await self._recollection.for_topic(request.tenant, work.payload.topic, asked)
                work.remembered = found
                if found != NOTHING:
                    work.steps.append(step("Memory", "recalled", began=began, **trace_of(found)))
        return work.remembered

    async def _judge(self, work: Work, block: TruthBlock, draft: Draft) -> Judged:
        work.tell(Stage("checking", work.attempt, self._most, _why_again(work)))
        began = time.monotonic()
        faults.point("critique.call.before")
        judged = await self._critic.judge(block, work.payload.topic, draft, alone=work.offline, on_call=work.called)
        faults.point("critique.call.after")
        verdict = judged.verdict
        metrics.STAGE_SECONDS.observe(time.monotonic() - began, "check")
        metrics.VERDICTS.add("pass" if verdict.passed else "fail", verdict.second_opinion)
        work.steps.append(
            step(
                "Critic", "verdict", began=began, attempt=work.attempt, passed=verdict.passed,
                checkable=verdict.checkable, verified=verdict.verified, violations=verdict.violations,
                unverifiable=len(verdict.unverifiable), second_opinion=verdict.second_opinion,
                critic=verdict.critic, facts=block.version,
            )
        )  # fmt: skip
        return judged

    async def _accept(self, work: Work, draft: Draft, judged: Judged) -> Answer:
        answer = outcomes.with_quotes(outcomes.accepted(work, draft, judged), work)
        entry = self._acceptance.entry(work, answer)
        work.steps.append(
            step(
                "Pipeline", "answered", status=answer.status, confidence=answer.confidence, prompt=draft.prompt,
                cached_h=round(self._acceptance.keep_s / 3_600, 2) if entry else 0, facts=work.payload.topic.variant,
            )
        )  # fmt: skip
        return await self._close(work, "done", answer, entry)

    async def _reject(self, work: Work, draft: Draft, judged: Judged) -> None:
        errors = tuple(found for found in judged.verdict.violations if found.severity == "error")
        work.findings = errors
        work.rejected += 1
        work.attempt += 1
        corrections = [
            Correction(found.rule, f"{found.location}: {found.message}", "" if index else kept.draft(draft.reply.text))
            for index, found in enumerate(errors)
        ]
        await self._commit_attempt(work, corrections)

    async def _fall_back(self, work: Work, block: TruthBlock) -> Answer:
        known = await self._weaver.fallback(block, work.payload.topic)
        answer = outcomes.with_quotes(outcomes.fallen_back(work, known), work)
        work.steps.append(step("Pipeline", "fallback", rejected=work.rejected, facts=block.version))
        return await self._close(work, "done", answer)

    # -- commits

    async def _commit_attempt(self, work: Work, corrections: Sequence[Correction]) -> None:
        """The verdict, what it taught, and the number of the next attempt, in one fenced transaction."""
        steps, calls = work.take()
        await self._blackboard.reject(
            work.held,
            retry_count=work.rejected,
            attempt=work.attempt,
            steps=steps,
            corrections=corrections,
            calls=calls,
        )

    async def _close(self, work: Work, status: TaskStatus, answer: Answer, cache: CacheEntry | None = None) -> Answer:
        if status == "failed":
            work.steps.append(step("Pipeline", "failed", message=answer.text))
        steps, calls = work.take()
        await self._blackboard.finish(
            work.held, status=status, retry_count=work.rejected, result=msgspec.json.encode(answer), steps=steps,
            corrections=(), calls=calls, cache=cache,
        )  # fmt: skip
        if self._recollection is not None:
            self._recollection.wake()
        return answer


def _why_again(work: Work) -> str:
    return work.findings[0].message if work.findings else ""
