"""What proves a step in a repository: its ``relay.toml`` or ``relay.json``, else what the files themselves say.

Read from the job's first commit, so that no proposal changes what it is judged by.
"""

import json
import re
import shlex
import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from agents.relay.patches.contracts import DEFAULT_PROTECTED
from errors import UserMistake

Kind = Literal["build", "lint", "test", "probe"]
ALWAYS_PROTECTED = ("relay.toml", "relay.json", "conftest.py", "pytest.ini", "tox.ini")
"""What decides how a proposal is judged. A job's `allow` may lift them, as any protection."""
STEP_S = 300.0
"""Seconds a command may take when relay.toml says nothing."""
_POLL = (
    "import sys,time,urllib.request,urllib.error\n"
    "url,status,text=sys.argv[1],int(sys.argv[2]),sys.argv[3]\n"
    "why='no answer'\n"
    "for _ in range(100):\n"
    "    try:\n"
    "        r=urllib.request.urlopen(url,timeout=5); got,body=r.status,r.read(1000000).decode('utf-8','replace')\n"
    "    except urllib.error.HTTPError as e: got,body=e.code,e.read(1000000).decode('utf-8','replace')\n"
    "    except OSError as e: why=str(e); time.sleep(0.1); continue\n"
    "    if got==status and text in body: sys.exit(0)\n"
    "    print(f'{url} answered {got}, expected {status}'+(f' with {text!r}' if text else '')); sys.exit(1)\n"
    "print(f'{url}: {why}'); sys.exit(1)\n"
)


class Step(msgspec.Struct, frozen=True):
    """One command to run in the sandbox, as a shell line."""

    kind: Kind
    name: str
    script: str
    seconds: float = STEP_S


class Plan(msgspec.Struct, frozen=True):
    """All that proves a step, in the order in which it is run."""

    steps: tuple[Step, ...]
    protected: tuple[str, ...]
    coverage_min: float | None = None
    shown: tuple[str, ...] = ()
    """Folders with tools outside `/usr` that the sandbox shows read-only."""
    source: str = ""
    """``relay.toml``, ``relay.json`` or ``detected: pytest``."""


class _Probe(msgspec.Struct, forbid_unknown_fields=True):
    name: str = ""
    command: str = ""
    start: str = ""
    http: str = ""
    expect: int = 200
    contains: str = ""
    timeout_s: float = 60.0


class _File(msgspec.Struct, forbid_unknown_fields=True):
    build: str | list[str] = ""
    lint: str | list[str] = ""
    test: str | list[str] = ""
    protected: list[str] | None = None
    coverage_min: float | None = None
    readonly: list[str] = []
    timeout_s: float = STEP_S
    probe: list[_Probe] = []


def plan_of(read: Callable[[str], str | None], paths: Sequence[str], python: str) -> Plan:
    """The plan of a repository. ``read`` gives a file's text; ``python`` is one with pytest, empty for none.

    Raises:
        UserMistake: the file is wrong, or nothing here proves anything.
    """
    for name, parse in (("relay.toml", tomllib.loads), ("relay.json", json.loads)):
        text = read(name)
        if text is not None:
            return _stated(name, text, parse)
    detected = _detected(read, paths, python)
    if not any(step.kind == "test" for step in detected):
        raise UserMistake(
            "Nothing in this repository proves a step: there is no relay.toml, and no pytest, unittest, npm, cargo, go "
            'or make tests were found. Nothing was started. Commit a relay.toml with a line like test = "make check".'
        )
    kinds = ", ".join(step.name for step in detected if step.kind == "test")
    return Plan(detected, (*DEFAULT_PROTECTED, *ALWAYS_PROTECTED), source=f"detected: {kinds}")


def _stated(name: str, text: str, parse: Callable[[str], Any]) -> Plan:
    try:
        said = parse(text)
        if name == "relay.json":  # other programs' keys may stand in it too
            said = {key: said[key] for key in ("build", "lint", "test", "protected", "coverage_min") if key in said}
        file = msgspec.convert(said, _File)
    except (ValueError, TypeError, AttributeError) as error:
        raise UserMistake(f"{name} cannot be read: {error}. Nothing was started.") from None
    said_of: dict[Kind, str | list[str]] = {"build": file.build, "lint": file.lint, "test": file.test}
    steps = [
        Step(kind, f"{kind} {number}" if len(_commands(told)) > 1 else kind, command, file.timeout_s)
        for kind, told in said_of.items()
        for number, command in enumerate(_commands(told), 1)
    ]
    steps += [_probe(probe, number) for number, probe in enumerate(file.probe, 1)]
    if not any(step.kind in ("test", "probe") for step in steps):
        raise UserMistake(f"{name} names no test, so nothing could be proved. Nothing was started.")
    protected = file.protected if file.protected is not None else DEFAULT_PROTECTED
    return Plan(tuple(steps), (*protected, *ALWAYS_PROTECTED), file.coverage_min, tuple(file.readonly), name)


