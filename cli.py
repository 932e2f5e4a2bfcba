"""The terminal front: `./vespera COMMAND`. Each command's work is imported when it is called; see docs/cli.md."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from errors import VesperaError
from slash import check_text
from terminal.relay import relay

app = typer.Typer(
    name="vespera",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Vespera answers D&D and Terraform questions and lets nothing unchecked through. First steps: ./vespera demo",
)
check = typer.Typer(no_args_is_help=True, help="The critic alone: hold files or claims against the facts.")
app.add_typer(check, name="check")
memory = typer.Typer(no_args_is_help=True, help="The memory: what was taught and learned, looked for and looked after.")
app.add_typer(memory, name="memory")
app.add_typer(relay, name="relay")

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Tenant = Annotated[str, typer.Option("--tenant", help="Whose cache and traces: local, guild:ID or user:ID.")]
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


@app.command(epilog="Example: ./vespera demo")
def demo() -> int:
    """A tour of under a minute on the embedded model: real answers, each with its trace. Needs no key."""
    from terminal.demo import demo

    return demo()


@app.command(context_settings=PASS_ON, epilog="Example: ./vespera test -q tests/terminal")
def test(context: typer.Context) -> int:
    """Lint, types and all tests, as continuous integration runs them. Further arguments go to pytest."""
    from terminal.testing import test

    return test(context.args)


@app.command(epilog="Example: DISCORD_TOKEN=… ./vespera setup --no-start")
def setup(
    token: Annotated[str | None, typer.Option(envvar="DISCORD_TOKEN", help="Bot token.")] = None,
    groq_key: Annotated[str | None, typer.Option(envvar="GROQ_API_KEY", help="Key of Groq.")] = None,
    gemini_key: Annotated[str | None, typer.Option(envvar="GEMINI_API_KEY", help="Key of Google Gemini.")] = None,
    compatible_url: Annotated[
        str | None,
        typer.Option(envvar="OPENAI_COMPATIBLE_BASE_URL", help="Server that speaks OpenAI's protocol."),
    ] = None,
    compatible_key: Annotated[
        str | None, typer.Option(envvar="OPENAI_COMPATIBLE_API_KEY", help="Its key, if it wants one.")
    ] = None,
    compatible_model: Annotated[
        str | None, typer.Option(envvar="OPENAI_COMPATIBLE_MODEL", help="Name of its model.")
    ] = None,
    env_file: Annotated[Path | None, typer.Option(help="File to write; .env beside this program.")] = None,
    check_first: Annotated[bool, typer.Option("--check/--no-check", help="Check them before writing.")] = True,
    start: Annotated[bool | None, typer.Option("--start/--no-start", help="Start the bot afterwards.")] = None,
) -> int:
    """Guided first run: checks the token and keys, writes .env with mode 600, prints the invite link."""
    from terminal.setup import Wanted, setup

    wanted = Wanted(token, groq_key, gemini_key, compatible_url, compatible_key, compatible_model)
    return setup(wanted, env_file, check=check_first, start=start)


@app.command(epilog="Example: ./vespera doctor --offline")
def doctor(
    as_json: Json = False,
    offline: Annotated[bool, typer.Option("--offline", help="Leave out what needs the network.")] = False,
) -> int:
    """What is wrong and the fix, one line each."""
    from terminal.doctor import doctor

    return doctor(as_json=as_json, offline=offline)


@app.command(epilog="Example: ./vespera health || systemctl restart vespera")
def health(as_json: Json = False) -> int:
    """Whether the running bot answers: exit 0 when it does. For health checks; opens nothing itself."""
    from terminal.health import health

    return health(as_json=as_json)


@app.command(epilog="Example: ./vespera bot")
def bot() -> int:
    """The Discord bot. A service runs .venv/bin/python bot.py instead."""
    home = Path(__file__).resolve().parent
    os.execv(sys.executable, [sys.executable, str(home / "bot.py")])  # noqa: S606


@app.command(epilog="Example: ./vespera console")
def console(tenant: Tenant = "local") -> int:
    """The slash commands typed in a terminal, with history and completion."""
    from terminal.console import console

    return console(tenant)


@app.command(epilog="Example: ./vespera ask '/dnd spell name:fireball edition:5.1' --json")
def ask(
    line: Annotated[list[str], typer.Argument(help="A slash command; options are written name:value.")],
    as_json: Json = False,
    tenant: Tenant = "local",
    offline: Annotated[bool, typer.Option("--offline", help="Ask no remote model: the rules data alone.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write the answer's files into this folder.")] = None,
) -> int:
    """One slash command through the real pipeline. An attachment is file:@PATH."""
    from terminal.ask import ask

    return ask(" ".join(line), as_json=as_json, tenant=tenant, offline=offline, out=out)


@app.command(epilog="Example: ./vespera why 481 --json")
def why(
    task: Annotated[str | None, typer.Argument(help="Number of the task; the tenant's last one when left out.")] = None,
    as_json: Json = False,
    tenant: Tenant = "local",
) -> int:
    """The trace of a task: who did what, by which rule, for how long and how much."""
    from terminal.ask import why

    return why(task, as_json=as_json, tenant=tenant)


@app.command(epilog="Example: ./vespera backup /var/backups/vespera.backup")
def backup(
    file: Annotated[Path, typer.Argument(help="A file that does not exist yet; a folder gets a dated one.")],
    as_json: Json = False,
) -> int:
    """Back up all databases and the key while the bot runs, and check what was written."""
    from terminal.backup import backup

    return backup(file, as_json=as_json)


@app.command(epilog="Example: ./vespera restore /var/backups/vespera.backup")
def restore(
    file: Annotated[Path, typer.Argument(help="A file that ./vespera backup wrote.")],
    as_json: Json = False,
    only_check: Annotated[bool, typer.Option("--check", help="Unpack and check it; change nothing.")] = False,
) -> int:
    """Put a backup in place of the data directory's databases, which are kept aside. The bot must be stopped."""
    from terminal.backup import restore

    return restore(file, as_json=as_json, only_check=only_check)


