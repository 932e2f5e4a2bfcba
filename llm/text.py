"""Text that goes to a model and comes back: fences, thoughts, token estimates."""

import re

CHARACTERS_PER_TOKEN = 3.5
"""A rule of thumb for English and JSON, used where a provider reports no usage."""

_THOUGHT = re.compile(r"\s*<think>.*?</think>", re.DOTALL)
_FENCE = re.compile(r"```[\w-]*[ \t]*\n(.*?)\n?[ \t]*```", re.DOTALL)


def json_text(reply: str) -> str:
    """The reply without a reasoning model's leading ``<think>`` blocks and without one surrounding code fence.

    Nothing else is mended: whether the rest is JSON of the agreed shape is the critic's to decide.
    """
    text = reply
    while found := _THOUGHT.match(text):
        text = text[found.end() :]
    fenced = _FENCE.fullmatch(text.strip())
    if fenced and "```" not in fenced[1]:
        return fenced[1].strip()
    return text.strip()


def estimated_tokens(*texts: str) -> int:
    """Tokens of the texts together, estimated from their length."""
    return round(sum(map(len, texts)) / CHARACTERS_PER_TOKEN)
