"""The circuit breaker on a clock of its own."""

from llm.breaker import Breaker


class Clock:
    """Seconds, set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock) -> Breaker:
    breaker = Breaker(failures=3, rest_s=30.0, clock=clock)
    for _ in range(3):
        assert breaker.allow()
        breaker.failed()
    return breaker


def test_it_opens_at_the_third_consecutive_failure() -> None:
    breaker = Breaker(failures=3, rest_s=30.0, clock=Clock())
    for outcome in (breaker.failed, breaker.failed, breaker.succeeded, breaker.failed, breaker.failed):
        outcome()
        assert breaker.state == "closed" and breaker.allow()
    breaker.failed()
    assert breaker.state == "open" and not breaker.allow() and breaker.rests_for_s == 30.0


def test_one_probe_goes_out_after_the_rest_and_success_closes() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now = 29.9
    assert not breaker.allow()
    clock.now = 30.0
    assert [breaker.allow() for _ in range(5)] == [True, False, False, False, False]
    states: list[str] = [breaker.state]
    breaker.succeeded()
    states.append(breaker.state)
    assert states == ["half_open", "closed"] and breaker.allow() and breaker.rests_for_s == 0.0


def test_a_failed_probe_starts_a_full_rest() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now = 30.0
    assert breaker.allow()
    clock.now = 40.0
    breaker.failed()
    assert breaker.state == "open" and breaker.rests_for_s == 30.0
    clock.now = 69.0
    assert not breaker.allow()
    clock.now = 70.0
    assert breaker.allow()


def test_a_probe_that_never_reports_blocks_the_next_one_for_one_rest_only() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now = 30.0
    assert breaker.allow()
    clock.now = 59.0
    assert not breaker.allow()
    clock.now = 60.0
    assert breaker.allow()


def test_late_failures_of_calls_begun_before_do_not_prolong_the_rest() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now = 20.0
    breaker.failed()
    assert breaker.rests_for_s == 10.0
