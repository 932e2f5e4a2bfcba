"""Files and pasted texts of ``/cloud check``, ``explain`` and ``diff``: which is which, and their bounds."""

import hashlib
import re

from errors import UserMistake
from syntax import MAX_BYTES
from truth_blocks.contracts import Question, SourceFile, Topic
from truth_blocks.terraform.commands import provider_named
from truth_blocks.terraform.schema import Schemas

_FENCE = re.compile(r"\A\s*```\w*\n(.*?)\n?```\s*\Z", re.S)
_SIDES = ("before", "after")


def resolve_files(question: Question, schemas: Schemas) -> Topic:
    """Understand ``/cloud check`` and ``/cloud explain``: files and a pasted text are one module.

    Raises:
        UserMistake: neither file nor text, too large, or a file of another kind.
    """
    files = [*question.files, *_pasted(question, "text", "pasted.tf")]
    if not files:
        command = question.task_type.replace(".", " ")
        raise UserMistake(f"Attach a .tf file or paste its text: /{command} file:@main.tf.")
    return _topic(question.task_type, files, ", ".join(file.name for file in files), schemas)


def resolve_diff(question: Question, schemas: Schemas) -> Topic:
    """Understand ``/cloud diff``: the topic's files are the older and the newer one, in this order.

    Raises:
        UserMistake: one of the two is missing or given twice, too large, or a file of another kind.
    """
    files = []
    for side in _SIDES:
        given = [file for file in question.files if file.option == side]
        given += _pasted(question, f"{side}_text", f"{side}.tf")
        if not given:
            raise UserMistake(
                f"The {side} file is missing. Two are compared: /cloud diff before:@old.tf after:@new.tf, "
                "or paste them with before_text: and after_text:."
            )
        if len(given) > 1:
            raise UserMistake(f"{side}: came as a file and as text. Give one of them.")
        files += given
    return _topic(question.task_type, files, " → ".join(file.name for file in files), schemas)


def _pasted(question: Question, option: str, name: str) -> list[SourceFile]:
    text = question.options.get(option, "")
    if not text.strip():
        return []
    fenced = _FENCE.match(text)
    return [SourceFile(name, fenced[1] if fenced else text)]


def _topic(task_type: str, files: list[SourceFile], title: str, schemas: Schemas) -> Topic:
    for file in files:
        if not file.name.endswith(".tf"):
            raise UserMistake(f"{file.name[:60]} is not a Terraform file: only names ending in .tf are read.")
    if sum(len(file.content) for file in files) > MAX_BYTES:
        raise UserMistake(
            f"Larger than {MAX_BYTES // 1_000} kB: not read. Split the module, or check it in a terminal."
        )
    digest = hashlib.sha256(task_type.encode())
    for file in files:
        digest.update(f"{file.name}\0{len(file.content)}\0{file.content}".encode("utf-8", "surrogatepass"))
    provider = provider_named("", schemas)
    subject = {"names": [file.name for file in files]}
    return Topic(task_type, digest.hexdigest(), provider.generation, title[:80], subject, tuple(files))
