"""Every error Vespera raises on purpose.

VesperaError
├── UserMistake            the request cannot be answered as asked; the text is what the person reads
│   └── NoJobs             no coding job was ever started in this data directory
├── Busy                   three run, ten wait: nothing was queued, try again later
├── TooFast                this person or server asks faster than allowed; nothing was queued
├── Refused                the policy file says no
├── NotAllowed             this person may not do this
├── BadConfiguration       a setting is missing or wrong; the process cannot start
├── BudgetSpent            today's model budget of this server or person is used up
├── ModelError             one call to a language model did not give a usable reply
│   ├── ModelTimeout       no reply within the deadline
│   ├── ModelRateLimited   429; carries when to try again
│   ├── ModelUnavailable   connection refused, 5xx, stream dropped
│   └── ModelRejected      4xx that another try cannot mend (bad key, unknown model)
│       └── ModelFormatRefused  the server refused how the reply's form was asked for; the next try asks another way
├── ModelsUnavailable      every model that could have answered failed
├── DraftMalformed         a reply that is not valid JSON of the agreed shape
├── RelayError             a coding job cannot go on as asked
│   ├── GitFailed          a git command did not do what it was asked
│   ├── RoleGone           a role that runs elsewhere did not answer as agreed
│   ├── RelayGone          no relay listens on its socket, or it ended before it answered
│   └── BranchMoved        somebody else moved the job's branch
├── Stopping               the process is closing; an accepted task is kept and goes on at the next start
├── SandboxFailed          the sandbox could not be made; the command was not run
├── LeaseLost              another worker took the task over; this one must stop
├── IndexDamaged           an index file of the memory fails its check; it is rebuilt from the store
└── StoreError             the blackboard cannot be used
    ├── StoreLocked        another process holds the data directory
    ├── StoreReadOnly      the file or its folder cannot be written
    ├── StoreFull          no space left; the transaction was rolled back
    ├── StoreCorrupt       a page or a row fails its check
    └── StoreTooNew        written by a newer version of Vespera

The text of an error is what a person reads: what happened, whether anything changed, what to do next.
"""

import math


class VesperaError(Exception):
    """Base of all errors raised on purpose; ``str(error)`` is fit to be shown to a person."""

    task_id: int | None = None
    """The task it happened to, once that has a number."""


class UserMistake(VesperaError):
    """The request cannot be answered as asked, for example an unknown spell name."""


class NoJobs(UserMistake):
    """No coding job was ever started in this data directory."""


class Busy(VesperaError):
    """Running and waiting places are all taken; nothing was queued."""

    def __init__(self, running: int, waiting: int, retry_after_s: int) -> None:
        super().__init__(
            f"Server busy: {running} answers are being made and {waiting} are waiting. "
            f"Nothing was queued. Try again in about {retry_after_s} s."
        )
        self.running, self.waiting, self.retry_after_s = running, waiting, retry_after_s


class TooFast(VesperaError):
    """A person or a server asks faster than the operator allows; nothing was queued."""

    def __init__(self, whose: str, per_minute: float, retry_after_s: float) -> None:
        who = "You ask" if whose == "user" else "This server asks"
        wait = max(1, math.ceil(retry_after_s))
        super().__init__(
            f"{who} faster than is allowed ({per_minute:g} requests a minute; one that needs a draft counts as four). "
            f"Nothing was queued. Try again in {wait} s."
        )
        self.retry_after_s = wait


class Refused(VesperaError):
    """The policy refuses the request; ``rule`` names the policy rule."""

    def __init__(self, message: str, rule: str) -> None:
        super().__init__(message)
        self.rule = rule


class NotAllowed(VesperaError):
    """The person may not do this; re-checked in code whatever Discord shows."""


class BadConfiguration(VesperaError):
    """A setting is missing or wrong. Processes exit with 78."""


class BudgetSpent(VesperaError):
    """The daily model budget of a tenant or a user is used up."""


class ModelError(VesperaError):
    """One call to a model failed. ``provider`` says whose."""

    def __init__(self, provider: str, message: str) -> None:
        super().__init__(f"{provider}: {message}")
        self.provider = provider


class ModelTimeout(ModelError):
    """No complete reply within the deadline."""


class ModelRateLimited(ModelError):
    """429. ``retry_after_s`` is what the server said (seconds), or None when it did not say."""

    def __init__(self, provider: str, message: str, retry_after_s: float | None) -> None:
        super().__init__(provider, message)
        self.retry_after_s = retry_after_s


class ModelUnavailable(ModelError):
    """Connection refused, 5xx, or a stream that ended without a finish reason."""


class ModelRejected(ModelError):
    """A 4xx another try cannot mend: bad key, unknown model, unsupported parameter."""


class ModelFormatRefused(ModelRejected):
    """400 about response_format, streaming or a parameter; the model has noted it and asks another way next time."""


class ModelsUnavailable(VesperaError):
    """Every model that could have answered failed; ``causes`` holds the last error of each."""

    def __init__(self, causes: "tuple[ModelError, ...]", message: str) -> None:
        super().__init__(message)
        self.causes = causes


class DraftMalformed(VesperaError):
    """A model's reply is not valid JSON of the agreed shape."""


class RelayError(VesperaError):
    """A coding job cannot go on as asked."""


class GitFailed(RelayError):
    """A git command failed; ``code`` is its exit code, -1 when it did not run to its end."""

    def __init__(self, message: str, code: int = -1) -> None:
        super().__init__(message)
        self.code = code


class RoleGone(RelayError):
    """A role that runs elsewhere did not answer as agreed."""


class RelayGone(RelayError):
    """No relay listens on its socket, or it ended before it answered."""


class BranchMoved(RelayError):
    """The job's branch stands elsewhere than its last checkpoint."""


class Stopping(VesperaError):
    """The process is closing. A task that was accepted is kept and goes on at the next start."""


class SandboxFailed(VesperaError):
    """The sandbox could not be made for this run. The command was not started."""


class LeaseLost(VesperaError):
    """A fenced write found another owner or a newer fence."""


class IndexDamaged(VesperaError):
    """An index file of the memory is missing or fails its check. Nothing was answered from it; rebuild it."""


class StoreError(VesperaError):
    """The blackboard cannot be used; nothing was half-written."""


class StoreLocked(StoreError):
    """Another process holds the data directory."""


class StoreReadOnly(StoreError):
    """The database file or its folder cannot be written."""


class StoreFull(StoreError):
    """The disk is full; the transaction was rolled back whole."""


class StoreCorrupt(StoreError):
    """A page or a row fails its check; ``what`` names it."""


class StoreSealed(StoreError):
    """Words in the database are encrypted with a key that this process was not given."""


class StoreTooNew(StoreError):
    """The database was written by a newer version."""
