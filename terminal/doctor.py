"""`./vespera doctor`: what is wrong and the fix, one line each. Reads only; changes nothing."""

import asyncio
import os
from collections.abc import Iterable

import msgspec

import at_rest
import logs
from errors import BadConfiguration
from settings import HOME, Settings, load_settings
from terminal import exits, output
from terminal.findings import Finding


class Diagnosis(msgspec.Struct):
    """What `doctor --json` prints."""

    ok: bool
    findings: list[Finding]


def doctor(*, as_json: bool, offline: bool) -> int:
    """Examine this installation; 0 when nothing is wrong."""
    found = asyncio.run(_examine(offline))
    diagnosis = Diagnosis(all(finding.ok for finding in found), found)
    if as_json:
        output.write_json(diagnosis)
    else:
        for finding in found:
            fix = "" if finding.ok or not finding.fix else f"  → {finding.fix}"
            output.say(f"{'✓' if finding.ok else '✗'} {finding.name:<10} {finding.text}{fix}")
    return exits.FINE if diagnosis.ok else exits.NOT_FINE


async def _examine(offline: bool) -> list[Finding]:
    from terminal import machine, reach, rooms, storage

    settings, problem = _settings()
    found = [machine.python(), machine.packages(), problem, storage.env_file(HOME / ".env")]
    found += await reach.everything(settings, offline)
    found += [machine.memory(), storage.disk(settings.data_dir), storage.sqlite(), *storage.folder(settings.data_dir)]
    found += await storage.owner(settings.data_dir)
    found += [*rooms.tiers(settings.data_dir), *await rooms.relay(settings), *rooms.figures(settings)]
    found += [*machine.service(), *rooms.limits()]
    return list(_redacted(found))


def _settings() -> tuple[Settings, Finding]:
    try:
        settings = load_settings()
    except BadConfiguration as error:
        place = {name: value for name, value in os.environ.items() if name == "VESPERA_DATA_DIR"}
        return load_settings(place, None), Finding("settings", False, str(error), "correct it in .env or environment")
    logs.hide(settings.secrets)
    at_rest.use(settings.at_rest_key, settings.at_rest_key_before)
    return settings, Finding("settings", True, "all readable")


def _redacted(found: Iterable[Finding]) -> Iterable[Finding]:
    for finding in found:
        yield msgspec.structs.replace(finding, text=logs.redact(finding.text))
