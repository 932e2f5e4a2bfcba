"""Provider requirements of a module: which provider a local name stands for, and which versions it asks for."""

import re

import msgspec

from truth_blocks.terraform.model import Expression, ObjectValue, ParsedFile, literal_text

_CONSTRAINT = re.compile(r"\s*(~>|>=|<=|!=|=|<|>)?\s*v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?[\w.+-]*\s*")


class Requirement(msgspec.Struct, frozen=True):
    """One entry of ``required_providers``."""

    provider: str
    """Its name, or ``owner/name`` where the owner is not hashicorp."""
    constraint: str
    file: str
    line: int
    column: int


def requirements(files: list[ParsedFile]) -> dict[str, Requirement]:
    """Local provider name → what the module requires of it."""
    found: dict[str, Requirement] = {}
    for file in files:
        for terraform in (block for block in file.body.blocks if block.type == "terraform"):
            for required in (block for block in terraform.blocks if block.type == "required_providers"):
                for entry in required.attributes:
                    source, constraint = _source_and_constraint(entry.value)
                    provider = _provider_name(source) if source else entry.name
                    found[entry.name] = Requirement(provider, constraint or "", file.name, entry.line, entry.column)
    return found


def _source_and_constraint(value: Expression) -> tuple[str | None, str | None]:
    if not isinstance(value, ObjectValue):
        return None, literal_text(value)
    texts = {item.key: literal_text(item.value) for item in value.items}
    return texts.get("source"), texts.get("version")


def _provider_name(source: str) -> str:
    owner, _, name = source.lower().rpartition("/")
    return name if owner.rpartition("/")[2] in ("", "hashicorp") else source.lower()


def admits(constraint: str, version: str) -> bool:
    """Does a constraint (``>= 4.0, < 6``) admit a release of the major version of ``version``? Yes when unreadable."""
    major = int(version.partition(".")[0])
    for part in constraint.split(",") if constraint.strip() else ():
        match = _CONSTRAINT.fullmatch(part)
        if match is None:
            return True
        if not _admits(match[1] or "=", int(match[2]), match[3], match[4], major):
            return False
    return True


def major_of(constraint: str) -> int | None:
    """The major version that the first part of a constraint names; None when unreadable."""
    match = _CONSTRAINT.fullmatch(constraint.partition(",")[0])
    return int(match[2]) if match else None


def _admits(operator: str, major: int, minor: str | None, patch: str | None, wanted: int) -> bool:
    if operator == "~>":
        return wanted >= major if minor is None else wanted == major
    if operator in (">=", ">"):
        return wanted >= major
    if operator == "<=":
        return wanted <= major
    if operator == "<":
        return wanted < major or (wanted == major and (int(minor or 0), int(patch or 0)) > (0, 0))
    return operator == "!=" or wanted == major
