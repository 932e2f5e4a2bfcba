"""The most central sentences of some texts, as they stand: a summary that can state nothing that was not said."""

import asyncio
import re
from collections.abc import Sequence

from memory.embedders.embedded import embed

_END = re.compile(r"(?<=[.!?])\s+|\n+")
MOST_SENTENCES = 600
LIKE = 0.6
"""Cosine from which two sentences say the same."""


async def central_sentences(texts: Sequence[str], characters: int) -> str:
    """Up to so many characters of sentences near the middle of all of them, none like another, in their order."""
    return await asyncio.to_thread(_central, texts, characters)


def _central(texts: Sequence[str], characters: int) -> str:
    import numpy as np

    parts = (part.strip() for text in texts for part in _END.split(text))
    sentences = list(dict.fromkeys(part for part in parts if len(part.split()) > 3))[:MOST_SENTENCES]
    if not sentences:
        return ""
    vectors = embed(sentences)
    order = np.argsort(-(vectors @ vectors.mean(axis=0)), kind="stable")
    chosen: list[int] = []
    room = characters
    for at in order.tolist():
        if len(sentences[at]) < room and all(float(vectors[at] @ vectors[other]) < LIKE for other in chosen):
            chosen.append(at)
            room -= len(sentences[at]) + 1
    return " ".join(sentences[at] for at in sorted(chosen))
