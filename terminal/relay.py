"""`./vespera relay`: coding jobs in the terminal. Each command's work is imported when it is called."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from agents.relay.patches import Applied, Refusal

relay = typer.Typer(no_args_is_help=True, help="Coding jobs whose every step is proved.")

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Repository = Annotated[Path, typer.Option("--repo", help="The repository's top folder.")]


@relay.command(epilog="Example: ./vespera relay apply --repo ../shop reply.md --json")
def apply(
    file: Annotated[
        Path, typer.Argument(help="What a model wrote: diffs, blocks or whole files; - reads standard input.")
    ],
    repo: Repository,
    as_json: Json = False,
    allow: Annotated[
        list[str] | None, typer.Option("--allow", help="Glob of protected paths that may be changed, e.g. 'tests/**'.")
    ] = None,
) -> int:
    """Put one model-written patch onto the working tree, by the relay's policy and locator: all of it or nothing."""
    from agents.relay.patches import Refusal, plan, policy_of, read_patches
    from agents.relay.patches import apply as write
    from errors import UserMistake

    if not repo.is_dir():
        raise UserMistake(f"{repo} is no folder. Nothing was changed.")
    reply = _reply(file)
    planned = plan(repo, read_patches(reply), policy_of(repo, allow or ()))
    done = planned if isinstance(planned, Refusal) else write(planned)
    return _tell_json(done) if as_json else _tell(done)


def _reply(file: Path) -> str:
    from agents.relay.patches.contracts import MAX_BUNDLE_BYTES
    from errors import UserMistake

    try:
        if str(file) == "-":
            raw = sys.stdin.buffer.read(MAX_BUNDLE_BYTES + 1)
        else:
            with file.open("rb") as stream:
                raw = stream.read(MAX_BUNDLE_BYTES + 1)
    except OSError as error:
        raise UserMistake(f"{file} cannot be read: {error.strerror}. Nothing was changed.") from None
    return raw.decode("utf-8", "surrogateescape")


def _tell_json(done: "Applied | Refusal") -> int:
    from agents.relay.patches import Applied
    from terminal import exits, output

    if isinstance(done, Applied):
        output.write_json({"applied": True, "method": done.method, "files": list(done.files), "refused": None})
        return exits.FINE
    refused = {"code": done.code, "file": done.file, "line": done.line, "nearest": done.nearest}
    output.write_json({"applied": False, "method": None, "files": [], "refused": refused})
    return exits.NOT_FINE


def _tell(done: "Applied | Refusal") -> int:
    from agents.relay.patches import Applied
    from terminal import exits, output

    if isinstance(done, Applied):
        how = {
            "git": "as git reads it",
            "locator": "by the locator",
            "blocks": "by its blocks",
            "whole": "as whole files",
        }
        output.strong(f"✓ applied {how[done.method]}")
        for path in done.files:
            what = "new" if path in done.created else "deleted" if path in done.deleted else "changed"
            output.say(f"  {what:<8} {path}")
        for sentence in done.tolerated:
            output.quiet(f"  {sentence}")
        return exits.FINE
    output.strong(f"✗ refused ({done.code}) {done.file}".rstrip())
    output.say(f"{done.message} Nothing was changed." if "othing was changed" not in done.message else done.message)
    if done.nearest:
        output.say(f"\n{done.file}, as it {'would be' if done.code == 'syntax' else 'stands'}:\n{done.nearest}")
    return exits.NOT_FINE
