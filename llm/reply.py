"""From the pieces of a reply to a reply, or to the error that says why there is none.

Every remote model goes through here, so deadline, stall, size, finish reason and token counts mean the same for all.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from errors import ModelRejected, ModelTimeout, ModelUnavailable
from llm.contracts import ModelCall, ModelReply
from llm.limits import MAX_REPLY_CHARACTERS, Patience
from llm.prices import Price
from llm.text import estimated_tokens, json_text, whole_characters

_COMPLETE = {"stop", "eos", "end_turn", "stop_sequence"}
_CUT = {"length", "max_tokens"}
_FILTERED = {"content_filter", "safety", "recitation", "blocklist", "prohibited_content", "spii", "refusal"}
_AFTER_FINISH_S = 2.0
"""The token counts may follow the finish reason; a server that holds the line open then must not hold us."""


class Piece(msgspec.Struct, frozen=True):
    """Part of a reply as it arrives; a reply that is not streamed is one piece."""

    text: str = ""
    finish: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None


class Author(msgspec.Struct, frozen=True):
    """Whose reply it is, and what it costs."""

    provider: str
    model: str
    price: Price


class Gathered(msgspec.Struct):
    """What has arrived so far."""

    texts: list[str] = []
    characters: int = 0
    finish: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None

    def add(self, piece: Piece) -> None:
        """Take a piece in."""
        self.texts.append(piece.text)
        self.characters += len(piece.text)
        self.finish = (piece.finish or self.finish).lower()
        self.tokens_in = self.tokens_in if piece.tokens_in is None else piece.tokens_in
        self.tokens_out = self.tokens_out if piece.tokens_out is None else piece.tokens_out


async def reply_from(
    pieces: AsyncGenerator[Piece, None], call: ModelCall, author: Author, patience: Patience, deadline_s: float
) -> ModelReply:
    """Read the pieces to their end within the deadline (seconds).

    Raises:
        ModelTimeout: the deadline passed, or the stream stalled.
        ModelUnavailable: it ended without a finish reason.
        ModelRejected: it was empty, is beyond any draft's size, or the provider's content filter stopped it.
    """
    began = time.monotonic()
    try:
        async with asyncio.timeout(deadline_s), aclosing(pieces):
            gathered = await _gather(pieces, author.provider, patience, max(patience.first_s, call.patience_s))
    except TimeoutError:
        raise ModelTimeout(author.provider, f"no complete reply within {deadline_s:.3g} s") from None
    return _judged(gathered, call, author, (time.monotonic() - began) * 1_000)


async def _gather(pieces: AsyncGenerator[Piece, None], provider: str, patience: Patience, first_s: float) -> Gathered:
    gathered, wait_s = Gathered(), first_s
    while True:
        try:
            async with asyncio.timeout(wait_s) as stall:
                gathered.add(await anext(pieces))
        except StopAsyncIteration:
            return gathered
        except TimeoutError:
            if gathered.finish:
                return gathered
            if stall.expired():
                raise ModelTimeout(provider, f"nothing came for {wait_s:.3g} s") from None
            raise
        if gathered.characters > MAX_REPLY_CHARACTERS:
            raise ModelRejected(provider, f"the reply is longer than {MAX_REPLY_CHARACTERS // 1024} kB")
        wait_s = _AFTER_FINISH_S if gathered.finish else patience.gap_s


def _judged(gathered: Gathered, call: ModelCall, author: Author, duration_ms: float) -> ModelReply:
    finish, whole = gathered.finish, whole_characters("".join(gathered.texts))
    if not finish:
        raise ModelUnavailable(author.provider, "the stream dropped before the reply was complete")
    if finish in _FILTERED:
        raise ModelRejected(author.provider, "its content filter stopped the reply")
    text = json_text(whole)
    if not text and finish not in _CUT:
        # Of what was asked, not of the server: whoever gets a model to say nothing must not have it left alone.
        raise ModelRejected(author.provider, "an empty reply")
    tokens_in, tokens_out = gathered.tokens_in, gathered.tokens_out
    if tokens_in is None:
        tokens_in = estimated_tokens(call.system, call.user)
    if tokens_out is None:
        tokens_out = estimated_tokens(whole)
    return ModelReply(
        text=text,
        provider=author.provider,
        model=author.model,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        cost_usd=author.price.cost_usd(tokens_in, tokens_out),
        duration_ms=duration_ms,
        note=_note(finish, call.max_tokens),
    )


def _note(finish: str, max_tokens: int) -> str:
    if finish in _CUT:
        return f"cut at the limit of {max_tokens:,} tokens"
    return "" if finish in _COMPLETE else f"finished with {finish[:30]}"
