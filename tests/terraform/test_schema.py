import hashlib
import re
import sqlite3
import statistics
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest

from tests.terraform.samples import schemas
from tools.build_terraform import packages
from truth_blocks.terraform.data.facts import DIGEST
from truth_blocks.terraform.schema import SCHEMA_FILE, Provider, Schemas

SMALL = ["random", "null", "local", "tls", "archive", "time", "http", "external", "template", "cloudinit"]
SETTING = re.compile(r"[a-z][a-z0-9_]* [robc](?:[snba]|[LEM][snb]|A|[ltokLTOK]\d+)")


def _aws() -> Provider:
    aws = schemas().provider("aws")
    assert aws is not None
    return aws


def test_the_artefact_holds_identifiers_and_type_codes_only() -> None:
    with sqlite3.connect(f"{SCHEMA_FILE.as_uri()}?mode=ro", uri=True) as database:
        dictionary = database.execute("SELECT bytes FROM dictionary").fetchone()[0]
        chunks = [row[0] for row in database.execute("SELECT bodies FROM chunk")]
        types = list(database.execute("SELECT kind, name, blocks FROM type"))
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    database.close()
    assert tables == {"provider", "type", "chunk", "dictionary"}
    for chunk in chunks:
        text = zlib.decompressobj(-15, dictionary).decompress(chunk).decode("ascii")
        assert all(SETTING.fullmatch(line) for line in text.split("\n") if line), text[:200]
    assert all(SETTING.fullmatch(line) for line in dictionary.decode("ascii").split("\n")[1:])
    for kind, name, blocks in types:
        assert re.fullmatch(r"[rdepf]", kind)
        assert re.fullmatch(r"(?:[a-z-]+::)?[a-z][a-z0-9_-]*", name)
        assert re.fullmatch(r"\d+:\d+(?: \d+:\d+)*", blocks)


def test_the_artefact_is_small_and_its_checksum_is_the_committed_one() -> None:
    content = SCHEMA_FILE.read_bytes()
    assert len(content) < 3_000_000
    listed = (SCHEMA_FILE.parent / "SHA256SUMS").read_text().split()
    assert listed == [hashlib.sha256(content).hexdigest(), SCHEMA_FILE.name]
    assert schemas().fingerprint == DIGEST


def test_the_notice_names_every_package_its_checksum_and_its_licence() -> None:
    notice = (SCHEMA_FILE.parent.parent / "NOTICE").read_text()
    assert "Mozilla Public License" in notice
    with sqlite3.connect(f"{SCHEMA_FILE.as_uri()}?mode=ro", uri=True) as database:
        rows = list(database.execute("SELECT name, version, package, package_version, package_sha256 FROM provider"))
    database.close()
    assert [each.name for each in packages()] == [row[2] for row in rows]
    for name, version, package, package_version, checksum in rows:
        assert f"{name} {version}, {package} {package_version}\n  {checksum}\n" in notice


@pytest.mark.parametrize(
    ("provider", "versions"),
    [
        ("aws", "6 5 4"),
        ("google", "8 7 6 5 4"),
        ("google-beta", "8 7 6 5 4"),
        ("azurerm", "5 4 3"),
        ("kubernetes", "3 2"),
        ("helm", "3 2"),
        *((name, "") for name in SMALL),
    ],
)
def test_the_generations_of_a_provider_are_there_newest_first(provider: str, versions: str) -> None:
    found = schemas().generations(provider)
    assert found
    assert schemas().provider(provider) == found[0]
    if versions:
        assert [each.version.partition(".")[0] for each in found] == versions.split()


def test_resources_data_sources_and_the_provider_are_all_there() -> None:
    aws = _aws()
    assert aws.generation == "aws 6"
    assert len(schemas().names(aws, "r")) > 1_500
    assert len(schemas().names(aws, "d")) > 600
    assert schemas().names(aws, "p") == ("aws",)
    assert schemas().find(aws, "r", "aws_no_such_thing") is None


@pytest.mark.parametrize(
    ("kind", "type_name", "setting", "flag", "type_of"),
    [
        ("r", "aws_lambda_function", "function_name", "r", "string"),
        ("r", "aws_lambda_function", "s3_object_version", "o", "string"),
        ("r", "aws_lambda_function", "arn", "c", "string"),
        ("r", "aws_lambda_function", "memory_size", "o", "number"),
        ("r", "aws_lambda_function", "layers", "o", "list of string"),
        ("r", "aws_lambda_function", "environment", "o", "block"),
        ("r", "aws_db_instance", "iops", "b", "number"),
        ("r", "aws_db_instance", "ipv6_cidr_blocks", "", ""),
        ("r", "aws_security_group", "ingress", "b", "set of objects"),
        ("r", "aws_s3_bucket", "tags", "o", "map of string"),
        ("d", "aws_ami", "owners", "o", "list of string"),
        ("d", "aws_ami", "filter", "o", "block"),
        ("p", "aws", "default_tags", "o", "block"),
        ("r", "aws_lexv2models_intent", "closing_setting", "o", "block"),
    ],
)
def test_names_flags_and_types_are_terraforms_own(
    kind: str, type_name: str, setting: str, flag: str, type_of: str
) -> None:
    block = schemas().find(_aws(), kind, type_name)  # type: ignore[arg-type]
    assert block is not None
    found = block.settings.get(setting)
    assert (found.flag, found.type_name) == (flag, type_of) if found else not flag


def test_opening_takes_at_most_20_ms_and_a_look_up_a_tenth_of_one() -> None:
    fastest = 1.0
    for _ in range(4):
        started = time.perf_counter()
        fresh = Schemas()
        aws = fresh.provider("aws")
        assert aws is not None
        assert fresh.find(aws, "r", "aws_s3_bucket") is not None
        fastest = min(fastest, time.perf_counter() - started)
    assert fastest < 0.02
    assert aws is not None
    names = fresh.names(aws, "r")[::7]
    times = []
    for name in names:
        began = time.perf_counter()
        fresh.find(aws, "r", name)
        times.append(time.perf_counter() - began)
    assert statistics.median(times) < 0.000_1


def test_the_schema_adds_less_than_5_mb_to_a_process() -> None:
    program = (
        "import resource, sqlite3, msgspec, zlib; from truth_blocks.terraform.schema import Schemas\n"
        "rss = lambda: int(open('/proc/self/statm').read().split()[1]) * 4096\n"
        "before = rss(); s = Schemas(); aws = s.provider('aws')\n"
        "[s.find(aws, 'r', name) for name in s.names(aws, 'r')[::3]]\n"
        "print(rss() - before)"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root)
    assert int(done.stdout) < 5_000_000
