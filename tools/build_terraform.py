"""Build ``truth_blocks/terraform/data/schemas.sqlite`` from the pinned provider packages.

    python tools/build_terraform.py                    downloads the pinned packages with pip and npm
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
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.cdktn_source import TypeSource, open_package, provider_version, read_functions, read_type

DATA = Path(__file__).resolve().parent.parent / "truth_blocks" / "terraform" / "data"
PACKAGES = Path(__file__).resolve().parent / "terraform_packages.txt"
NOTICE = DATA.parent / "NOTICE"
DICTIONARY_BYTES = 32_768
CHUNK_BYTES = 4_000
"""Text of blocks deflated together: 638 kB in all and 19 µs to inflate one; 1 kB more at 2,000, 1/10 less at 8,000."""


@dataclass(frozen=True)
class Package:
    """A pinned package file. ``provider`` is the Terraform provider it was generated from."""

    provider: str
    name: str
    version: str
    sha256: str

    @property
    def file(self) -> str:
        """The file name under which the package's client saves it."""
        if self.name.startswith("@"):
            return f"{self.name[1:].replace('/', '-')}-{self.version}.tgz"
        return f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"

    @property
    def download(self) -> list[str]:
        """The client's command, to be run in the folder that receives the file."""
        if self.name.startswith("@"):
            return ["npm", "pack", "--silent", f"{self.name}@{self.version}"]
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
        return [*pip, f"{self.name}=={self.version}"]


def packages() -> list[Package]:
    """The pinned packages, in the order in which providers are numbered."""
    lines = PACKAGES.read_text().splitlines()
    return [Package(*line.split()) for line in lines if line and not line.startswith("#")]


FACTS_MODULE = '''"""Written by tools/build_terraform.py: which facts schemas.sqlite holds, known without opening it."""

DIGEST = "{facts}"
'''
TABLES = """
CREATE TABLE provider (number INTEGER PRIMARY KEY, name TEXT, version TEXT, package TEXT, package_version TEXT,
                       package_sha256 TEXT);
CREATE TABLE type (kind TEXT, name TEXT, blocks TEXT, PRIMARY KEY (kind, name)) WITHOUT ROWID;
CREATE TABLE chunk (first INTEGER PRIMARY KEY, bodies BLOB);
CREATE TABLE dictionary (bytes BLOB, digest TEXT);
"""


class Blocks:
    """Nested blocks, each distinct one once, numbered in order of first appearance (children first)."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self._numbers: dict[str, int] = {}

    def add(self, source: TypeSource, owner: str, inside: tuple[str, ...] = ()) -> int:
        """The number of the block that ``owner`` holds; a recursive or unread block ends as one of unknown content."""
        lines = []
        for setting in sorted(source.classes[owner], key=lambda each: each.name):
            code = setting.code
            if setting.child is not None and (setting.child in (*inside, owner) or setting.child not in source.classes):
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
    """The package file in ``folder``, downloaded with pip or npm when it is not there, its checksum verified."""
    path = folder / package.file
    if not path.exists():
        subprocess.run(package.download, check=True, cwd=folder)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != package.sha256:
        raise SystemExit(f"{path.name}: SHA-256 is {found}, pinned is {package.sha256}. Nothing was built.")
    return path


class Facts:
    """What all packages hold: providers with their versions, types with one block number per provider."""

    def __init__(self) -> None:
        self.blocks = Blocks()
        self.providers: list[tuple[int, Package, str]] = []
        self.types: dict[tuple[str, str], dict[int, int]] = {}

    def read(self, folder: Path) -> None:
        """Read all packages, those whose type names are the same together: like blocks then lie side by side."""
        numbered = enumerate(packages(), start=1)
        for _family, members in groupby(numbered, key=lambda each: each[1].provider.partition("-")[0]):
            sources: dict[tuple[str, str], list[tuple[int, TypeSource]]] = {}
            for number, package in members:
                version = ""
                for source, found in read_package(fetch(package, folder), package.provider):
                    version = found or version
                    sources.setdefault((source.kind, source.name), []).append((number, source))
                self.providers.append((number, package, version))
            for key, versions in sorted(sources.items(), key=lambda each: each[0]):
                self.types[key] = {number: self.blocks.add(source, source.root) for number, source in versions}

    @property
    def digest(self) -> str:
        """Of the facts, not of the bytes they are stored in."""
        digest = hashlib.sha256()
        digest.update(repr([(package.provider, version) for _number, package, version in self.providers]).encode())
        digest.update(repr(sorted(self.types.items())).encode())
        digest.update("\n\n".join(self.blocks.bodies).encode())
        return digest.hexdigest()[:16]


def read_package(path: Path, provider: str) -> Iterator[tuple[TypeSource, str]]:
    """Everything in a package, each with the provider's version where its file tells it."""
    for _folder, code, declarations in open_package(path):
        for name, parameters in read_functions(code):
            yield TypeSource("f", f"{provider}::{name}", "", {"": parameters}), ""
        source = read_type(code, declarations)
        if source is not None:
            metadata = provider_version(code)
            yield source, metadata[1] if metadata else ""


