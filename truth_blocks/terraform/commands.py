"""The commands of this block and how their options become topics."""

import hashlib
import re

from errors import UserMistake
from truth_blocks.contracts import Command, Option, Question, SourceFile, Topic
from truth_blocks.terraform.clouds import PROVIDERS, cloud_of, clouds_in
from truth_blocks.terraform.kinds import kinds_in, types_in
from truth_blocks.terraform.parser import MAX_BYTES
from truth_blocks.terraform.schema import Provider, Schemas

MAX_REQUEST = 2_000
MAX_TEXT = 4_000
COMMANDS = (
    Command(
        "/cloud plan",
        "cloud.plan",
        "Draft Terraform for a request; every resource and argument is checked before you see it.",
        "/cloud plan request: a private bucket called logs",
        (
            Option("request", "What you need, in plain words", required=True, max_length=MAX_REQUEST),
            Option("provider", "The cloud to draft for", choices=PROVIDERS, suggests=True, max_length=20),
        ),
    ),
    Command(
        "/cloud check",
        "cloud.check",
        "Check a Terraform file: unknown resources and arguments, missing settings, insecure defaults.",
        "/cloud check file:@main.tf",
        (
            Option("file", "A .tf file", kind="file"),
            Option("text", "Terraform pasted as text", max_length=MAX_TEXT),
        ),
    ),
)
_FENCE = re.compile(r"\A\s*```\w*\n(.*?)\n?```\s*\Z", re.S)
_HCL = re.compile(r'^\s*(?:resource|data|module|provider|variable|output)\s+"[\w-]+"(?:\s+"[\w-]+")?\s*\{', re.M)
_ABOUT_TERRAFORM = re.compile(r"\b(?:terraform|tf file|hcl|opentofu)\b", re.I)
_NAMES_A_CLOUD = re.compile(
    r"\b(?:aws|amazon web services|gcp|google cloud|azure|kubernetes|terraform|opentofu)\b", re.I
)
_ASKS_FOR = re.compile(
    r"\b(?:create|make|build|draft|write|set ?up|provision|deploy|plan|need|want|give me|generate)\b", re.I
)


def recognise(text: str) -> Question | None:
    """A free text that plainly is about Terraform on AWS; None for everything else."""
    if len(text) > MAX_TEXT:
        return None
    if _HCL.search(text):
        return Question("cloud.check", {"text": text})
    request = text.strip()
    named = bool(types_in(request))
    wanted = bool(_ASKS_FOR.search(request)) and bool(_NAMES_A_CLOUD.search(request)) and _names_a_kind(request)
    if len(request) <= MAX_REQUEST and (
        wanted or (named and _ABOUT_TERRAFORM.search(request) and _ASKS_FOR.search(request))
    ):
        return Question("cloud.plan", {"request": request})
    return None


def _names_a_kind(request: str) -> bool:
    return any(kinds_in(request, provider) for provider in clouds_in(request) or PROVIDERS[:1])


def resolve_plan(question: Question, schemas: Schemas) -> Topic:
    """Understand ``/cloud plan``.

    Raises:
        UserMistake: no request, too long, or a provider whose schema is not shipped.
    """
    request = " ".join(question.options.get("request", "").split())
    if not request:
        raise UserMistake("Say what you need, for example /cloud plan request: a private bucket called logs.")
    if len(request) > MAX_REQUEST:
        raise UserMistake(
            f"The request has {len(request)} characters, at most {MAX_REQUEST} are read. Nothing was made."
        )
    cloud = cloud_of(request, question.options.get("provider", ""))
    provider = provider_named(cloud.provider, schemas)
    key = request.casefold().rstrip(".!? ") or request.casefold()
    subject = {"request": request, "provider": provider.name, "named": cloud.named}
    title = request if len(request) <= 80 else f"{request[:79]}…"
    return Topic("cloud.plan", f"{provider.name}|{key}", provider.generation, title, subject)


def provider_named(name: str, schemas: Schemas) -> Provider:
    """The newest generation of a provider; ``aws`` when the name is empty.

    Raises:
        UserMistake: its schema is not shipped.
    """
    wanted = name.strip().lower() or PROVIDERS[0]
    provider = schemas.provider(wanted)
    if provider is None:
        raise UserMistake(f'"{wanted[:40]}" cannot be planned for yet. Providers: {", ".join(PROVIDERS)}.')
    return provider


def resolve_check(question: Question, schemas: Schemas) -> Topic:
    """Understand ``/cloud check``.

    Raises:
        UserMistake: neither file nor text, both, too large, or a file of another kind.
    """
    text = question.options.get("text", "")
    files = list(question.files)
    if text.strip():
        fenced = _FENCE.match(text)
        files.append(SourceFile("pasted.tf", fenced[1] if fenced else text))
    if not files:
        raise UserMistake("Attach a .tf file or paste its text: /cloud check file:@main.tf.")
    for file in files:
        if not file.name.endswith(".tf"):
            raise UserMistake(f"{file.name[:60]} is not a Terraform file: only names ending in .tf are read.")
    if sum(len(file.content) for file in files) > MAX_BYTES:
        raise UserMistake(
            f"Larger than {MAX_BYTES // 1_000} kB: not read. Split the module, or check it in a terminal."
        )
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name}\0{len(file.content)}\0{file.content}".encode("utf-8", "surrogatepass"))
    provider = provider_named("", schemas)
    title = ", ".join(file.name for file in files)[:80]
    subject = {"names": [file.name for file in files]}
    return Topic("cloud.check", digest.hexdigest(), provider.generation, title, subject, tuple(files))