@app.command("rotate-key", epilog="Example: ./vespera rotate-key")
def rotate_key() -> int:
    """Bring the words in the databases under VESPERA_AT_REST_KEY, or make them plain. The bot must be stopped."""
    from terminal.rotate_key import rotate_key

    return rotate_key()


@app.command(context_settings=PASS_ON, epilog="Example: ./vespera bench pipeline")
def bench(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="Which one; all are listed when left out.")] = None,
) -> int:
    """Run a benchmark; it prints ratios."""
    from terminal.bench import bench

    return bench(name, context.args)


@check.command("terraform", epilog="Example: ./vespera check terraform ./network main.tf --json")
def check_terraform(
    paths: Annotated[list[Path], typer.Argument(help="A folder is one module; a file stands alone.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document a line, one for each path.")] = False,
    as_sarif: Annotated[bool, typer.Option("--sarif", help="One SARIF 2.1.0 log, for code-review tools.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Unverifiable counts as not fine (exit 1).")] = False,
) -> int:
    """Terraform files against syntax, references, provider schemas and security rules."""
    from terminal.check import terraform

    return terraform(paths, as_json=as_json, strict=strict, as_sarif=as_sarif)


@check.command("dnd", epilog="Example: ./vespera check dnd claims.json --json")
def check_dnd(
    file: Annotated[Path, typer.Argument(help="JSON with claims; - reads standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document a line.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Unverifiable counts as not fine (exit 1).")] = False,
) -> int:
    """Claims about the rules of D&D against the rules data."""
    from terminal.check import dnd

    return dnd(file, as_json=as_json, strict=strict)


@memory.command("add", epilog="Example: ./vespera memory add 'Flanking gives plus two here' --tags combat")
def memory_add(
    text: Annotated[str, typer.Argument(help="What to remember.")],
    tags: Annotated[str, typer.Option(help="Words to file it under, with commas.")] = "",
    tenant: Tenant = "local",
    as_json: Json = False,
) -> int:
    """Keep a note; on disk before this returns."""
    from terminal.memory import add

    return add(text, tags=tags, tenant=tenant, as_json=as_json)


@memory.command("search", epilog="Example: ./vespera memory search flanking --kind note --json")
def memory_search(
    text: Annotated[str, typer.Argument(help="What to look for, in your own words.")],
    kind: Annotated[str, typer.Option(help="Only records of this kind: note, answer, correction, …")] = "",
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many.")] = 10,
    tenant: Tenant = "local",
    as_json: Json = False,
) -> int:
    """The nearest records of a tenant, with score, age and how they were found."""
    from terminal.memory import search

    return search(text, kind=kind, k=k, tenant=tenant, as_json=as_json)


@memory.command("forget", epilog="Example: ./vespera memory forget 12 15")
def memory_forget(
    numbers: Annotated[list[int], typer.Argument(help="Numbers that `memory search` shows.")],
    tenant: Tenant = "local",
    as_json: Json = False,
) -> int:
    """Erase records by number: their text leaves database, log and index."""
    from terminal.memory import forget

    return forget(numbers, tenant=tenant, as_json=as_json)


@memory.command("stats", epilog="Example: ./vespera memory stats --json")
def memory_stats(tenant: Tenant = "local", as_json: Json = False) -> int:
    """Records, tiers, sizes, what waits for vectors, what was found damaged and rebuilt."""
    from terminal.memory import stats

    return stats(tenant=tenant, as_json=as_json)


@memory.command("check", epilog="Example: ./vespera memory check")
def memory_check(as_json: Json = False) -> int:
    """Read every row and index file and say what is wrong; exit 1 when anything is."""
    from terminal.memory import check

    return check(as_json=as_json)


@memory.command("reindex", epilog="Example: ./vespera memory reindex")
def memory_reindex(as_json: Json = False) -> int:
    """Make every index anew from the records."""
    from terminal.memory import reindex

    return reindex(as_json=as_json)


def main(arguments: list[str]) -> int:
    """Run one command; every outcome becomes an exit code, every error one sentence."""
    from terminal import failures

    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        check_text(" ".join(arguments))
        return int(app(arguments, prog_name="./vespera", standalone_mode=False) or 0)
    except (KeyboardInterrupt, typer.Abort):
        return failures.interrupted()
    except BrokenPipeError:
        return failures.nobody_reads()
    except VesperaError as error:
        return failures.told(error, as_json="--json" in arguments)
    except Exception as error:
        return failures.usage(error, as_json="--json" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
