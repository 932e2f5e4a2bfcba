"""Vespera's side of `bench pipeline`: the real pipeline over a block with one fact and a model without latency."""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from agents.arbiter import Arbiter
from agents.contracts import Request
from agents.deep_critic import DeepCritic
from agents.drafting import Drafting
from agents.outcomes import Acceptance
from agents.pipeline import Limits, Pipeline
from agents.policy import Policy
from agents.truth_thread import TruthThread
from agents.weaver_stylist import Weaver
from benchmarks.figures import ROOT, percentile, resident_mib, written_bytes
from database import Blackboard
from llm.budget import BudgetLimits
from llm.contracts import ModelCall, ModelReply
from llm.offline import OfflineModel
from llm.router import Router
from truth_blocks.contracts import Brief, Command, LookUp, Presented, Question, Report, Topic, Violation


class SumBlock:
    """Questions of the form ``n``, answered by ``{"answer": n + 1}``: the least a critic can really check."""

    name = "sum"
    version = "1"
    commands: Sequence[Command] = (Command("/ask", "ask", "A sum.", "/ask question: 1"),)

    def recognise(self, text: str) -> Question | None:
        return None

    def resolve(self, question: Question) -> Topic:
        number = question.options["question"]
        return Topic("ask", number, "1", number, {"number": int(number)})

    def look_up(self, topic: Topic) -> LookUp | None:
        return None

    def brief(self, topic: Topic, token_bound: int) -> Brief:
        return Brief("ask", {"question": str(topic.subject["number"])})

    def draft_schema(self, task_type: str) -> Mapping[str, Any]:
        return {"type": "object", "properties": {"answer": {"type": "integer"}}, "required": ["answer"]}

    def check(self, topic: Topic, draft: str) -> Report:
        said = msgspec.json.decode(draft)["answer"]
        wrong = () if said == topic.subject["number"] + 1 else (Violation("sum", "answer", "wrong"),)
        return Report(1, 1 - len(wrong), wrong)

    def present(self, topic: Topic, draft: str) -> Presented:
        return Presented(draft)

    def draft_offline(self, topic: Topic, findings: Sequence[Violation]) -> str:
        return json.dumps({"answer": topic.subject["number"] + 1})

    def fallback(self, topic: Topic) -> LookUp:
        return LookUp("")

    def suggest(self, task_type: str, option: str, prefix: str, chosen: Mapping[str, str]) -> list[str]:
        return []


class ZeroLatencyModel:
    """Answers at once: a draft with the sum, a critique with PASS."""

    provider = "zero"
    model = "latency"

    async def complete(self, call: ModelCall, deadline_s: float) -> ModelReply:
        if call.purpose == "critique":
            return ModelReply('{"verdict":"PASS","violations":[]}', "zero", "latency", 10, 5, 0.0, 0.0)
        number = int(call.user.split("<request>")[1].split("</request>")[0])
        return ModelReply(json.dumps({"answer": number + 1}), "zero", "latency", 10, 5, 0.0, 0.0)

    async def close(self) -> None:
        """Nothing is open."""


async def run(tasks: int, concurrency: int, folder: Path) -> dict[str, float]:
    """Answer ``tasks`` distinct questions, ``concurrency`` at a time."""
    truth, block = TruthThread(), SumBlock()
    policy = Policy.load(ROOT / "policy.toml")
    router = Router([ZeroLatencyModel()])
    blackboard = await Blackboard.open(folder)
    arbiter = Arbiter(policy, [block], blackboard, truth, cache_confidence=0.8)
    offline = OfflineModel({"ask": block.draft_offline}, truth.call)
    weaver = Weaver(router, offline, policy, truth, prompt_tokens=500, draft_tokens=100, deadline_s=10)
    critic = DeepCritic(router, policy, truth)
    drafting = Drafting(blackboard, arbiter, weaver, critic, Acceptance(3_600, 0.8), drafts=3, task_deadline_s=60)
    limits = Limits(concurrency, 100, 60, BudgetLimits())
    pipeline = Pipeline(blackboard, arbiter, drafting, models_configured=True, limits=limits)
    latencies: list[float] = []
    numbers = iter(range(tasks + concurrency * 5))

    async def ask(count: int) -> None:
        for _ in range(count):
            number = str(next(numbers))
            began = time.perf_counter()
            ticket = await pipeline.submit(Request("local", "me", "ask", f"/ask {number}", {"question": number}))
            answer = await ticket.wait()
            latencies.append((time.perf_counter() - began) * 1_000)
            if answer.status != "verified":
                raise RuntimeError(f"a task ended as {answer.status}: {answer.text}")

    await asyncio.gather(*(ask(5) for _ in range(concurrency)))  # Warm-up: imports, statements, templates.
    latencies.clear()
    cpu, wall, disk = time.process_time(), time.perf_counter(), written_bytes()
    await asyncio.gather(*(ask(tasks // concurrency) for _ in range(concurrency)))
    done = len(latencies)
    figures = {
        "cpu_ms": (time.process_time() - cpu) * 1_000 / done,
        "p50_ms": percentile(latencies, 0.5),
        "p99_ms": percentile(latencies, 0.99),
        "tasks_s": done / (time.perf_counter() - wall),
        "resident_mib": resident_mib(),
        "disk_bytes": (written_bytes() - disk) / done,
    }
    await pipeline.close()
    await blackboard.close()
    truth.close()
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, default=300)
    parser.add_argument("--concurrency", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vespera-bench-", dir=".") as scratch:
        print(json.dumps(asyncio.run(run(options.tasks, options.concurrency, Path(scratch)))))
