"""What a call costs, in US dollars.

Public list prices per million tokens, read from the providers' price pages and their copies; a model not listed here
costs 0 in the books. Thinking tokens are billed as output. The operator may override with own prices.
"""

from collections.abc import Mapping

import msgspec

AS_OF = "2026-06"


class Price(msgspec.Struct, frozen=True):
    """US dollars per million tokens."""

    input: float
    output: float

    def cost_usd(self, tokens_in: int, tokens_out: int) -> float:
        """What a call with that many tokens costs."""
        return (tokens_in * self.input + tokens_out * self.output) / 1_000_000


FREE = Price(0.0, 0.0)

PRICES: Mapping[str, Price] = {
    "openai/gpt-oss-120b": Price(0.15, 0.60),
    "openai/gpt-oss-20b": Price(0.075, 0.30),
    "llama-3.3-70b-versatile": Price(0.59, 0.79),
    "llama-3.1-8b-instant": Price(0.05, 0.08),
    "gemini-3.1-flash-lite": Price(0.25, 1.50),
    "gemini-2.5-pro": Price(1.25, 10.00),
    "gemini-2.5-flash": Price(0.30, 2.50),
    "gemini-2.5-flash-lite": Price(0.10, 0.40),
    "gpt-4.1-mini": Price(0.40, 1.60),
    "gpt-4o-mini": Price(0.15, 0.60),
}


def price_of(model: str, overrides: Mapping[str, Price] | None = None) -> Price:
    """The price of a model: the operator's own first, then the table, else free."""
    if overrides and model in overrides:
        return overrides[model]
    return PRICES.get(model, FREE)
