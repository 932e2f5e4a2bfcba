"""Build ``truth_blocks/terraform/data/schemas.sqlite`` from the pinned provider packages.

    python tools/build_terraform.py                    downloads the pinned packages with pip
    python tools/build_terraform.py --packages FOLDER  uses package files that are already there

The same packages make the same file, byte for byte (with one SQLite version); ``--check`` builds to a temporary place
and compares the facts with what is committed. Only identifiers and type codes are taken, no documentation.
"""

import argparse
import hashlib
import sqlite3
import subprocess
import sys
import tempfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.cdktn_source import TypeSource, open_package, provider_version, read_type

DATA = Path(__file__).resolve().parent.parent / "truth_blocks" / "terraform" / "data"
DICTIONARY_BYTES = 32_768


@dataclass(frozen=True)
class Package:
    """A pinned package file. ``provider`` is the Terraform provider it was generated from."""

    provider: str
    name: str
    version: str
    sha256: str

    @property
    def file(self) -> str:
        """The wheel's file name."""
        return f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"


PACKAGES = (
    Package("aws", "cdktn-provider-aws", "25.8.1", "2ffa579cb88b063cb3a9937e43c519391e876845768f51638a848bdf2ce9f354"),
)
FACTS_MODULE = '''"""Written by tools/build_terraform.py: which facts schemas.sqlite holds, known without opening it."""

DIGEST = "{facts}"
'''
TABLES = """
CREATE TABLE provider (number INTEGER PRIMARY KEY, name TEXT, version TEXT, package TEXT, package_version TEXT,
                       package_sha256 TEXT);
CREATE TABLE type (provider INTEGER, kind TEXT, name TEXT, block INTEGER, PRIMARY KEY (provider, kind, name))
    WITHOUT ROWID;
CREATE TABLE block (number INTEGER PRIMARY KEY, body BLOB);
CREATE TABLE dictionary (bytes BLOB, digest TEXT);
"""


class Blocks:
    """Nested blocks, each distinct one once, numbered in order of first appearance (children first)."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self._numbers: dict[str, int] = {}

    def add(self, source: TypeSource, owner: str, inside: tuple[str, ...] = ()) -> int:
        """The number of the block that ``owner`` holds; a recursive block ends as one of unknown content."""
        lines = []
        for setting in sorted(source.classes[owner], key=lambda each: each.name):
            code = setting.code
            if setting.child in (*inside, owner):
                code = "A" if code.isupper() else "a"
            elif setting.child is not None:
                code += str(self.add(source, setting.child, (*inside, owner)))
            lines.append(f"{setting.name} {setting.flag}{code}")
        body = "\n".join(lines)
        if body not in self._numbers:
            self._numbers[body] = len(self.bodies)
            self.bodies.append(body)
        return self._numbers[body]


def fetch(package: Package, folder: Path) -> Path:
    """The package file in ``folder``, downloaded with pip when it is not there, its checksum verified."""
    path = folder / package.file
    if not path.exists():
        requirement = f"{package.name}=={package.version}"
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "-d", str(folder)]
        subprocess.run([*command, requirement], check=True)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != package.sha256:
        raise SystemExit(f"{path.name}: SHA-256 is {found}, pinned is {package.sha256}. Nothing was built.")
    return path


def read_package(path: Path, blocks: Blocks) -> tuple[str, list[tuple[str, str, int]]]:
    """Provider version and (kind, type name, block number) of everything in a package."""
    version = ""
    types = []
    for _folder, code, declarations in open_package(path):
        source = read_type(code, declarations)
        if source is None:
            continue
        metadata = provider_version(code)
        version = metadata[1] if metadata else version
        types.append((source.kind, source.name, blocks.add(source, source.root)))
    return version, sorted(types)


def dictionary_of(bodies: list[str]) -> bytes:
    """The commonest lines, the most valuable last, as deflate wants its preset dictionary."""
    counts = Counter(line for body in bodies for line in body.split("\n"))
    shared = [line for line, count in counts.items() if count > 1]
    shared.sort(key=lambda line: (counts[line] * len(line), line))
    return "\n".join(shared)[-DICTIONARY_BYTES:].encode("ascii")


def deflate(body: str, dictionary: bytes) -> bytes:
    """One block, raw deflate at the highest level."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, dictionary)
    return packer.compress(body.encode("ascii")) + packer.flush()


def build(folder: Path, target: Path) -> str:
    """Write the artefact and return the digest of its facts (not of its bytes)."""
    blocks = Blocks()
    digest = hashlib.sha256()
    rows = []
    for number, package in enumerate(PACKAGES, start=1):
        version, types = read_package(fetch(package, folder), blocks)
        rows.append((number, package, version, types))
        digest.update(repr((package.provider, version, types)).encode())
    digest.update("\n\n".join(blocks.bodies).encode())
    target.unlink(missing_ok=True)
    with sqlite3.connect(target) as database:
        database.executescript(f"PRAGMA page_size=1024; PRAGMA journal_mode=OFF; {TABLES}")
        dictionary = dictionary_of(blocks.bodies)
        database.execute("INSERT INTO dictionary VALUES (?, ?)", (dictionary, digest.hexdigest()[:16]))
        packed = [(number, deflate(body, dictionary)) for number, body in enumerate(blocks.bodies)]
        database.executemany("INSERT INTO block VALUES (?, ?)", packed)
        for number, package, version, types in rows:
            source = (number, package.provider, version, package.name, package.version, package.sha256)
            database.execute("INSERT INTO provider VALUES (?, ?, ?, ?, ?, ?)", source)
            database.executemany("INSERT INTO type VALUES (?, ?, ?, ?)", [(number, *each) for each in types])
    database.close()
    with sqlite3.connect(target) as database:
        database.execute("VACUUM")
    database.close()
    return digest.hexdigest()[:16]


def main() -> None:
    """Command line entry."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=Path, help="folder with the package files")
    parser.add_argument("--check", action="store_true", help="compare with the committed file, write nothing")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / "schemas.sqlite" if options.check else DATA / "schemas.sqlite"
        facts = build(options.packages or Path(scratch), target)
        committed = DATA / "schemas.sqlite"
        with sqlite3.connect(committed) as database:
            expected = database.execute("SELECT digest FROM dictionary").fetchone()[0]
    if options.check:
        raise SystemExit(0 if facts == expected else f"facts differ: built {facts}, committed {expected}")
    checksum = hashlib.sha256(committed.read_bytes()).hexdigest()
    (DATA / "SHA256SUMS").write_text(f"{checksum}  {committed.name}\n")
    (DATA / "facts.py").write_text(FACTS_MODULE.format(facts=facts))
    print(f"{committed.name}: {committed.stat().st_size} bytes, facts {facts}")


if __name__ == "__main__":
    main()
