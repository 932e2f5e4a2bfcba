"""A job of a hundred goals with planned defects: it holds its thread, and no prompt outgrows its bound."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.promises import Promise
from tests.relay import house
from tests.relay.house import CRITIC, PASS, answer, git
from tests.scripted_model import Reply
from tests.scripted_wire import Received

GOALS = 100
DEFECT_EVERY = 5
MODULE = "\n".join(f"def step_{n}(value, scale=1):\n    return value * scale + {n}\n\n" for n in range(40))
FILES = {
    **{f"lib/part{n:02}.py": f"import lib.part{(n + 1) % 30:02}\n\n{MODULE}" for n in range(30)},
    "state.txt": "value 0\nend\n",
    "tests/check.sh": "grep -q bad state.txt && { echo 'error: a bad value'; exit 1; }; exit 0\n",
    "relay.toml": 'test = "sh tests/check.sh"\n',
}


class Author:
    """Goal n sets the value to n; of every fifth goal the first try is bad. Its prose grows as models' prose does."""

    def __init__(self) -> None:
        self.characters: list[int] = []
        self.calls: Counter[str] = Counter()

    def __call__(self, request: Received) -> Reply:
        text = "".join(message["content"] for message in request.body["messages"])
        self.characters.append(len(text))
        if CRITIC in text:
            self.calls["critique"] += 1
            return Reply(text=PASS, usage=False)
        self.calls["build"] += 1
        number = int(re.search(r"Your goal now: set (\d+)", text)[1])  # type: ignore[index]
        bad = number % DEFECT_EVERY == 0 and "was refuted" not in text
        new = f"bad {number}" if bad else f"value {number}"
        diff = f"--- a/state.txt\n+++ b/state.txt\n@@ -1,2 +1,2 @@\n-value {number - 1}\n+{new}\n end\n"
        said = answer(
            {"file": "state.txt", "diff": diff},
            synopsis="word " * 119,
            open_issues=[f"issue {n} " + "of many words " * 40 for n in range(30)],
            retrieval_keys=[f"step_{n}" for n in range(30)],
            next_goal="something else altogether",
        )
        return Reply(text=said, usage=False)


@pytest.mark.timeout(180)
async def test_a_hundred_goals_with_planned_defects(tmp_path: Path, promise: Promise) -> None:
    repo = house.make_repo(tmp_path, FILES)
    author = Author()
    roadmap = [f"set {number}" for number in range(1, GOALS + 1)]
    defects = GOALS // DEFECT_EVERY
    document, _ = await house.run(
        tmp_path, repo, author, goal="count up", roadmap=roadmap, relay_calls=GOALS * 2 + defects
    )
    # After the last item the Builder's next goal counts; the budget of calls ends it there.
    assert document.outcome == "escalated" and "budget" in document.reason
    assert (document.iterations, document.defects, len(document.checkpoints)) == (GOALS + defects, defects, GOALS)
    assert author.calls == {"build": GOALS + defects, "critique": GOALS}
    assert document.llm_calls == 2 * GOALS + defects
    assert max(author.characters) / 3.5 < 10_000
    assert document.max_prompt_tokens < 10_000
    assert max(author.characters[10:]) < 1.1 * max(author.characters[:10])  # no growth with the job's length
    assert git(repo, "rev-list", "--count", "main..vespera/r1") == str(GOALS)
    assert git(repo, "show", "vespera/r1:state.txt") == f"value {GOALS}\nend"
    promise(
        "Prompts do not grow with a job's length.", f"{GOALS} goals, {defects} planned defects, below 10,000 tokens"
    )
