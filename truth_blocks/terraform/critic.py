"""The critic of Terraform modules: syntax, schema, references, security, in one pass over parsed files."""

from collections.abc import Sequence

import msgspec

from truth_blocks.contracts import SourceFile
from truth_blocks.terraform.blocks import TopLevelCheck
from truth_blocks.terraform.findings import Finding, in_order
from truth_blocks.terraform.model import ParsedFile
from truth_blocks.terraform.parser import parse
from truth_blocks.terraform.references import ReferenceCheck, declarations
from truth_blocks.terraform.schema import Schemas
from truth_blocks.terraform.security import insecure_settings
from truth_blocks.terraform.survey import Survey


class ModuleReport(msgspec.Struct):
    """The verdict on one module."""

    files: list[ParsedFile]
    findings: list[Finding]
    generation: dict[str, str]
    """Provider → version of the schema it was checked against."""
    checkable: int
    verified: int
    citations: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """``invalid`` with any error, else ``unverifiable`` where the facts cannot decide something, else ``valid``."""
        severities = {found.severity for found in self.findings}
        return "invalid" if "error" in severities else "unverifiable" if "unverifiable" in severities else "valid"


def check_module(schemas: Schemas, sources: Sequence[SourceFile], complete: bool = True) -> ModuleReport:
    """Check files as one module; with ``complete`` False, undeclared references are unverifiable."""
    return check_parsed(schemas, [parse(source.name, source.content) for source in sources], complete)


def check_parsed(schemas: Schemas, files: list[ParsedFile], complete: bool = True) -> ModuleReport:
    """As `check_module`, for files already parsed."""
    survey = Survey()
    whole = complete and all(file.problem is None for file in files)
    top = TopLevelCheck(survey, schemas, files)
    references = ReferenceCheck(survey, declarations(files), whole, top.attributes_of)
    for file in files:
        survey.file = file.name
        if file.problem is not None:
            survey.error(file.problem.code, file.problem, file.problem.message)
            continue
        top.check(file)
        for block in file.body.blocks:
            references.check(block)
        insecure_settings(survey, file)
    verified = max(0, survey.checkable - survey.wrong)
    findings = in_order(survey.findings)
    return ModuleReport(files, findings, survey.generation, survey.checkable, verified, tuple(sorted(survey.citations)))
