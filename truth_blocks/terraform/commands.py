"""The commands of this block and how their options become topics."""

import re

from errors import UserMistake
from truth_blocks.contracts import Command, Option, Question, Topic
from truth_blocks.terraform.clouds import PROVIDERS, cloud_of, clouds_in
from truth_blocks.terraform.kinds import kinds_in, types_in
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
    Command(
        "/cloud explain",
        "cloud.explain",
        "What a Terraform file makes, from its parse alone: resources, what depends on what, inputs, exposure.",
        "/cloud explain file:@main.tf",
        (
            Option("file", "A .tf file", kind="file"),
            Option("text", "Terraform pasted as text", max_length=MAX_TEXT),
        ),
    ),
    Command(
        "/cloud diff",
        "cloud.diff",
        "What changed between two Terraform files, by resource; comments and formatting do not count.",
        "/cloud diff before:@old.tf after:@new.tf",
        (
            Option("before", "The older .tf file", kind="file"),
            Option("after", "The newer .tf file", kind="file"),
            Option("before_text", "The older Terraform, pasted as text", max_length=MAX_TEXT),
            Option("after_text", "The newer Terraform, pasted as text", max_length=MAX_TEXT),
        ),
    ),
)
_HCL = re.compile(r'^\s*(?:resource|data|module|provider|variable|output)\s+"[\w-]+"(?:\s+"[\w-]+")?\s*\{', re.M)
_ABOUT_TERRAFORM = re.compile(r"\b(?:terraform|tf file|hcl|opentofu)\b", re.I)
_ASKS_FOR = re.compile(
    r"\b(?:create|make|build|draft|write|set ?up|provision|deploy|plan|need|want|give me|generate|add|launch|spin up"
    r"|open)\b",
    re.I,
)
_HOW = re.compile(r"(?:how|why|what|when|where|who|which|should|is|are|does|do|did)\b", re.I)
"""A question about a thing is no wish to have it made."""
_BARE_HELM = re.compile(r"\bhelm\b(?! (?:charts?|releases?)\b)", re.I)
"""What people wear, too."""


def recognise(text: str) -> Question | None:
    """A free text that plainly wants Terraform for a cloud it names, or holds some; None for everything else."""
    if len(text) > MAX_TEXT:
        return None
    if _HCL.search(text):
        return Question("cloud.check", {"text": text})
    request = text.strip()
    if len(request) > MAX_REQUEST or _HOW.match(request) or not _ASKS_FOR.search(request):
        return None
    clouds = clouds_in(_BARE_HELM.sub(" ", request))
    about = bool(_ABOUT_TERRAFORM.search(request))
    if (clouds or about) and any(kinds_in(request, provider) for provider in clouds or PROVIDERS[:1]):
        return Question("cloud.plan", {"request": request})
    return Question("cloud.plan", {"request": request}) if about and types_in(request) else None


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