def _commands(said: str | Sequence[str]) -> list[str]:
    lines = [said] if isinstance(said, str) else said
    return [line for line in lines if line.strip()]


def _probe(probe: _Probe, number: int) -> Step:
    name = f"probe {probe.name or number}"
    if not probe.http:
        if not probe.command:
            raise UserMistake(f"relay.toml: {name} has neither command nor http. Nothing was started.")
        return Step("probe", name, probe.command, probe.timeout_s)
    if not re.match(r"http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/|$)", probe.http):
        raise UserMistake(f"relay.toml: {name} must ask http://127.0.0.1:PORT/…, as the sandbox has no network.")
    poll = " ".join(shlex.quote(part) for part in (_POLL, probe.http, str(probe.expect), probe.contains))
    start = f"( {probe.start} ) & server=$!; " if probe.start else "server=; "
    script = f'{start}python3 -c {poll}; code=$?; [ -n "$server" ] && kill $server 2>/dev/null; exit $code'
    return Step("probe", name, script, probe.timeout_s)


def _detected(read: Callable[[str], str | None], paths: Sequence[str], python: str) -> tuple[Step, ...]:
    known = set(paths)
    steps: list[Step] = [*_python(read, paths, python)]
    if "package.json" in known:
        steps += _npm(read("package.json") or "")
    if "Cargo.toml" in known:
        steps += [Step("build", "cargo build", "cargo build --offline"),
                  Step("test", "cargo test", "cargo test --offline")]  # fmt: skip
    if "go.mod" in known:
        steps += [Step("build", "go build", "go build ./..."), Step("lint", "go vet", "go vet ./..."),
                  Step("test", "go test", "go test ./...")]  # fmt: skip
    if not any(step.kind == "test" for step in steps):
        makefile = next((read(name) for name in ("GNUmakefile", "Makefile", "makefile") if name in known), None) or ""
        steps += [Step("test", f"make {goal}", f"make {goal}") for goal in ("test", "check")
                  if re.search(rf"^{goal}\s*:(?!=)", makefile, re.MULTILINE)][:1]  # fmt: skip
    order = {"build": 0, "lint": 1, "test": 2, "probe": 3}
    return tuple(sorted(steps, key=lambda step: order[step.kind]))


def _python(read: Callable[[str], str | None], paths: Sequence[str], python: str) -> list[Step]:
    tests = [path for path in paths if re.search(r"(^|/)(test_[^/]*|[^/]*_test)\.py$", path)]
    if not tests:
        return []
    settings = "".join((read(name) or "") for name in ("pyproject.toml", "setup.cfg", "tox.ini") if name in paths)
    texts = [read(path) or "" for path in tests[:20]]
    configured = "pytest.ini" in paths or "[tool.pytest" in settings or "[tool:pytest]" in settings
    unittest = texts and all("unittest" in text for text in texts)
    if not configured and unittest and not any(path.endswith("conftest.py") for path in paths):
        return [Step("test", "unittest", _unittest(tests))]
    if not python:
        raise UserMistake(
            "The tests here need pytest, which no Python outside this repository has. Nothing was started. Install it "
            "(sudo apt install python3-pytest), or say in a relay.toml how the tests are run."
        )
    return [Step("test", "pytest", f"{shlex.quote(python)} -m pytest -q -p no:cacheprovider")]


def _unittest(tests: Sequence[str]) -> str:
    """Discovery from the root; a folder of tests that is no package is discovered by itself."""
    folders = sorted({path.rpartition("/")[0] for path in tests})
    where = [f"-s {shlex.quote(folder)} -t ." if folder else "" for folder in folders[:1]]
    return f"python3 -m unittest discover {where[0]} -p '*test*.py'".replace("  ", " ")


def _npm(text: str) -> list[Step]:
    try:
        scripts: Mapping[str, Any] = json.loads(text).get("scripts", {})
    except (ValueError, AttributeError):
        return []
    kinds: tuple[tuple[Kind, str], ...] = (("build", "build"), ("lint", "lint"), ("test", "test"))
    return [
        Step(kind, f"npm {name}", f"npm run --silent {name}")
        for kind, name in kinds
        if name in scripts and "no test specified" not in str(scripts[name])
    ]
