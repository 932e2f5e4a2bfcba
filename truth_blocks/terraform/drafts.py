"""The structured draft of ``/cloud plan``: its shape, its bounds, and the coverage of its prose."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from errors import DraftMalformed
from truth_blocks.contracts import SourceFile, Violation
from truth_blocks.terraform.kinds import TYPE_NAME

MAX_FILES = 12
MAX_FILE_CHARACTERS = 60_000
MAX_PROSE_CHARACTERS = 4_000
_FILE_NAME = re.compile(r"[a-z0-9_-]{1,60}\.tf")
_UNITS = (1, 7, 60, 1024, 3_600, 86_400)
"""A number in prose may stand in the files in a smaller unit: minutes in seconds, GB in MB, days in seconds."""
_PRODUCT_NUMBERS = re.compile(r"\b(?:route ?53|log4j2|sha-?256|aes-?256|x86[_-]64|ipv[46]|http/[12](?:\.1)?)\b", re.I)
_QUOTED = re.compile(r"`([^`\n]{1,200})`")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)*(?:/\d+)?(?![\w])")
_GROUPED = re.compile(
    r"[$€£¥₹]\s?\d[\d.,'’_]*(?:[kKmM]\b| ?(?:thousand|million)\b)?"
    r"|(?<![\w.,])\d{1,3}(?:[,'’_]\d{3})+(?:\.\d+)?(?![\w])"
    r"|(?<![\w.,])\d+(?:\.\d+)?[kK]\b"
)
"""Amounts of money, and numbers with separators between their thousands or a `k` for them."""
_LINK = re.compile(r"(?:https?://|\bwww\.)[^\s<>`\"')\]]+", re.I)
_FREE_DIGITS = re.compile(r"(?<![A-Za-z_\d])\d+(?![A-Za-z_\d])")
_VERSION = re.compile(r"(?<![\w.])\d+\.\d+(?:\.\d+)?(?![\w.])")
_DECLARED = re.compile(r'^\s*(resource|data|variable|output|module)\s+"([\w-]+)"(?:\s+"([\w-]+)")?', re.M)
_COMMAND = re.compile(r"(?:terraform|aws|gcloud|az|kubectl|helm) [a-z]|(?:true|false|null)$")
"""Commands to type and words of the language need not stand in a file."""

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["files", "summary", "assumptions", "questions"],
    "properties": {
        "files": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name", "content"],
                "properties": {"name": {"type": "string"}, "content": {"type": "string"}},
            },
        },
        "summary": {"type": "string"},
        "assumptions": {"type": "array", "items": {"type": "string"}},
        "questions": {"type": "array", "items": {"type": "string"}},
    },
}
"""JSON schema of the draft, in the subset every provider accepts."""


class DraftFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a draft."""

    name: str
    content: str


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the Weaver hands over for ``cloud.plan``."""

    files: tuple[DraftFile, ...]
    summary: str
    assumptions: tuple[str, ...]
    questions: tuple[str, ...]

    def sources(self) -> tuple[SourceFile, ...]:
        """The files as the contracts know them."""
        return tuple(SourceFile(file.name, file.content) for file in self.files)

    def prose(self) -> Iterator[tuple[str, str]]:
        """(location, text) of everything a person reads besides the files."""
        yield "summary", self.summary
        for name, texts in (("assumptions", self.assumptions), ("questions", self.questions)):
            for index, text in enumerate(texts):
                yield f"{name}[{index}]", text


def read_draft(text: str) -> Draft:
    """The draft in a model's raw reply.

    Raises:
        DraftMalformed: not JSON of the agreed shape, or beyond its bounds; says what and where.
    """
    try:
        draft = msgspec.json.decode(text.encode("utf-8", "surrogatepass"), type=Draft)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise DraftMalformed(f"the draft is not JSON of the agreed shape: {error}") from None
    if len(draft.files) > MAX_FILES:
        raise DraftMalformed(f"files: {len(draft.files)} files, at most {MAX_FILES} are taken")
    seen: set[str] = set()
    for index, file in enumerate(draft.files):
        if not _FILE_NAME.fullmatch(file.name):
            raise DraftMalformed(f"files[{index}].name: {file.name[:60]!r}, expected a name like main.tf")
        if file.name in seen:
            raise DraftMalformed(f"files[{index}].name: {file.name} is there twice")
        if len(file.content) > MAX_FILE_CHARACTERS:
            raise DraftMalformed(f"files[{index}].content: longer than {MAX_FILE_CHARACTERS} characters")
        seen.add(file.name)
    if sum(len(text) for _, text in draft.prose()) > MAX_PROSE_CHARACTERS:
        raise DraftMalformed(f"summary, assumptions and questions: longer than {MAX_PROSE_CHARACTERS} characters")
    return draft


def coverage(draft: Draft) -> tuple[int, list[Violation]]:
    """How many names and numbers the prose states, and those that no file carries."""
    carried = _Carried(draft)
    stated = 0
    uncovered = []
    for location, text in draft.prose():
        for claim in dict.fromkeys(_claims(text)):
            stated += 1
            if not carried.holds(claim):
                message = f"the prose says `{claim}`, which stands nowhere in the files"
                uncovered.append(Violation("uncovered", location, message))
    return stated, uncovered


def _claims(text: str) -> Iterator[str]:
    yield from TYPE_NAME.findall(text)
    yield from (quoted.strip() for quoted in _QUOTED.findall(text) if quoted.strip())
    yield from (link.rstrip(".,;:!?*_") for link in _LINK.findall(text))
    plain = _PRODUCT_NUMBERS.sub("", _QUOTED.sub("", _LINK.sub(" ", text)))
    yield from (grouped.rstrip(".,'’_") for grouped in _GROUPED.findall(plain))
    plain = _GROUPED.sub(" ", plain)
    yield from _NUMBER.findall(plain)


class _Carried:
    """What the files of a draft carry: their text, their names, the addresses they declare, their numbers."""

    def __init__(self, draft: Draft) -> None:
        code = "\n".join(file.content for file in draft.files)
        addresses = []
        for kind, first, second in _DECLARED.findall(code):
            prefix = {"resource": "", "variable": "var."}.get(kind, f"{kind}.")
            addresses.append(f"{prefix}{first}.{second}" if second else f"{prefix}{first}")
        names = [file.name for file in draft.files]
        self._text = "\n".join([code, *addresses, *names])
        self._amounts = set(_NUMBER.findall(code))
        self._numbers = self._amounts | set(_FREE_DIGITS.findall(code))
        self._numbers |= {number.partition(".")[0] for number in _VERSION.findall(code)}

    def holds(self, claim: str) -> bool:
        """Does the claim stand in the files?"""
        if _GROUPED.fullmatch(claim):
            return self._holds_grouped(claim)
        if claim.isdigit():
            smaller = (
                claim[0] != "0" and len(claim) < 12 and any(str(int(claim) * unit) in self._numbers for unit in _UNITS)
            )
            return claim in self._numbers or smaller
        if _COMMAND.match(claim) and not _LINK.search(claim):
            return True
        start, end = (r"(?<![\w.])" if claim[0].isalnum() else ""), (r"(?!\w)" if claim[-1].isalnum() else "")
        return re.search(f"{start}{re.escape(claim)}{end}", self._text) is not None

    def _holds_grouped(self, claim: str) -> bool:
        """``$5,000`` is 5000 and nothing else, not even a version's 5000.0; ``80,443`` may also be a list."""
        currency, digits, unit = re.findall(r"^(\D*)([\d.,'’_]+)\s*(\w?)", claim)[0]
        zeros = {"": "", "k": "000", "t": "000", "m": "000000"}[unit.lower()]
        whole = re.sub(r"[,'’_]", "", digits).removesuffix(".00") + zeros
        if currency:
            return whole in self._amounts
        parts = digits.split(",")
        return whole in self._numbers or (not unit and all(part in self._numbers and part[0] != "0" for part in parts))
