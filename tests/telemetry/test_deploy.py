"""The dashboard and the alert rules: every metric they name exists, every alert is explained."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

import metrics
from settings import HOME

FROM_OUTSIDE = {"up": {"job"}, "process_resident_memory_bytes": {"job"}, "process_cpu_seconds_total": {"job"}}
"""What Prometheus itself and its client library know, with the label a job gives."""
RULES: list[dict[str, Any]] = yaml.safe_load((HOME / "deploy/alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
BOARD: dict[str, Any] = json.loads((HOME / "deploy/grafana.json").read_text("utf-8"))


def exported() -> dict[str, set[str]]:
    """Names of series with their labels."""
    found = dict(FROM_OUTSIDE)
    for metric in metrics.CATALOGUE:
        labels = set(metric.labels)
        match metric.kind:
            case "counter":
                found[f"{metric.name}_total"] = labels
            case "gauge":
                found[metric.name] = labels
            case "histogram":
                found |= {
                    f"{metric.name}_bucket": labels | {"le"},
                    f"{metric.name}_count": labels,
                    f"{metric.name}_sum": labels,
                }
    return found


def expressions() -> Iterator[tuple[str, str]]:
    for rule in RULES:
        yield rule["alert"], rule["expr"]
    for panel in BOARD["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


@pytest.mark.parametrize(("where", "expression"), list(expressions()))
def test_every_metric_and_label_that_is_named_exists(where: str, expression: str) -> None:
    known = exported()
    named = re.findall(r"\b((?:vespera|process)_\w+|up)\b(?:\{([^}]*)\})?", expression)
    assert named, where
    labels = set()
    for name, selected in named:
        assert name in known, f"{where} names {name}"
        labels |= known[name]
        for label in re.findall(r"(\w+)\s*[=!]", selected):
            assert label in known[name], f"{where}: {name} has no label {label}"
    for grouped in re.findall(r"\bby \(([^)]*)\)", expression):
        assert {label.strip() for label in grouped.split(",")} <= labels, where
    assert expression.count("(") == expression.count(")")


def test_every_metric_is_on_the_dashboard() -> None:
    shown = " ".join(target["expr"] for panel in BOARD["panels"] for target in panel["targets"])
    assert [metric.name for metric in metrics.CATALOGUE if metric.name not in shown] == []


def test_every_alert_is_explained_with_what_to_do_and_no_other() -> None:
    page = (HOME / "docs/operations.md").read_text("utf-8")
    explained = re.findall(r"^\| `(Vespera\w+)` \| [^|]+ \| [^|]+ \|$", page, re.MULTILINE)
    assert explained == [rule["alert"] for rule in RULES]
    for rule in RULES:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"].endswith(".")


def test_panels_do_not_overlap_and_have_what_they_need() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken and max(x for x, _ in cells) < 24, panel["title"]
        taken |= cells
        assert panel["description"] and panel["datasource"]["uid"] == "${source}"
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])


def test_the_configuration_scrapes_the_documented_port() -> None:
    told = yaml.safe_load((HOME / "deploy/prometheus.yml").read_text("utf-8"))
    (job,) = told["scrape_configs"]
    assert job["job_name"] == "vespera"
    assert job["static_configs"][0]["targets"] == ["127.0.0.1:9464"]
    assert "VESPERA_METRICS_PORT=9464" in (HOME / "docs/operations.md").read_text("utf-8")


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool")
def test_prometheus_itself_accepts_rules_and_configuration() -> None:
    for what in (["rules", "deploy/alerts.yml"], ["config", "deploy/prometheus.yml"]):
        done = subprocess.run(["promtool", "check", *what], cwd=HOME, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    done = subprocess.run(
        ["promtool", "test", "rules", "tests/telemetry/alerts.yml"],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
