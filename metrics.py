"""What this process counts: plain numbers in memory. `telemetry/` reads them; docs/operations.md lists them.

Everything is counted on the event loop, so that nothing here needs a lock. A label takes its values from a closed set
of our own words (never a tenant, a person, or anybody's text); should that ever fail, a metric keeps its first
`MOST_SERIES` series and puts the rest under ``other``.
"""

from bisect import bisect_left
from contextlib import AbstractContextManager, nullcontext
from typing import Literal, NamedTuple, Protocol

MOST_SERIES = 256
SECONDS = (0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
"""Upper bounds of the buckets for what people wait for: a look-up takes 1 ms, three slow drafts two minutes."""
LAG = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
"""Upper bounds for the event loop's delay, seconds."""

Kind = Literal["counter", "gauge", "histogram"]


class Metric:
    """A name, what it tells, and the names of its labels."""

    kind: Kind

    def __init__(self, name: str, tells: str, *labels: str) -> None:
        self.name, self.tells, self.labels = name, tells, labels
        CATALOGUE.append(self)


CATALOGUE: list[Metric] = []
"""Every metric, in the order of the documentation."""


class Counter(Metric):
    """A number that grows."""

    kind: Kind = "counter"

    def __init__(self, name: str, tells: str, *labels: str) -> None:
        super().__init__(name, tells, *labels)
        self.values: dict[tuple[str, ...], float] = {}

    def add(self, *of: str, by: float = 1) -> None:
        """Count under these label values."""
        key = of if of in self.values or len(self.values) < MOST_SERIES else ("other",) * len(of)
        self.values[key] = self.values.get(key, 0) + by


class Spread:
    """One series of a histogram: how many fell into each bucket (the last is without bound), and their sum."""

    __slots__ = ("counts", "total")

    def __init__(self, counts: list[int], total: float = 0.0) -> None:
        self.counts, self.total = counts, total


class Histogram(Metric):
    """How durations are spread, in seconds."""

    kind: Kind = "histogram"

    def __init__(self, name: str, tells: str, *labels: str, bounds: tuple[float, ...] = SECONDS) -> None:
        super().__init__(name, tells, *labels)
        self.bounds = bounds
        self.values: dict[tuple[str, ...], Spread] = {}

    def observe(self, seconds: float, *of: str) -> None:
        """Count one duration under these label values."""
        spread = self.values.get(of)
        if spread is None:
            key = of if len(self.values) < MOST_SERIES else ("other",) * len(of)
            spread = self.values.setdefault(key, Spread([0] * (len(self.bounds) + 1)))
        spread.counts[bisect_left(self.bounds, seconds)] += 1
        spread.total += seconds


class Gauge(Metric):
    """A number that is read when it is asked for; see `telemetry/readings.py`."""

    kind: Kind = "gauge"


REQUESTS = Counter("vespera_requests", "Requests that reached the pipeline, by kind of task.", "task_type")
OUTCOMES = Counter(
    "vespera_outcomes", "How requests ended; `mistake`: told at once that it cannot be asked so.", "outcome"
)
BUSY = Counter("vespera_busy", "Requests turned away because all places were taken.")
STAGE_SECONDS = Histogram("vespera_stage_seconds", "Time of a stage; `answer` is a drafted answer as a whole.", "stage")
VERDICTS = Counter(
    "vespera_verdicts", "The critic's verdicts on drafts, with the second opinion.", "verdict", "second_opinion"
)
CACHE = Counter("vespera_cache_lookups", "Look-ups in the answer cache.", "result")
RESUMED = Counter("vespera_tasks_resumed", "Open tasks taken up from a process that was gone.")
CALLS = Counter(
    "vespera_model_calls", "Calls to language models; a skipped one was not sent.", "provider", "purpose", "outcome"
)
CALL_SECONDS = Histogram("vespera_model_call_seconds", "Time of the calls that were sent.", "provider")
TOKENS = Counter("vespera_model_tokens", "Tokens sent and received.", "provider", "direction")
COST = Counter("vespera_model_cost_usd", "What the calls cost by the known prices, US dollars.", "provider")
RETRIES = Counter("vespera_model_retries", "Repeated calls of one request after a failure.")
DELIVERIES = Counter("vespera_deliveries", "Tries to bring an answer to Discord.", "outcome")
GATEWAY = Counter("vespera_gateway_events", "Connections to Discord's gateway: made, resumed, lost.", "event")
LOOP_LAG = Histogram("vespera_event_loop_lag_seconds", "How late the event loop woke.", bounds=LAG)

RESTING = Gauge(
    "vespera_model_resting", "1 while a provider is left alone after failures (its breaker is open).", "provider"
)
TASKS = Gauge("vespera_tasks", "Open tasks.", "state")
PLACES = Gauge("vespera_places", "How many tasks may run and wait.", "state")
UNDELIVERED = Gauge("vespera_undelivered", "Answers that are ready and have not reached their reader.")
CACHED = Gauge("vespera_cache_entries", "Answers in the cache.")
QUARANTINED = Gauge("vespera_quarantined_rows", "Damaged rows set aside.")
FILE_BYTES = Gauge("vespera_database_bytes", "Size of a database.", "database")
WAL_BYTES = Gauge("vespera_wal_bytes", "Size of a database's write-ahead log.", "database")
DISK_FREE = Gauge("vespera_disk_free_bytes", "Free space where the data lie.")
BACKUP_AGE = Gauge("vespera_backup_age_seconds", "Age of the last backup; absent before the first.")
MEMORY_ROWS = Gauge("vespera_memory_rows", "Rows in the tiers of the memory; absent until it was used.", "tier")
MEMORY_BYTES = Gauge("vespera_memory_resident_bytes", "Memory held by the tiers; absent until it was used.")
MEMORY_UNEMBEDDED = Gauge("vespera_memory_unembedded", "Records without a vector; absent until it was used.")
RELAY_JOBS = Gauge("vespera_relay_jobs", "Coding jobs by state; absent before the first.", "state")
GATEWAY_UP = Gauge("vespera_gateway_up", "1 while connected to Discord.")
IDENTIFIES_LEFT = Gauge("vespera_identifies_left", "Identifies left of the day's 900.")
UPTIME = Gauge("vespera_uptime_seconds", "Time since the start.")


class Call(NamedTuple):
    """One call to a model as an observer sees it: no text of it."""

    provider: str
    model: str
    purpose: str
    outcome: str
    tokens_in: int
    tokens_out: int
    seconds: float


class Observer(Protocol):
    """Somebody who follows tasks and calls as they happen; see `telemetry/otel.py`."""

    def task(self, task_id: int, task_type: str) -> AbstractContextManager[object]:
        """Entered while a worker has a task."""
        ...

    def answered(self, status: str, attempts: int) -> None:
        """The task entered last has its answer."""
        ...

    def call(self, call: Call) -> None:
        """A call has ended, just now."""
        ...


observers: list[Observer] = []
"""At most one in practice; empty unless the operator asks for it."""


def watched(task_id: int, task_type: str) -> AbstractContextManager[object]:
    """The time in which a worker has a task."""
    return observers[0].task(task_id, task_type) if observers else nullcontext()


def answered(outcome: str, seconds: float, attempts: int) -> None:
    """A worker has made an answer."""
    OUTCOMES.add(outcome)
    STAGE_SECONDS.observe(seconds, "answer")
    for observer in observers:
        observer.answered(outcome, attempts)


def called(call: Call, cost_usd: float) -> None:
    """A call to a model has ended, or was skipped."""
    CALLS.add(call.provider, call.purpose, call.outcome)
    if call.outcome == "skipped":
        return
    CALL_SECONDS.observe(call.seconds, call.provider)
    if call.tokens_in or call.tokens_out:
        TOKENS.add(call.provider, "in", by=call.tokens_in)
        TOKENS.add(call.provider, "out", by=call.tokens_out)
    if cost_usd:
        COST.add(call.provider, by=cost_usd)
    for observer in observers:
        observer.call(call)
