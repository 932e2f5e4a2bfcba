"""What Vespera is made of, and what its code may not do: pinned and hashed packages, no code from data, no fetched URL."""

import ast
import asyncio
import json
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.contracts import Request
from agents.relay.jobs import Budget
from agents.relay.orders import Order, spec_of
from agents.table_contracts import PLAYED_TASKS, Play
from errors import BadConfiguration, UserMistake, VesperaError
from settings import HOME, Settings, load_settings
from tests.apps import author_and_critic, opened
from tests.guard.test_every_command import CHANGES, LOOKS, Changes
from tests.promises import Promise
from tests.scripted_model import ScriptedModel
from tools import lock, sbom

OURS = sorted(
    path
    for path in HOME.rglob("*.py")
    if not path.relative_to(HOME).parts[0].startswith(".") and path.relative_to(HOME).parts[0] not in ("data", "build")
)
RUNS = [path for path in OURS if path.relative_to(HOME).parts[0] not in ("tests", "benchmarks", "tools")]
"""What runs in an installation."""


def named(path: Path) -> str:
    return path.relative_to(HOME).as_posix()


def nodes(path: Path) -> Iterator[ast.AST]:
    yield from ast.walk(ast.parse(path.read_text("utf-8")))


def imports(path: Path) -> set[str]:
    """Dotted names a file imports: modules, and what is taken out of them."""
    found: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in nodes(path):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


# -- packages


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt", "requirements-bench.txt"])
def test_every_package_is_pinned_to_one_version(file: str) -> None:
    assert list(sbom.pins(file))


@pytest.mark.parametrize("name", list(lock.SETS))
def test_every_pin_has_its_hashes_and_the_lock_is_of_these_very_pins(name: str, promise: Promise) -> None:
    text = (HOME / name).read_text("utf-8")
    assert text.partition("\n")[0] == lock.first_line(name), "run python -m tools.lock"
    entries = dict(
        re.findall(
            r"^([A-Za-z0-9._-]+==[^\s;\\]+)[^\n]*\\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", text, re.M
        )
    )
    locked = {re.sub(r"[-_.]+", "-", pin).lower() for pin in entries}
    wanted = {
        re.sub(r"[-_.]+", "-", f"{pin.name}=={pin.version}").lower()
        for file in lock.SETS[name]
        for pin in sbom.pins(file)
    }
    assert locked == wanted
    promise("Every package is pinned with its hashes.", count=len(locked), of="pins")


def test_the_script_installs_by_hash_and_says_so_when_it_cannot(tmp_path: Path) -> None:
    """The script's own functions, over the real files and over changed ones."""
    script = (HOME / "vespera").read_text()
    functions = script[script.index("locked() {") : script.index("# `--only-binary`")]

    def locked(folder: Path, file: str) -> bool:
        done = subprocess.run(["bash", "-c", f'home={folder}\n{functions}\nlocked "$home/{file}"'], check=False)
        return done.returncode == 0

    assert locked(HOME, "requirements.txt") and locked(HOME, "requirements-dev.txt")
    for name in ("requirements.txt", "requirements-dev.txt", "requirements.lock", "requirements-dev.lock"):
        (tmp_path / name).write_bytes((HOME / name).read_bytes())
    assert locked(tmp_path, "requirements-dev.txt")
    with (tmp_path / "requirements.txt").open("a") as file:
        file.write("evil==1\n")
    assert not locked(tmp_path, "requirements.txt") and not locked(tmp_path, "requirements-dev.txt")
    assert "--require-hashes" in script