def dictionary_of(bodies: list[str]) -> bytes:
    """The commonest lines, the most valuable last, as deflate wants its preset dictionary."""
    counts = Counter(line for body in bodies for line in body.split("\n"))
    shared = [line for line, count in counts.items() if count > 1]
    shared.sort(key=lambda line: (counts[line] * len(line), line))
    return "\n".join(shared)[-DICTIONARY_BYTES:].encode("ascii")


def deflate(text: str, dictionary: bytes) -> bytes:
    """Raw deflate at the highest level."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, dictionary)
    return packer.compress(text.encode("ascii")) + packer.flush()


def chunks_of(bodies: list[str]) -> Iterator[tuple[int, str]]:
    """Number of the first block, and the blocks up to the next chunk with an empty line between two."""
    first, length = 0, 0
    for number, body in enumerate(bodies):
        length += len(body) + 2
        if length >= CHUNK_BYTES or number == len(bodies) - 1:
            yield first, "\n\n".join(bodies[first : number + 1])
            first, length = number + 1, 0


def build(folder: Path, target: Path) -> str:
    """Write the artefact and return the digest of its facts (not of its bytes)."""
    facts = Facts()
    facts.read(folder)
    target.unlink(missing_ok=True)
    with sqlite3.connect(target) as database:
        database.executescript(f"PRAGMA page_size=1024; PRAGMA journal_mode=OFF; {TABLES}")
        dictionary = dictionary_of(facts.blocks.bodies)
        database.execute("INSERT INTO dictionary VALUES (?, ?)", (dictionary, facts.digest))
        packed = [(first, deflate(text, dictionary)) for first, text in chunks_of(facts.blocks.bodies)]
        database.executemany("INSERT INTO chunk VALUES (?, ?)", packed)
        for number, package, version in facts.providers:
            source = (number, package.provider, version, package.name, package.version, package.sha256)
            database.execute("INSERT INTO provider VALUES (?, ?, ?, ?, ?, ?)", source)
        rows = [(*key, _pairs(numbers)) for key, numbers in sorted(facts.types.items())]
        database.executemany("INSERT INTO type VALUES (?, ?, ?)", rows)
    database.close()
    with sqlite3.connect(target) as database:
        database.execute("VACUUM")
    database.close()
    return facts.digest


def _pairs(numbers: dict[int, int]) -> str:
    """``1:20 2:25``: provider number and block number of a type in each generation."""
    return " ".join(f"{provider}:{block}" for provider, block in sorted(numbers.items()))


def list_sources(database: sqlite3.Connection) -> None:
    """Put the packages of an artefact into the NOTICE, in place of those that stand there."""
    rows = database.execute("SELECT name, version, package, package_version, package_sha256 FROM provider")
    listed = "".join(f"{row[0]} {row[1]}, {row[2]} {row[3]}\n  {row[4]}\n" for row in rows)
    head, rest = NOTICE.read_text().split("package):\n\n", 1)
    NOTICE.write_text(f"{head}package):\n\n{listed}\n" + rest.split("\n\n", 1)[1])


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
    with sqlite3.connect(committed) as database:
        list_sources(database)
    database.close()
    checksum = hashlib.sha256(committed.read_bytes()).hexdigest()
    (DATA / "SHA256SUMS").write_text(f"{checksum}  {committed.name}\n")
    (DATA / "facts.py").write_text(FACTS_MODULE.format(facts=facts))
    print(f"{committed.name}: {committed.stat().st_size} bytes, facts {facts}")


if __name__ == "__main__":
    main()
