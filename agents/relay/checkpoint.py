"""Signed checkpoints: what was proved, sealed with Ed25519 and chained to the checkpoint before.

A commit carries its statement and signature as trailers, so that `relay verify` needs the repository and the public
key alone. The key signs for one data directory and lies in ``relay.key`` (mode 600) in it.
"""

import base64
import os
import secrets
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from agents.relay.contracts import CheckRun, SignedCheckpoint, Statement
from agents.relay.host_git import git
from blackboard import keyfile
from blackboard.failures import corrupt, file_error
from blackboard.keyfile import subkey
from redaction import hide

if TYPE_CHECKING:
    from nacl.signing import SigningKey

SEED_BYTES = 32
MOST = 10_000
"""Commits walked at most."""


def digest_of(statement: Statement) -> str:
    """SHA-256 of a statement's canonical form, hex."""
    return sha256(_canonical(statement)).hexdigest()


def report_digest(checks: Sequence[CheckRun]) -> str:
    """SHA-256 over what the checks found: names, commands and codes, without times and output."""
    rows = [(check.name, check.command, check.ok, check.exit_code) for check in checks]
    return sha256(msgspec.json.encode(rows)).hexdigest()


class Signer:
    """Signs statements with the key of one data directory. Only a Verifier holds one."""

    def __init__(self, data_dir: Path) -> None:
        self._key = load_key(data_dir)
        self.public = bytes(self._key.verify_key).hex()

    def sign(self, statement: Statement, at: float) -> SignedCheckpoint:
        """Seal a statement."""
        signature = self._key.sign(_canonical(statement)).signature
        return SignedCheckpoint(
            statement=statement, signature=base64.b64encode(signature).decode(), key=self.public, at=at
        )


def holds(signed: SignedCheckpoint, public: str) -> bool:
    """Whether a signature is this key's over this statement."""
    from nacl.exceptions import BadSignatureError
    from nacl.signing import VerifyKey

    try:
        VerifyKey(bytes.fromhex(public)).verify(_canonical(signed.statement), base64.b64decode(signed.signature))
    except (BadSignatureError, ValueError):
        return False
    return True


def message_of(signed: SignedCheckpoint, subject: str) -> str:
    """The commit's message: a subject, then the statement and its signature as trailers."""
    statement = signed.statement
    trailers = {
        "Vespera-Job": statement.job,
        "Vespera-Checkpoint": str(statement.number),
        "Vespera-Report": statement.report,
        "Vespera-Previous": statement.previous or "none",
        "Vespera-Approved": statement.approved,
        "Vespera-Key": signed.key,
        "Vespera-Signature": signed.signature,
    }
    return f"{_line(subject)}\n\n" + "".join(f"{name}: {value}\n" for name, value in trailers.items() if value)


class Broken(msgspec.Struct, frozen=True):
    """A commit of a job's branch that is not as it was signed."""

    commit: str
    message: str


def verify_chain(repo: str, tip: str, base: str, public: str) -> tuple[int, list[Broken]]:
    """Walk from `tip` to `base`: how many checkpoints there are, and every one that does not hold.

    Raises:
        GitFailed: the commits cannot be read.
    """
    form = "%H%x00%P%x00%T%x00%ct%x00%B%x01"
    raw = git(repo, "log", f"--max-count={MOST}", "--topo-order", f"--format={form}", tip, f"^{base}")
    found, broken = 0, []
    expected = ""
    commits = [part.strip("\n").split("\0") for part in raw.decode("utf-8", "replace").split("\1") if part.strip("\n")]
    after = base
    for commit, parents, tree, date, body in reversed(commits):
        signed = _read(parents, tree, float(date), body)
        found += 1
        why = _wrong(signed, parents, after, expected, public)
        if why:
            broken.append(Broken(commit, why))
        expected, after = digest_of(signed.statement) if signed else "", commit
    return found, broken


def _wrong(signed: SignedCheckpoint | None, parents: str, after: str, expected: str, public: str) -> str:
    if signed is None:
        return "it carries no signed statement"
    if parents != after:
        return "it does not follow the checkpoint before it"
    if signed.key != public or not holds(signed, public):
        return "its signature does not hold: tree, parent or statement was altered, or another key signed"
    if signed.statement.previous != expected:
        return "it is not chained to the checkpoint before it"
    return ""


def _read(parents: str, tree: str, date: float, body: str) -> SignedCheckpoint | None:
    said = dict(line.split(": ", 1) for line in body.splitlines() if line.startswith("Vespera-") and ": " in line)
    try:
        statement = Statement(
            job=said["Vespera-Job"],
            number=int(said["Vespera-Checkpoint"]),
            parent=parents,
            tree=tree,
            report=said["Vespera-Report"],
            previous="" if said["Vespera-Previous"] == "none" else said["Vespera-Previous"],
            approved=said.get("Vespera-Approved", ""),
        )
        return SignedCheckpoint(
            statement=statement, signature=said["Vespera-Signature"], key=said["Vespera-Key"], at=date
        )
    except (KeyError, ValueError):
        return None


def load_key(data_dir: Path) -> "SigningKey":
    """The signing key of a data directory, made on first use with mode 600 from its secret: a restored backup, which
    brings the secret, verifies what was signed before it.

    Raises:
        StoreCorrupt: the file does not hold a key.
        StoreError: it can be neither read nor made.
    """
    from nacl.signing import SigningKey

    path = data_dir / "relay.key"
    try:
        if not path.exists():
            _make(path, subkey(keyfile.load_key(data_dir), "relay checkpoints"))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
        seed = path.read_bytes()
    except OSError as error:
        raise file_error(error, path) from error
    if len(seed) != SEED_BYTES:
        raise corrupt(path, f"it holds {len(seed)} bytes in place of {SEED_BYTES}")
    hide([seed])
    return SigningKey(seed)


def _make(path: Path, seed: bytes) -> None:
    """Write the key beside its place and link it there whole, as `blackboard.keyfile` does."""
    draft = path.with_name(f"relay.key.{os.getpid()}.{secrets.token_hex(4)}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, seed)
        os.fsync(file)
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        os.close(file)
        draft.unlink()


def _canonical(statement: Statement) -> bytes:
    return msgspec.json.encode(msgspec.to_builtins(statement), order="sorted")


def _line(subject: str) -> str:
    """One line, fit for a subject; no trailer can be smuggled in."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in subject).split())
    return plain[:100] or "Checkpoint"
