"""The figures that `./vespera bench patches` reports, held on a small sample of real edits."""

from collections import Counter

from benchmarks import patch_sources
from benchmarks.patches import attempt, cases, ours


def test_real_edits_with_every_kind_of_fault_are_applied_exactly_or_not_at_all() -> None:
    edits = [edit for edit in patch_sources.releases(11) if edit.held_out]
    found = list(cases(edits, [], 11, 3))
    verdicts = [(case.fault, attempt(ours, case).verdict) for case in found]
    counts = Counter(verdict for _, verdict in verdicts)
    missed = [pair for pair in verdicts if pair[1] != "exact"]
    assert len({fault for fault, _ in verdicts}) >= 40 and len(edits) > 50
    assert counts["exact"] >= 0.95 * len(verdicts), missed
    assert counts["wrong"] <= 1 and counts["dirty"] == 0, missed
