"""A model for the tour that gets its first draft wrong, as models do, so that a rejection can be watched."""

import json
from typing import Any

from llm.contracts import ModelCall, ModelReply
from truth_blocks.contracts import Question
from truth_blocks.dnd5e import Dnd5eBlock

TOPIC = "exhaustion"
_PASS = {"verdict": "PASS", "violations": []}


class CarelessModel:
    """Implements `llm.contracts.LanguageModel` in this process: nothing is sent anywhere."""

    provider = "careless"
    model = "scripted for this tour"

    def __init__(self) -> None:
        block = Dnd5eBlock("5.2")
        self._right = block.draft_offline(block.resolve(Question("dnd.rule", {"topic": TOPIC})), ())
        self._drafts = 0

    async def complete(self, call: ModelCall, deadline_s: float) -> ModelReply:
        """The first draft is wrong in one number, the next is right; as a critic it has no objection."""
        if call.purpose == "critique":
            return self._reply(json.dumps(_PASS))
        self._drafts += 1
        return self._reply(self._right if self._drafts > 1 else _with_a_wrong_number(self._right))

    async def close(self) -> None:
        """Nothing is open."""

    def _reply(self, text: str) -> ModelReply:
        return ModelReply(text, self.provider, self.model, 0, len(text) // 4, 0.0, 0.0)


def _with_a_wrong_number(draft: str) -> str:
    wrong: dict[str, Any] = json.loads(draft)
    for claim in wrong["claims"]:
        if claim["field"] == "max_level":
            wrong["answer"] = wrong["answer"].replace(f"add up to {claim['value']}", "add up to 10")
            claim["value"] = "10"
    return json.dumps(wrong)
