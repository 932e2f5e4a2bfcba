"""Every error Vespera raises on purpose.

VesperaError
├── UserMistake            the request cannot be answered as asked; the text is what the person reads
├── Busy                   three run, ten wait: nothing was queued, try again later
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


class VesperaError(Exception):
    """Base of all errors raised on purpose; ``str(error)`` is fit to be shown to a person."""

    task_id: int | None = None
    """The task it happened to, once that has a number."""


class UserMistake(VesperaError):
    """The request cannot be answered as asked, for example an unknown spell name."""


class Busy(VesperaError):
    """Running and waiting places are all taken; nothing was queued."""

    def __init__(self, running: int, waiting: int, retry_after_s: int) -> None:
        super().__init__(
            f"Server busy: {running} answers are being made and {waiting} are waiting. "
            f"Nothing was queued. Try again in about {retry_after_s} s."
        )
        self.running, self.waiting, self.retry_after_s = running, waiting, retry_after_s


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


class StoreTooNew(StoreError):
    """The database was written by a newer version."""
