"""Writes sbom.cdx.json: what Vespera is made of, as a CycloneDX 1.6 bill of materials, from the pins alone.

python -m tools.sbom
"""

import json
import re
import tomllib
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

from settings import HOME

_PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[A-Za-z0-9.+!]+)(?:\s*;\s*(?P<marker>.+))?")
NAMESPACE = uuid.UUID("6b1f7c1e-5a52-4d0e-9d0f-6f1c5d6a7e11")
"""Of the serial numbers, so that the same pins give the same document."""


class Pin(NamedTuple):
    """One line of a requirements file."""

    name: str
    version: str
    marker: str


def pins(file: str) -> Iterator[Pin]:
    """The pinned packages of a requirements file.

    Raises:
        ValueError: a line that is no exact pin.
    """
    for line in (HOME / file).read_text("utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if not text or text.startswith("-r "):
            continue
        match = _PIN.fullmatch(text)
        if match is None:
            raise ValueError(f"{file}: {text!r} is not pinned to one version")
        yield Pin(match["name"], match["version"], match["marker"] or "")


def document() -> dict[str, Any]:
    """The bill of materials, JSON-ready."""
    project = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]
    components = [_component(pin, "required") for pin in pins("requirements.txt")]
    components += [_component(pin, "excluded") for pin in pins("requirements-dev.txt")]
    subject = {"type": "application", "bom-ref": "vespera", "name": project["name"], "version": project["version"]}
    body = {"metadata": {"component": subject}, "components": sorted(components, key=lambda each: each["bom-ref"])}
    serial = uuid.uuid5(NAMESPACE, json.dumps(body, sort_keys=True))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        **body,
    }


def text() -> str:
    """sbom.cdx.json."""
    return json.dumps(document(), indent=2) + "\n"


def _component(pin: Pin, scope: str) -> dict[str, Any]:
    """``excluded`` are packages that only tests and tools need."""
    purl = f"pkg:pypi/{re.sub(r'[-_.]+', '-', pin.name).lower()}@{pin.version}"
    component = {
        "type": "library", "bom-ref": purl, "name": pin.name, "version": pin.version, "scope": scope, "purl": purl,
    }  # fmt: skip
    if pin.marker:
        component["properties"] = [{"name": "vespera:marker", "value": pin.marker}]  # type: ignore[assignment]
    return component


if __name__ == "__main__":
    (HOME / "sbom.cdx.json").write_text(text(), "utf-8")
