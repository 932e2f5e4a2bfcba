"""The daily token budget. Pure: who counts and stores what was spent is another room's business."""

import msgspec

from errors import BudgetSpent


class BudgetLimits(msgspec.Struct, frozen=True):
    """Tokens (sent and received together) per day in UTC; 0 means no limit."""

    per_tenant: int = 0
    per_user: int = 0


def check_budget(spent_tokens_tenant: int, spent_tokens_user: int, limits: BudgetLimits) -> None:
    """Let a request through while both budgets have something left.

    Raises:
        BudgetSpent: the day's tokens of the server or of the person are used up; says when they come back.
    """
    if 0 < limits.per_tenant <= spent_tokens_tenant:
        raise BudgetSpent(_sentence("This server has", "its", spent_tokens_tenant, limits.per_tenant))
    if 0 < limits.per_user <= spent_tokens_user:
        raise BudgetSpent(_sentence("You have", "your", spent_tokens_user, limits.per_user))


def _sentence(who: str, whose: str, spent: int, limit: int) -> str:
    return (
        f"{who} used {whose} model budget of today ({spent:,} of {limit:,} tokens). Nothing was sent to a model. "
        "It resets at midnight UTC; look-ups and rolls still work."
    )