def test_a_file_that_is_not_the_one_that_was_tested_is_not_installed(tmp_path: Path) -> None:
    import sys

    pin = next(iter(sbom.pins("requirements-dev.txt")))
    (tmp_path / "changed.lock").write_text(f"{pin.name}=={pin.version} --hash=sha256:{'0' * 64}\n")
    wheel = tmp_path / f"{pin.name}-{pin.version}-py3-none-any.whl"
    wheel.write_bytes(b"PK\x05\x06" + bytes(18))
    done = subprocess.run(
        [sys.executable, "-I", "-m", "pip", "install", "--no-index", f"--find-links={tmp_path}", "--require-hashes",
         "--no-deps", "--target", str(tmp_path / "to"), "-r", str(tmp_path / "changed.lock")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0 and "HASH" in done.stderr.upper()


def test_the_bill_of_materials_is_what_the_pins_say() -> None:
    assert (HOME / "sbom.cdx.json").read_text("utf-8") == sbom.text(), "run python -m tools.sbom"
    document = json.loads(sbom.text())
    assert document["bomFormat"] == "CycloneDX" and document["specVersion"] == "1.6"
    names = {component["purl"] for component in document["components"]}
    assert "pkg:pypi/discord-py@2.7.1" in names
    assert (
        len(names)
        == len(document["components"])
        == sum(1 for file in ("requirements.txt", "requirements-dev.txt") for _ in sbom.pins(file))
    )


# -- code

FORBIDDEN_IMPORTS = {
    "pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "joblib",
    "marshal",
    "shelve",
    "telnetlib",
    "ftplib",
    "commands",
}
FORBIDDEN_CALLS = {
    "eval", "exec", "__import__", "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput",
    "asyncio.create_subprocess_shell", "tempfile.mktemp", "torch.load", "pickle.load", "pickle.loads", "yaml.load",
    "pty.spawn", "ssl._create_unverified_context",
}  # fmt: skip

UNUSED = {"llm/gemini.py": "a client that the SDK wants, without 2 MB of certificates, and never uses"}


@pytest.mark.parametrize("path", OURS, ids=named)
def test_no_file_runs_code_from_data_or_a_shell(path: Path, promise: Promise) -> None:
    found = {name for name in imports(path) if name.split(".")[0] in FORBIDDEN_IMPORTS}
    assert not found, found
    for name, call in calls(path):
        assert name not in FORBIDDEN_CALLS, f"{named(path)}:{call.lineno} {name}"
        given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        assert given.get("shell", "False") == "False", f"{named(path)}:{call.lineno}"
        assert given.get("allow_pickle", "False") == "False", f"{named(path)}:{call.lineno}"
        assert given.get("verify", "") != "False" or named(path) in UNUSED, f"{named(path)}:{call.lineno}"
    promise("No file runs code from data, or a shell.", count=1, of="files")


UNPACKING = re.compile(r"\b(?:zipfile|tarfile|gzip|bz2|lzma|zstandard|brotli)\b|unpack_archive|zlib\.decompress")
UNPACKS = {
    "blackboard/backups/archive.py": "backups of the operator's own, their size bound by a signed manifest",
    "cogs/rendering.py": "packs files of an answer; reads no archive",
    "truth_blocks/terraform/schema.py": "facts that come with the program, never a stranger's",
}


def test_no_archive_of_a_stranger_is_unpacked() -> None:
    found = {named(path) for path in RUNS if UNPACKING.search(re.sub(r'"[^"\n]*"', "", path.read_text("utf-8")))}
    assert found == set(UNPACKS)
    assert "extract" not in (HOME / "cogs/rendering.py").read_text()


CLIENTS = re.compile(
    r"ClientSession\(|AsyncClient\(|\bhttpx\.(?:get|post|request|stream|Client)|aiohttp\.request|urllib\.request|"
    r"http\.client|\brequests\.(?:get|post|put|request|Session)|urlopen|create_connection|open_connection\("
)
CALLS_OUT = {
    "agents/relay/http_roles.py": "roles elsewhere, at addresses of the settings",
    "agents/relay/posting.py": "a webhook that the operator named for a job",
    "agents/relay/socket.py": "the relay's unix socket",
    "agents/relay/steps.py": "a probe that a repository's relay.toml names, inside the sandbox, which has no network",
    "llm/gemini.py": "a client that the SDK wants and never uses; its calls go through llm/sdk_http.py",
    "llm/openai_compatible.py": "the model server of the settings",
    "llm/sdk_http.py": "Groq and Gemini, at addresses of the settings",
    "memory/embedders/endpoint.py": "the embedding server of the settings",
    "terminal/checks.py": "Discord, for ./vespera setup and doctor",
}
"""Every file that opens a connection outward, and whereto; Discord's library opens its own."""


def test_only_these_files_connect_outward_and_none_to_an_address_out_of_a_request() -> None:
    found = {named(path) for path in RUNS if CLIENTS.search(path.read_text("utf-8"))}
    assert found == set(CALLS_OUT), "a new way outward: say whereto, and that no person or model names the address"


class Canary:
    """A listener on loopback that counts who comes."""

    def __init__(self) -> None:
        self.visits = 0

    async def __aenter__(self) -> "Canary":
        self._server = await asyncio.start_server(self._visited, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/x.png"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _visited(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        writer.close()


async def test_no_command_fetches_an_address_that_a_person_or_a_model_wrote(
    tmp_path: Path, outward_connections: list[str], promise: Promise
) -> None:
    """The audit hook of `tests/conftest.py` fails this test for any name looked up and any host but loopback."""
    async with Canary() as canary:
        link = f"{canary.url} https://evil.example/?q=1 [x](http://169.254.169.254/latest) ![i]({canary.url})"
        draft = json.dumps({"answer": f"See {link}", "claims": []})
        async with ScriptedModel(author_and_critic(draft)) as model, opened(tmp_path, model, drafts=1) as app:
            for command in app.commands:
                if command.task_type in ("why", "status", "help"):
                    continue
                entry = CHANGES.get(command.path, Changes(LOOKS.get(command.path, {})))
                options = dict(entry.options)
                for option in command.options:
                    if option.kind == "text" and not option.choices:
                        options[option.name] = link[: option.max_length]
                for given in (options, dict.fromkeys(options, link[:40])):
                    request = Request("guild:1", "1", command.task_type, link, given, role="admin")
                    try:
                        if command.task_type in PLAYED_TASKS:
                            await app.play(Play(request, "9", link[:40]))
                        else:
                            await (await app.submit(request)).wait()
                    except VesperaError:
                        continue
        assert canary.visits == 0 and outward_connections == []
        with socket.create_connection(("127.0.0.1", int(canary.url.split(":")[2].split("/")[0])), 1):
            await asyncio.sleep(0.05)
        assert canary.visits == 1, "the canary would have noticed"
    promise("No command fetches an address that a person or a model wrote.", "every command tried")


URL_SETTINGS = [name for name in Settings.__dataclass_fields__ if name.endswith("_url")]


@pytest.mark.parametrize("name", URL_SETTINGS)
@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254/latest", "[fe80::1]", "metadata.google.internal", "[fd00:ec2::254]", "2852039166", "0xA9FEA9FE",
        "100.100.100.200", "[::ffff:169.254.169.254]", "user:pass@127.0.0.1", "127.0.0.1/?x=1", "127.0.0.1:99999",
    ],
)  # fmt: skip
def test_no_address_of_the_settings_may_be_a_metadata_service_or_carry_a_password(name: str, address: str) -> None:
    scheme = "ws" if "gateway" in name else "http"
    environ = {Settings.__dataclass_fields__[name].metadata["env"]: f"{scheme}://{address}"}
    with pytest.raises(BadConfiguration) as told:
        load_settings(environ, None)
    assert "user:pass" not in str(told.value)
    environ = dict.fromkeys(environ, f"{scheme}://127.0.0.1:8080/v1/")
    load_settings(environ, None)
    for wrong in ("file:///etc/passwd", "gopher://127.0.0.1", "//127.0.0.1", "http://"):
        with pytest.raises(BadConfiguration, match="web address"):
            load_settings(dict.fromkeys(environ, wrong), None)


@pytest.mark.parametrize(
    "address", ["http://169.254.169.254/x?y=1", "https://metadata.google.internal/", "http://[fe80::1"]
)
def test_a_jobs_webhook_is_no_metadata_service(tmp_path: Path, address: str) -> None:
    for arguments in (
        ["init", "-q"],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x"],
    ):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    order = Order(repo=str(tmp_path), goal="a goal", budget=Budget(), next_input_to=address)
    with pytest.raises(UserMistake, match="Nothing was started"):
        spec_of(order, None)


# -- secrets in the repository

SHAPES = {
    "AWS key": r"\bAKIA[0-9A-Z]{16}\b",
    "private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*\n[A-Za-z0-9+/=]{40}",
    "Groq key": r"\bgsk_[A-Za-z0-9]{40,}",
    "Google key": r"\bAIza[0-9A-Za-z_-]{35}",
    "OpenAI key": r"\bsk-(?:proj-)?[A-Za-z0-9]{32,}",
    "GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36}",
    "Slack token": r"\bxox[abprs]-[0-9A-Za-z-]{20,}",
    "Discord token": r"\b[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}",
    "Discord webhook": r"discord(?:app)?\.com/api/(?:v\d+/)?webhooks/\d{17,20}/[\w-]{60,}",
    "password in an address": r"\b[a-z][a-z0-9+]{2,12}://[^\s/:@\"'{}<>]{1,40}:[^\s/:@\"'{}<>]{8,}@",
}
MADE_UP = {"tests/terraform/test_diff.py": "AWS's own example key"}


def tracked() -> list[Path]:
    """Files under version control; everything in the folder where there is no git."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=HOME, capture_output=True, check=False)
    if done.returncode == 0:
        return [HOME / name for name in done.stdout.decode().split("\0") if name]
    return [path for path in HOME.rglob("*") if path.is_file() and not named(path).startswith((".venv/", "data/"))]


def scan(text: str) -> list[str]:
    return [what for what, shape in SHAPES.items() if re.search(shape, text)]


def test_no_secret_is_under_version_control() -> None:
    found = {}
    for path in tracked():
        if (
            path.is_file()
            and path.suffix not in (".png", ".sqlite")
            and (what := scan(path.read_text("utf-8", "replace")))
        ):
            found[named(path)] = what
    assert set(found) <= set(MADE_UP), found
    names = {path.name for path in tracked()}
    assert not names & {".env", "secret.key", "relay.key", "id_rsa", "id_ed25519"}


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("AWS key", "AKIA" + "IOSFODNN7EXAMPLX"), ("Groq key", "gsk_" + "a1B2" * 13), ("Google key", "AIza" + "Sy9_x" * 7),
        ("GitHub token", "ghp_" + "a1B2c3" * 6), ("OpenAI key", "sk-" + "proj-" + "a1B2" * 10),
        ("Discord token", "M" + "d" * 24 + "." + "e" * 6 + "." + "f" * 30),
        ("private key", "-----BEGIN " + "OPENSSH PRIVATE KEY-----\n" + "b3Bl" * 15),
        ("password in an address", "postgres://" + "bot:hunter2hunter2" + "@db"),
    ],
)  # fmt: skip
def test_the_scan_finds_what_it_looks_for(what: str, text: str) -> None:
    assert what in scan(f"token = {text}\n")
