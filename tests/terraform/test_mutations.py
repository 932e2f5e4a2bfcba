from collections import Counter

import pytest

from tests.terraform.mutations import Mutation, mutations
from tests.terraform.samples import critic, schemas, valid_modules

LEAST_CAUGHT = 0.95


@pytest.mark.parametrize("name", sorted(valid_modules()))
def test_a_valid_module_is_not_flagged(name: str) -> None:
    report = critic(valid_modules()[name])
    assert report.verdict == "valid", report.findings
    assert report.checkable == report.verified > 0


def _caught(mutation: Mutation) -> bool:
    return any(
        found.code in mutation.codes and found.line in mutation.lines and found.severity == "error"
        for found in critic(mutation.text).findings
    )


def test_injected_errors_of_every_class_are_caught_on_their_line() -> None:
    injected: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    missed: list[tuple[str, frozenset[int], str]] = []
    for text in valid_modules().values():
        for number, mutation in enumerate(mutations(text, schemas())):
            if number % 3 and injected[mutation.fault] >= 100:
                continue
            injected[mutation.fault] += 1
            if _caught(mutation):
                caught[mutation.fault] += 1
            else:
                line = mutation.text.split("\n")[min(mutation.lines) - 1]
                missed.append((mutation.fault, mutation.lines, line))
    assert len(injected) >= 25
    assert min(injected.values()) >= 10, injected
    rates = {fault: caught[fault] / injected[fault] for fault in injected}
    assert min(rates.values()) >= LEAST_CAUGHT, (rates, missed[:20])
