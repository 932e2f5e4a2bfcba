"""The figures in Prometheus' text format, by `prometheus_client`, which is imported when /metrics is first needed."""

from collections.abc import Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

import metrics
from metrics import Counter, Gauge, Histogram, Metric, Spread
from telemetry.readings import Readings

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric as Family

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


Series = dict[Metric, dict[tuple[str, ...], float | Spread]]
"""What every metric says now, by label values."""


def now(readings: Readings) -> Series:
    """A copy of what was counted, with the gauges; to be called on the loop, where the counting is done."""
    found: Series = {}
    for metric in metrics.CATALOGUE:
        if isinstance(metric, Counter):
            found[metric] = dict(metric.values) or _zero(metric)
        elif isinstance(metric, Histogram):
            found[metric] = {labels: Spread([*s.counts], s.total) for labels, s in metric.values.items()}
        elif isinstance(metric, Gauge):
            found[metric] = dict(readings.get(metric, {}))
    return found


def exposed(series: Series) -> bytes:
    """Every metric, and what `prometheus_client` knows of the process (memory, CPU, open files). Reads ``/proc``."""
    from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    registry.register(_Figures(series))
    return generate_latest(registry)


class _Figures:
    def __init__(self, series: Series) -> None:
        self._series = series

    def collect(self) -> "Iterator[Family]":
        return (_family(metric, values) for metric, values in self._series.items())


def _family(metric: Metric, series: dict[tuple[str, ...], float | Spread]) -> "Family":
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

    if isinstance(metric, Histogram):
        histogram = HistogramMetricFamily(metric.name, metric.tells, labels=metric.labels)
        names = [*map(str, metric.bounds), "+Inf"]
        for labels, value in series.items():
            if isinstance(value, Spread):
                buckets = list(zip(names, accumulate(value.counts), strict=True))
                histogram.add_metric(labels, buckets, sum_value=value.total)
        return histogram
    kind = CounterMetricFamily if isinstance(metric, Counter) else GaugeMetricFamily
    family = kind(metric.name, metric.tells, labels=metric.labels)
    for labels, value in series.items():
        if not isinstance(value, Spread):
            family.add_metric(labels, value)
    return family


def _zero(counter: Counter) -> dict[tuple[str, ...], float | Spread]:
    """A counter without labels stands at 0 before it first counts, so that its rate is known from the start."""
    return {} if counter.labels else {(): 0.0}
