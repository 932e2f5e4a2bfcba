"""Valid modules of the project's own writing, and the block under test."""

from functools import cache
from pathlib import Path

from tests.terraform.requests import REQUESTS
from truth_blocks.contracts import Question, SourceFile
from truth_blocks.terraform import TerraformBlock
from truth_blocks.terraform.critic import ModuleReport, check_module
from truth_blocks.terraform.drafts import read_draft
from truth_blocks.terraform.schema import Schemas

MODULES = Path(__file__).parent / "modules"


@cache
def block() -> TerraformBlock:
    return TerraformBlock()


@cache
def schemas() -> Schemas:
    return Schemas()


def critic(text: str, complete: bool = True) -> ModuleReport:
    return check_module(schemas(), [SourceFile("main.tf", text)], complete)


def drafted(request: str) -> tuple[SourceFile, ...]:
    topic = block().resolve(Question("cloud.plan", {"request": request}))
    return read_draft(block().draft_offline(topic, ())).sources()


@cache
def valid_modules() -> dict[str, str]:
    """Name → the text of a valid module, all files of a draft in one."""
    found = {path.stem: path.read_text() for path in sorted(MODULES.glob("*.tf"))}
    for name, request in REQUESTS["aws"].items():
        found[f"recipe {name}"] = "\n".join(file.content for file in drafted(request))
    return found
