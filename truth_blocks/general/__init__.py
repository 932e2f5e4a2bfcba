"""Free questions that no truth block covers: answered by a model, always marked as unchecked, never cached."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from errors import DraftMalformed, UserMistake
from neutralise import visible
from truth_blocks.contracts import Brief, Command, LookUp, Option, Presented, Question, Report, Topic, Violation


class _Draft(msgspec.Struct, forbid_unknown_fields=True):
    answer: str


class GeneralBlock:
    """The block without facts: its report counts nothing as checkable, so its answers are *unchecked*."""

    name = "general"
    version = "1"
    commands: Sequence[Command] = (
        Command(
            path="/ask",
            task_type="ask",
            help="Any question: checked where the rules or provider data cover it, marked as unchecked elsewhere.",
            example="/ask question: what does grappled do?",
            options=(Option("question", "What you want to know.", required=True, max_length=1_000),),
        ),
    )

    def recognise(self, text: str) -> Question | None:
        """Nothing is plainly about no block."""
        return None

    def resolve(self, question: Question) -> Topic:
        """Any text up to the option's length; the key folds case and white space."""
        text = " ".join(question.options.get("question", "").split())
        if not text:
            raise UserMistake(
                "The question is empty. Write it after question:, for example /ask question: what is cover?"
            )
        return Topic("ask", text.casefold(), "general", text[:80], {"question": text})

    def look_up(self, topic: Topic) -> LookUp | None:
        """There are no facts to look up."""
        return None

    def brief(self, topic: Topic, token_bound: int) -> Brief:
        """The question alone."""
        return Brief("ask", {"question": topic.subject["question"]})

    def draft_schema(self, task_type: str) -> Mapping[str, Any]:
        """One text."""
        return {
            "type": "object",
            "properties": {"answer": {"type": "string"}},
            "required": ["answer"],
            "additionalProperties": False,
        }

    def check(self, topic: Topic, draft: str) -> Report:
        """Holds the shape only; nothing in it can be checked."""
        if not visible(_parse(draft).answer).strip():
            raise DraftMalformed("The answer is empty.")
        return Report(checkable=0, verified=0)

    def present(self, topic: Topic, draft: str) -> Presented:
        """The text as it is; the fronts put the unchecked mark before it."""
        return Presented(_parse(draft).answer.strip())

    def draft_offline(self, topic: Topic, findings: Sequence[Violation]) -> str:
        """The embedded model knows the truth blocks only, and says so."""
        raise UserMistake(
            "No truth block covers this question, and no language model is configured to answer it unchecked. "
            "Nothing was sent. Ask about the D&D rules or Terraform, or add a model with ./vespera setup."
        )

    def fallback(self, topic: Topic) -> LookUp:
        """Without facts there is nothing to fall back on."""
        return LookUp("No draft passed its checks, and no data of this house covers the question.")

    def suggest(self, task_type: str, option: str, prefix: str, chosen: Mapping[str, str]) -> list[str]:
        """Questions are not completed."""
        return []


def _parse(draft: str) -> _Draft:
    try:
        return msgspec.json.decode(draft, type=_Draft)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise DraftMalformed(f"The draft is not the agreed JSON: {error}") from None
