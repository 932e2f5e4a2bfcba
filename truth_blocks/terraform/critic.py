"""The critic of Terraform modules: syntax, schema, references, security, over parsed files."""

from collections.abc import Sequence

import msgspec

from truth_blocks.contracts import SourceFile
from truth_blocks.terraform.blocks import TopLevelCheck
from truth_blocks.terraform.called import NO_MODULES, Called
from truth_blocks.terraform.cycles import report_cycles
from truth_blocks.terraform.findings import Finding, in_order
from truth_blocks.terraform.generations import Generations
from truth_blocks.terraform.model import ParsedFile
from truth_blocks.terraform.parser import parse
from truth_blocks.terraform.references import ReferenceCheck, declarations
from truth_blocks.terraform.schema import Schemas
from truth_blocks.terraform.security import insecure_settings
from truth_blocks.terraform.survey import MAX_OF_EACH, Survey
from truth_blocks.terraform.versions import requirements


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


def check_module(
    schemas: Schemas, sources: Sequence[SourceFile], complete: bool = True, insecure_fails: bool = False
) -> ModuleReport:
    """Check files as one module; with ``complete`` False, undeclared references are unverifiable."""
    parsed = [parse(source.name, source.content) for source in sources]
    return check_parsed(schemas, parsed, complete, insecure_fails=insecure_fails)


def check_parsed(
    schemas: Schemas,
    files: list[ParsedFile],
    complete: bool = True,
    called: Called = NO_MODULES,
    insecure_fails: bool = False,
) -> ModuleReport:
    """As `check_module`, for files already parsed; ``called`` knows the modules that this one calls."""
    check = _ModuleCheck(schemas, files, complete, called)
    survey = check.under_the_fitting_generations()
    for file in files:
        survey.file = file.name
        insecure_settings(survey, file, insecure_fails)
    verified = max(0, survey.checkable - survey.wrong)
    findings = in_order(survey.findings)
    return ModuleReport(files, findings, survey.generation, survey.checkable, verified, tuple(sorted(survey.citations)))


class _ModuleCheck:
    """One module, checked as often as it takes to find the generations it is written for."""

    def __init__(self, schemas: Schemas, files: list[ParsedFile], complete: bool, called: Called) -> None:
        self._schemas, self._files, self._called = schemas, files, called
        self._whole = complete and all(file.problem is None for file in files)
        self._required = requirements(files)
        self._generations = Generations(schemas, self._required)
        self._declared = declarations(files)

    def under_the_fitting_generations(self) -> Survey:
        """What the newest admitted generations say; where they object, what the least objecting ones say."""
        survey = self._survey()
        changed = False
        for name, blame in sorted(survey.blame.items()):
            candidates = self._generations.candidates(name)
            if len(candidates) < 2 or blame > MAX_OF_EACH:
                continue
            fitting, least = candidates[0], blame
            for candidate in candidates[1:]:
                self._generations.choose(candidate)
                objections = self._survey(quiet=True).blame[name]
                if objections < least:
                    fitting, least, changed = candidate, objections, True
                if not least:
                    break
            self._generations.choose(fitting)
        if changed:
            survey = self._survey()
        self._gone_later(survey)
        return survey

    def _gone_later(self, survey: Survey) -> None:
        """Warn of names that the generation in force knows and the newest shipped one does not."""
        for name in sorted(survey.generation):
            in_force, newest = self._generations.of(name), self._schemas.provider(name)
            if in_force is None or newest is None or in_force == newest:
                continue
            known = {(each.file, each.at.line, each.at.column) for each in survey.strange if each.provider == name}
            self._generations.choose(newest)
            for each in self._survey(quiet=True, expressions=False).strange:
                if each.provider == name and (each.file, each.at.line, each.at.column) not in known:
                    survey.file = each.file
                    message = (
                        f"{each.name} is gone in {newest.generation} (the module is checked against {in_force.version})"
                    )
                    survey.warning("deprecated", each.at, message, f"what {newest.generation} has in its place")
            self._generations.choose(in_force)

    def _survey(self, quiet: bool = False, expressions: bool = True) -> Survey:
        survey = Survey(quiet)
        top = TopLevelCheck(survey, self._schemas, self._generations, self._required, self._called)
        references = ReferenceCheck(survey, self._declared, self._whole, top.readable, self._called, top.functions_of)
        for file in self._files:
            survey.file = file.name
            if file.problem is not None:
                report = survey.unverifiable if file.problem.code == "syntax-disputed" else survey.error
                report(file.problem.code, file.problem, file.problem.message)
                continue
            top.check(file)
            for block in file.body.blocks if expressions else ():
                references.check_top(block)
        if not quiet:
            top.check_addresses(self._files, self._declared, self._whole)
            report_cycles(survey, references.uses)
        return survey
