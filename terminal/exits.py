"""Exit codes: what scripts depend on."""

from agents.contracts import Answer
from errors import BadConfiguration, Busy, StoreLocked, TooFast, UserMistake, VesperaError

FINE = 0
"""Verified, partly, unchecked, cached or direct; a module valid or unverifiable."""
NOT_FINE = 1
"""Fallback, refused, failed, invalid, contradicted."""
BAD_USAGE = 2
TRY_AGAIN = 75
"""Busy (EX_TEMPFAIL of sysexits.h)."""
BAD_CONFIGURATION = 78
"""EX_CONFIG of sysexits.h."""
INTERRUPTED = 130
"""Ctrl-C: 128 + SIGINT."""


def of_answer(answer: Answer) -> int:
    """The exit code that goes with an answer."""
    if answer.status == "busy":
        return TRY_AGAIN
    return FINE if answer.ok and answer.status in {"verified", "partly", "unchecked", "direct"} else NOT_FINE


def of_error(error: VesperaError) -> int:
    """The exit code that goes with an error."""
    match error:
        case UserMistake():
            return BAD_USAGE
        case Busy() | TooFast() | StoreLocked():
            return TRY_AGAIN
        case BadConfiguration():
            return BAD_CONFIGURATION
        case _:
            return NOT_FINE
