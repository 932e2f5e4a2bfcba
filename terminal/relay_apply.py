"""`./vespera relay apply`: one model-written patch onto a working tree."""

import sys
from collections.abc import Sequence
from pathlib import Path

from agents.relay.patches import Applied, Refusal, plan, policy_of, read_patches
from agents.relay.patches import apply as write
from agents.relay.patches.contracts import MAX_BUNDLE_BYTES
from errors import UserMistake
from terminal import exits, output


def apply(repo: Path, file: Path, allow: Sequence[str], *, as_json: bool) -> int:
    """Put it there, all of it or nothing; the exit code."""
    if not repo.is_dir():
        raise UserMistake(f"{repo} is no folder. Nothing was changed.")
    planned = plan(repo, read_patches(_reply(file)), policy_of(repo, allow))
    done = planned if isinstance(planned, Refusal) else write(planned)
    return _tell_json(done) if as_json else _tell(done)


def _reply(file: Path) -> str:
    try:
        if str(file) == "-":
            raw = sys.stdin.buffer.read(MAX_BUNDLE_BYTES + 1)
        else:
            with file.open("rb") as stream:
                raw = stream.read(MAX_BUNDLE_BYTES + 1)
    except OSError as error:
        raise UserMistake(f"{file} cannot be read: {error.strerror}. Nothing was changed.") from None
    return raw.decode("utf-8", "surrogateescape")


def _tell_json(done: Applied | Refusal) -> int:
    if isinstance(done, Applied):
        output.write_json({"applied": True, "method": done.method, "files": list(done.files), "refused": None})
        return exits.FINE
    refused = {"code": done.code, "file": done.file, "line": done.line, "nearest": done.nearest}
    output.write_json({"applied": False, "method": None, "files": [], "refused": refused})
    return exits.NOT_FINE


def _tell(done: Applied | Refusal) -> int:
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
