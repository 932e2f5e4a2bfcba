"""The Terraform truth block: the facts, the checks and the offline drafter behind one door."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from errors import UserMistake
from truth_blocks.contracts import Brief, Command, LookUp, Presented, Question, Report, Topic, Violation
from truth_blocks.terraform import attached, commands, offline, render
from truth_blocks.terraform.clouds import PROVIDERS, TITLES
from truth_blocks.terraform.critic import ModuleReport, check_module
from truth_blocks.terraform.data.facts import DIGEST
from truth_blocks.terraform.difference import difference
from truth_blocks.terraform.drafted import check_draft
from truth_blocks.terraform.drafts import SCHEMA, Draft, coverage, read_draft
from truth_blocks.terraform.excerpts import excerpts, required_settings, schema_of, types_for
from truth_blocks.terraform.explanation import explain
from truth_blocks.terraform.findings import Finding
from truth_blocks.terraform.kinds import missing_kinds
from truth_blocks.terraform.paths import check_paths
from truth_blocks.terraform.schema import Provider, Schemas

CHECKS_VERSION = 3
"""Raised whenever a check changes its verdict on any file."""


class TerraformBlock:
    """Implements `truth_blocks.contracts.TruthBlock` for Terraform."""

    name = "terraform"
    version = f"data {DIGEST}, checks {CHECKS_VERSION}"
    commands: Sequence[Command] = commands.COMMANDS

    def __init__(self, schemas: Schemas | None = None, insecure_fails: bool = False) -> None:
        self._schemas = schemas or Schemas()
        self._insecure_fails = insecure_fails
        if insecure_fails:
            self.version = f"{self.version}, insecure defaults fail"

    def recognise(self, text: str) -> Question | None:
        """A plain request for Terraform, or pasted Terraform; None for anything else."""
        return commands.recognise(text)

    def resolve(self, question: Question) -> Topic:
        """Understand a question.

        Raises:
            UserMistake: the text is what the person reads.
        """
        if question.task_type == "cloud.plan":
            return commands.resolve_plan(question, self._schemas)
        if question.task_type in ("cloud.check", "cloud.explain"):
            return attached.resolve_files(question, self._schemas)
        if question.task_type == "cloud.diff":
            return attached.resolve_diff(question, self._schemas)
        raise UserMistake(f"{question.task_type} is not a question about Terraform.")

    def look_up(self, topic: Topic) -> LookUp | None:
        """The answer of every command but ``cloud.plan``, which needs a draft."""
        if topic.task_type == "cloud.explain":
            return explain(self._schemas, topic.files)
        if topic.task_type == "cloud.diff":
            return difference(self._schemas, *topic.files)
        if topic.task_type != "cloud.check":
            return None
        report = check_module(self._schemas, topic.files, complete=False, insecure_fails=self._insecure_fails)
        return LookUp(
            render.listing(report),
            citations=report.citations,
            violations=tuple(_violation(found) for found in report.findings if found.severity != "unverifiable"),
            ok=report.verdict != "invalid",
        )

    def brief(self, topic: Topic, token_bound: int) -> Brief:
        """The request and the schema excerpts of the types it is about."""
        provider = self._provider(topic)
        types = types_for(self._schemas, provider, topic.subject["request"])
        variables = {
            "request": topic.subject["request"],
            "cloud": TITLES[provider.name],
            "provider": provider.name,
            "version": provider.version,
            "major": provider.version.partition(".")[0],
            "excerpts": excerpts(self._schemas, provider, types, token_bound),
        }
        return Brief("cloud_plan", variables, tuple(f"{provider.generation} {name}" for _, name in types))

    def draft_schema(self, task_type: str) -> Mapping[str, Any]:
        """The shape of the draft."""
        return SCHEMA

    def check(self, topic: Topic, draft: str) -> Report:
        """Hold every file of a draft against the schema, and its prose against the files.

        Raises:
            DraftMalformed: not JSON of the agreed shape, or beyond its bounds.
        """
        parsed = read_draft(draft)
        report = check_draft(self._schemas, parsed.sources(), topic.subject["request"], self._insecure_fails)
        stated, uncovered = coverage(parsed)
        plan = _plan_violations(topic.subject, report)
        found = [_violation(each) for each in report.findings if each.severity != "unverifiable"]
        return Report(
            checkable=report.checkable + stated + len(plan),
            verified=report.verified + stated - len(uncovered),
            violations=(*found, *plan, *uncovered),
            unverifiable=tuple(_violation(each) for each in report.findings if each.severity == "unverifiable"),
            citations=report.citations,
        )

    def present(self, topic: Topic, draft: str) -> Presented:
        """The files, and what a person should know about them."""
        parsed = read_draft(draft)
        report = check_draft(self._schemas, parsed.sources(), topic.subject["request"], self._insecure_fails)
        return Presented(render.plan(parsed, report), parsed.sources())

    def draft_offline(self, topic: Topic, findings: Sequence[Violation]) -> str:
        """A draft from the recipes.

        Raises:
            UserMistake: no recipe fits; says which requests the rules can draft.
        """
        draft: Draft = offline.draft(
            self._schemas, self._provider(topic), topic.subject["request"], topic.subject.get("named", True)
        )
        return msgspec.json.encode(draft).decode()

    def fallback(self, topic: Topic) -> LookUp:
        """The required settings of the types in question, from the schema alone."""
        if topic.task_type != "cloud.plan":
            return self.look_up(topic) or LookUp("")
        provider = self._provider(topic)
        types = types_for(self._schemas, provider, topic.subject["request"])
        against = f"{provider.name} {provider.version}"
        if not types:
            return LookUp(
                f"The schema of {against} names no resource for this request. Name a resource type to see it."
            )
        lines = [f"No draft held. What the schema of {against} requires:"]
        for kind, name in types:
            schema = schema_of(self._schemas, provider, kind, name)
            if schema is not None:
                lines.append(f"- {kind} `{name}`: {required_settings(self._schemas, schema)}")
        return LookUp("\n".join(lines), citations=tuple(f"{provider.generation} {name}" for _, name in types))

    def suggest(self, task_type: str, option: str, prefix: str, chosen: Mapping[str, str]) -> list[str]:
        """Completions of ``provider``."""
        if option != "provider":
            return []
        return [name for name in PROVIDERS if name.startswith(prefix.strip().lower())]

    def check_paths(self, paths: Sequence[str | Path], strict: bool = False) -> Iterator[dict[str, Any]]:
        """The critic alone, for ``./vespera check terraform``: one result per module."""
        return check_paths(self._schemas, [Path(path) for path in paths], strict, self._insecure_fails)

    def _provider(self, topic: Topic) -> Provider:
        return commands.provider_named(str(topic.subject.get("provider", "")), self._schemas)


def _violation(found: Finding) -> Violation:
    message = found.message
    if found.severity == "warning":
        return Violation(found.code, found.location, f"{message}: {found.suggestion}", "warning")
    return Violation(found.code, found.location, message)


def _plan_violations(subject: Mapping[str, Any], report: ModuleReport) -> list[Violation]:
    """What the files as a whole lack."""
    blocks = [block.type for file in report.files for block in file.body.blocks]
    if not {"resource", "module", "data"} & set(blocks):
        return [Violation("empty-plan", "files", "the files make nothing: no resource, module or data source")]
    plan = [
        Violation("other-generation", found.location, f"{found.message}: ask for the version that is checked")
        for found in report.findings
        if found.code == "other-generation"
    ]
    return plan + [
        Violation("missing-from-plan", "files", f"the request names a {kind.name.replace('_', ' ')}, no file makes one")
        for kind in missing_kinds(subject["request"], report.files, subject.get("provider", "aws"))
    ]
