"""LangGraph's side of `bench pipeline`: the same three nodes over its SQLite checkpointer, each step durable."""

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import TypedDict

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph

from benchmarks.figures import percentile, resident_mib, written_bytes


class State(TypedDict, total=False):
    """What flows through the graph."""

    question: str
    route: str
    draft: str
    attempts: int
    verdict: str


async def arbiter(state: State) -> State:
    return {"route": "generate", "attempts": 0}


async def weaver(state: State) -> State:
    return {"draft": json.dumps({"answer": int(state["question"]) + 1}), "attempts": state["attempts"] + 1}


async def critic(state: State) -> State:
    right = json.loads(state["draft"])["answer"] == int(state["question"]) + 1
    second = json.loads('{"verdict":"PASS","violations":[]}')["verdict"] == "PASS"
    return {"verdict": "PASS" if right and second else "FAIL"}


def after_critic(state: State) -> str:
    return END if state["verdict"] == "PASS" or state["attempts"] >= 3 else "weaver"


async def run(tasks: int, concurrency: int, folder: Path) -> dict[str, float]:
    """Answer ``tasks`` distinct questions, ``concurrency`` at a time, a thread of the checkpointer each."""
    graph = StateGraph(State)
    graph.add_node("arbiter", arbiter)
    graph.add_node("weaver", weaver)
    graph.add_node("critic", critic)
    graph.add_edge(START, "arbiter")
    graph.add_edge("arbiter", "weaver")
    graph.add_edge("weaver", "critic")
    graph.add_conditional_edges("critic", after_critic)
    latencies: list[float] = []
    numbers = iter(range(tasks + concurrency * 5))
    async with AsyncSqliteSaver.from_conn_string(str(folder / "checkpoints.sqlite")) as saver:
        compiled = graph.compile(checkpointer=saver)

        async def ask(count: int) -> None:
            for _ in range(count):
                number = str(next(numbers))
                began = time.perf_counter()
                state = await compiled.ainvoke(
                    {"question": number}, {"configurable": {"thread_id": number}}, durability="sync"
                )
                latencies.append((time.perf_counter() - began) * 1_000)
                if state["verdict"] != "PASS":
                    raise RuntimeError("a task failed")

        await asyncio.gather(*(ask(5) for _ in range(concurrency)))
        latencies.clear()
        cpu, wall, disk = time.process_time(), time.perf_counter(), written_bytes()
        await asyncio.gather(*(ask(tasks // concurrency) for _ in range(concurrency)))
        done = len(latencies)
        return {
            "cpu_ms": (time.process_time() - cpu) * 1_000 / done,
            "p50_ms": percentile(latencies, 0.5),
            "p99_ms": percentile(latencies, 0.99),
            "tasks_s": done / (time.perf_counter() - wall),
            "resident_mib": resident_mib(),
            "disk_bytes": (written_bytes() - disk) / done,
        }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, default=300)
    parser.add_argument("--concurrency", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vespera-bench-", dir=".") as scratch:
        print(json.dumps(asyncio.run(run(options.tasks, options.concurrency, Path(scratch)))))
