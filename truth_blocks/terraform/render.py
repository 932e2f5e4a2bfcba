"""What a person reads: a compiler's listing of findings, and the message that comes with a plan."""

from truth_blocks.terraform.critic import ModuleReport
from truth_blocks.terraform.drafts import Draft
from truth_blocks.terraform.findings import Finding

_SHOWN_FINDINGS = 40
_SHOWN_RESOURCES = 25


def line_of(found: Finding) -> str:
    """``main.tf:14:3  unknown argument …`` as a compiler prints it."""
    if found.severity == "warning":
        return f"{found.location}  {found.message}   [warning {found.code}: {found.suggestion}]"
    if found.severity == "unverifiable":
        return f"{found.location}  {found.message}   [not checked]"
    return f"{found.location}  {found.message}"


def listing(report: ModuleReport) -> str:
    """The answer of ``/cloud check``: a sentence, then the findings in a code block."""
    counts = dict.fromkeys(("error", "warning", "unverifiable"), 0)
    for found in report.findings:
        counts[found.severity] += 1
    head = {
        "valid": "**Valid.** Every setting that could be checked holds.",
        "invalid": f"**Invalid.** {count(counts['error'], 'error')}.",
        "unverifiable": f"**Not wholly checked.** {count(counts['unverifiable'], 'place')} the facts cannot decide.",
    }[report.verdict]
    if counts["warning"]:
        head += f" {count(counts['warning'], 'insecure setting')}."
    parts = [head]
    if report.findings:
        lines = [plain(line_of(found)) for found in report.findings[:_SHOWN_FINDINGS]]
        if len(report.findings) > _SHOWN_FINDINGS:
            lines.append(f"… and {len(report.findings) - _SHOWN_FINDINGS} more")
        parts.append("```\n" + "\n".join(lines) + "\n```")
    parts.append(f"-# {report.verified} of {report.checkable} settings hold{against(report)}")
    return "\n".join(parts)


def plan(draft: Draft, report: ModuleReport) -> str:
    """The message beside the files of ``/cloud plan``."""
    parts = [draft.summary.strip(), "", "**Makes**", *_resources(report)]
    for title, texts in (("Assumed", draft.assumptions), ("Yours to decide", draft.questions)):
        if texts:
            parts += ["", f"**{title}**", *(f"- {text}" for text in texts)]
    warnings = [found for found in report.findings if found.severity == "warning"]
    if warnings:
        parts += ["", "**Security rules noticed**", "```", *(plain(line_of(found)) for found in warnings), "```"]
    names = ", ".join(file.name for file in draft.files)
    parts += ["", f"-# {names}{against(report)}"]
    return "\n".join(parts)


def _resources(report: ModuleReport) -> list[str]:
    lines: list[str] = []
    for file in report.files:
        made = [block for block in file.body.blocks if block.type in ("resource", "module")]
        lines.extend(f"- `{'.'.join(block.labels)}` ({file.name}:{block.line})" for block in made)
    if len(lines) > _SHOWN_RESOURCES:
        lines = [*lines[:_SHOWN_RESOURCES], f"- … and {len(lines) - _SHOWN_RESOURCES} more"]
    return lines


def against(report: ModuleReport) -> str:
    """`` · checked against aws 6.1.0``, or nothing."""
    shown = ", ".join(f"{name} {version}" for name, version in sorted(report.generation.items()))
    return f" · checked against {shown}" if shown else ""


def plain(line: str) -> str:
    """A line that cannot end its code block."""
    return line.replace("```", "'''").replace("\n", " ")


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 error``, ``2 errors``."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"
