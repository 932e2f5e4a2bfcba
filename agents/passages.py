"""What was recalled for a task, as prompts, traces and answers show it."""

import msgspec

LEAST_SHARE = 0.5
"""Of a question's content words in a memory that is near by its words."""
QUOTED = 2
"""Notes quoted under an answer."""
QUOTED_CHARACTERS = 300


class Passage(msgspec.Struct, frozen=True):
    """A memory as a prompt and a trace show it."""

    id: int
    kind: str
    text: str
    score: float
    age: str
    trusted: bool
    user: str
    near: float
    """Share of the question's content words that it holds."""


class Remembered(msgspec.Struct, frozen=True):
    """What was recalled for one task."""

    passages: tuple[Passage, ...] = ()
    plan: str = ""
    model: str = ""
    note: str = ""

    @property
    def quotes(self) -> tuple[Passage, ...]:
        """What people taught that is plainly about the question: shown under the answer, as theirs."""
        return tuple(each for each in self.passages if each.kind == "note" and each.near >= LEAST_SHARE)[:QUOTED]


NOTHING = Remembered()


def age(seconds: float) -> str:
    """``3 d``, ``5 h``, ``2 min``."""
    minutes = max(0, int(seconds // 60))
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1_440} d"


def trace_of(found: Remembered) -> dict[str, object]:
    """What was used, for the trace: which, how near, how old; the text is in the memory."""
    used = [{"id": each.id, "kind": each.kind, "score": each.score, "age": each.age} for each in found.passages]
    return {"used": used, "plan": found.plan, "model": found.model, "note": found.note}


def quoted(found: Remembered) -> str:
    """Notes that are plainly about the question, as people wrote them and marked as theirs; empty without any."""
    lines = [
        f"> {' '.join(each.text.split())[:QUOTED_CHARACTERS]}\n> -# taught here, unchecked · note {each.id}"
        for each in found.quotes
    ]
    return "\n".join(lines)
