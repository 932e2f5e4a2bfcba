"""The image and its compose file, without an engine: what they say, and that what they copy runs."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

import cli
from settings import HOME, Settings
from tests.terminal.container import copy_context, is_ignored, stages, words
from tests.terminal.running import ENVIRONMENT

COMPOSE: dict[str, Any] = yaml.safe_load((HOME / "compose.yaml").read_text("utf-8"))


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=HOME, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name and (HOME / name).is_file()]


def test_bases_are_pinned_and_the_bot_is_what_is_built_when_nothing_is_named() -> None:
    found = stages()
    outside = {stage.base for stage in found.values()} - set(found)
    assert all(re.fullmatch(r"[\w./-]+:[\w.-]*\d[\w.-]*", base) and not base.endswith("latest") for base in outside)
    assert len(outside) == 1, "one base: the interpreter of .venv is a link into it"
    assert list(found)[-1] == "bot"
    assert found["relay"].base == found["bot"].base == "base"


def test_it_runs_as_nobody_in_particular_and_tells_its_health() -> None:
    found = stages()
    for name in ("bot", "relay"):
        assert found[name].of("USER") == ["10001:10001"]
        assert found[name].instructions[-1].name == "CMD"
    (check,) = found["bot"].of("HEALTHCHECK")
    program = json.loads(check.partition("CMD ")[2])
    assert program[:2] == [".venv/bin/python", "cli.py"]
    known = get_command(cli.app).commands  # type: ignore[attr-defined]
    assert program[2] in known
    for stage in ("bot", "relay"):
        (command,) = found[stage].of("CMD")
        assert (HOME / json.loads(command)[1]).is_file()


def test_every_run_keeps_the_rules() -> None:
    for stage in stages().values():
        assert not stage.of("ADD")
        for run in stage.of("RUN"):
            assert "sudo" not in run and "curl" not in run and "chmod 777" not in run
            for command in words(run):
                if "install" in command and "apt-get" in command:
                    assert "--no-install-recommends" in command and "-y" in command
                    assert "rm -rf /var/lib/apt/lists/*" in run
                if "install" in command and "pip" in command:
                    assert {"--only-binary", "--no-cache-dir"} <= set(command)
        for path in stage.of("WORKDIR") + stage.of("VOLUME"):
            assert path.startswith("/")


def test_every_source_of_a_copy_is_there_and_nothing_private_goes_in() -> None:
    for stage in stages().values():
        for copy in stage.of("COPY"):
            *sources, _ = [word for word in copy.split() if not word.startswith("--")]
            for source in sources if "--from" not in copy else ():
                assert source == "." or ((HOME / source).exists() and not is_ignored(Path(source))), source
    for secret in (".env", "data/vespera.sqlite", "data/secret.key", ".git/config", "secrets/DISCORD_TOKEN", ".venv/x"):
        assert is_ignored(Path(secret)), secret
    for needed in ("bot.py", "cli.py", "truth_blocks/dnd5e/block.py", "prompts/ask.j2", "policy.toml", "vespera"):
        assert not is_ignored(Path(needed)), needed


def test_the_services_are_walled_in_and_keep_their_data() -> None:
    built = stages()
    known = {item.metadata["env"] for item in fields(Settings)}
    for name, service in COMPOSE["services"].items():
        assert service["build"]["target"] == name and name in built
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"] and service["init"] is True
        assert "no-new-privileges:true" in service["security_opt"]
        assert service["user"] == built[name].of("USER")[0]
        assert f"data:{service['environment']['VESPERA_DATA_DIR']}" in service["volumes"]
        assert not any("docker.sock" in volume for volume in service["volumes"])
        assert not {"privileged", "network_mode", "pid", "cap_add"} & set(service)
        assert set(service["environment"]) <= known
        assert service["mem_limit"].endswith("m") and service["pids_limit"] > 0
    assert COMPOSE["services"]["bot"]["security_opt"] == ["no-new-privileges:true"]
    assert COMPOSE["services"]["bot"]["mem_limit"] == "450m", "as MemoryMax in the unit"
    assert COMPOSE["services"]["relay"]["profiles"] == ["relay"]
    assert set(COMPOSE["volumes"]) == {"data"}


def run(program: list[str], home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        program, cwd=home, env={**ENVIRONMENT, "PYTHONDONTWRITEBYTECODE": "1", **more}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def test_what_is_copied_runs_without_the_rest_and_writes_nothing_beside_itself(tmp_path: Path) -> None:
    home, data = tmp_path / "home", tmp_path / "data"
    copy_context(tracked(), home)
    before = sorted(path for path in home.rglob("*"))
    asked = run([sys.executable, "cli.py", "ask", "/dnd rule prone", "--json"], home, VESPERA_DATA_DIR=str(data))
    assert json.loads(asked.stdout)["status"] == "verified", asked.stderr
    checked = run([sys.executable, "cli.py", "health"], home, VESPERA_DATA_DIR=str(data))
    assert checked.returncode == 1 and "No process" in checked.stdout
    started = run([sys.executable, "bot.py"], home, VESPERA_DATA_DIR=str(data))
    assert started.returncode == 78 and "DISCORD_TOKEN" in started.stderr
    assert sorted(path for path in home.rglob("*")) == before


@pytest.mark.slow
def test_the_build_steps_make_an_installation_that_runs(tmp_path: Path) -> None:
    """The RUN lines of the build, as they stand, in a clean folder in place of /opt/vespera."""
    home, data = tmp_path / "opt" / "vespera", tmp_path / "data"
    copy_context(tracked(), home)
    for step in stages()["build"].of("RUN"):
        assert "/opt" not in step, "the steps must work in the folder they run in"
        done = run(["/bin/sh", "-ec", step], home, **{n: v for n, v in os.environ.items() if n.startswith("PIP_")})
        assert done.returncode == 0, done.stderr
    assert not list((home / ".venv" / "bin").glob("pip*")), "the image needs no installer"
    asked = run(["./vespera", "ask", "/dnd rule prone", "--json"], home, VESPERA_DATA_DIR=str(data))
    assert json.loads(asked.stdout)["status"] == "verified", asked.stderr
    assert asked.stderr == "", "everything was installed and compiled"
    shutil.rmtree(home)
