"""Answers and sentences as Discord messages: one container with an accent by status, one quiet line, then buttons."""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import discord
from discord import ui

from agents.contracts import Answer, Status
from cogs import wording
from neutralise import file_name, for_discord
from truth_blocks.contracts import SourceFile

FILES_SHOWN = 4
"""Attachments a message carries singly; more become one zip."""
BEGINNING = 600
"""Characters of a long answer shown above its file."""
ACCENTS: dict[Status, int] = {
    "verified": 0x3BA55D,
    "direct": 0x4A7FC1,
    "partly": 0xD0A215,
    "unchecked": 0x8A8F98,
    "fallback": 0xD9822B,
    "refused": 0xB3423A,
    "failed": 0xB3423A,
    "busy": 0x8A8F98,
}
QUIET = 0x8A8F98

Sign = Callable[[str, str], str]
"""Makes the signed custom_id of an action on a subject."""
_PERSON = re.compile("<\u200b@(\\d{1,20})>")
"""A mention of a person as `for_discord` leaves it."""


@dataclass(slots=True)
class Rendered:
    """A message ready to be sent. Files are bytes, so that it can be sent again after a failed try."""

    view: ui.LayoutView
    attachments: Sequence[tuple[str, bytes]] = field(default_factory=tuple)

    def files(self) -> list[discord.File]:
        """Fresh attachments for one try."""
        return [discord.File(io.BytesIO(content), filename=name) for name, content in self.attachments]


def answer_message(answer: Answer, task_type: str, sign: Sign | None, lead: str = "") -> Rendered:
    """An answer with its status line, files and buttons; ``lead`` is a quiet line before it."""
    body, files = _body(answer)
    attachments = _attachments(files)
    children: list[ui.Item[Any]] = [ui.TextDisplay(f"-# {lead}")] if lead else []
    children.append(ui.TextDisplay(body))
    children.extend(_shown_file(name) for name, _ in attachments)
    children.append(ui.TextDisplay(f"-# {wording.status_line(answer, task_type)}"))
    view = _layout(children, ACCENTS[answer.status])
    if sign is not None and answer.task_id is not None:
        view.add_item(_buttons(answer, sign))
    return Rendered(view, attachments)


def sentence(text: str, accent: int = QUIET) -> Rendered:
    """One short text in a container; our own words, with names from outside neutralised."""
    return Rendered(_layout([ui.TextDisplay(for_discord(text)[: wording.BODY_LIMIT])], accent))


def told(text: str, files: Sequence[SourceFile] = (), *, people: bool = False) -> Rendered:
    """What came of a command that was carried out at once, with its files. ``people``: shown by name, pinged never."""
    attachments = _attachments(files)
    clean = for_discord(text)[: wording.BODY_LIMIT]
    items: list[ui.Item[Any]] = [ui.TextDisplay(_PERSON.sub(r"<@\1>", clean) if people else clean)]
    return Rendered(_layout([*items, *(_shown_file(name) for name, _ in attachments)], QUIET), attachments)


def blocks(
    items: Sequence[ui.Item[Any]], accent: int = QUIET, below: ui.ActionRow[Any] | None = None, mark: int | None = None
) -> ui.LayoutView:
    """A container of ready items with an optional row below it; ``mark`` is the container's number, to know it by."""
    view = _layout(items, accent, mark)
    if below is not None:
        view.add_item(below)
    return view


def _layout(items: Sequence[ui.Item[Any]], accent: int, mark: int | None = None) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(*items, accent_colour=accent, id=mark))
    view.stop()  # clicks are found by their signed id: nothing to keep in memory, nothing lost at a restart
    return view


def _body(answer: Answer) -> tuple[str, tuple[SourceFile, ...]]:
    body = wording.body(answer)
    if len(body) <= wording.BODY_LIMIT:
        return body, answer.files
    first = _beginning(body)
    if first.count("```") % 2:
        first += "\n```"
    return f"{first}\n\n… the whole answer is in `answer.md`.", (SourceFile("answer.md", answer.text), *answer.files)


def _beginning(body: str) -> str:
    """The first 300 to 600 characters, up to the end of a line or, where no line ends there, of a word."""
    for end in ("\n", " "):
        if (cut := body.rfind(end, BEGINNING // 2, BEGINNING)) > 0:
            return body[:cut].rstrip()
    return body[:BEGINNING]


def _shown_file(name: str) -> ui.Item[Any]:
    """A picture is shown, anything else offered."""
    if name.endswith(".png"):
        return ui.MediaGallery(discord.MediaGalleryItem(f"attachment://{name}"))
    return ui.File(f"attachment://{name}")


def _attachments(files: Sequence[SourceFile]) -> list[tuple[str, bytes]]:
    named = _distinct([(file_name(file.name), file.data) for file in files])
    if len(named) <= FILES_SHOWN:
        return named
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in named:
            archive.writestr(name, content)
    return [("files.zip", packed.getvalue())]


def _distinct(named: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    seen: dict[str, bytes] = {}
    for name, content in named:
        free, count = name, 1
        while free in seen:
            count += 1
            free = f"{count}-{name}"
        seen[free] = content
    return list(seen.items())


def _buttons(answer: Answer, sign: Sign) -> ui.ActionRow[Any]:
    subject = str(answer.task_id)
    row: ui.ActionRow[Any] = ui.ActionRow()
    if answer.offer_rules:
        row.add_item(_button("Do that", discord.ButtonStyle.primary, sign("offline", subject)))
    row.add_item(_button("Why?", discord.ButtonStyle.secondary, sign("why", subject)))
    if answer.status not in {"failed", "refused", "busy"}:
        row.add_item(_button("Right", discord.ButtonStyle.secondary, sign("right", subject)))
        row.add_item(_button("Wrong", discord.ButtonStyle.secondary, sign("wrong", subject)))
    return row


def _button(label: str, style: discord.ButtonStyle, custom_id: str) -> ui.Button[Any]:
    return ui.Button(label=label, style=style, custom_id=custom_id)
