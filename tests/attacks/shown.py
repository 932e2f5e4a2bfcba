"""What must hold of everything that is shown, whatever was said. Structure alone: no text is recognised as an attack."""

import io
import json
import re
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from agents.component_ids import ComponentIds
from agents.contracts import Answer
from agents.table_contracts import Played
from agents.why import Why
from app import App
from cogs import boards, rendering, timeline
from cogs.rendering import Rendered
from neutralise import KNOWN_HOSTS, for_discord, for_terminal, visible
from terminal import output
from terminal.timeline import why_lines
from tests.attacks.corpus import SECRETS

AGENTS = {"Arbiter", "Weaver", "Critic", "Pipeline", "Memory"}
CODE = re.compile(r"(```.*?```|(?<!`)`[^`\n]+`(?!`))", re.DOTALL)
LINK = re.compile(r"\]\(\s*<?([a-z][a-z0-9+.-]*:[^\s)>]*)", re.IGNORECASE)
INVITE = re.compile(r"discord\.(?:gg|me|io|li)/+\w|discord(?:app)?\.com/+invite/+\w", re.IGNORECASE)
OUR_LINE = re.compile(r"^[ \t>]*-#[^\S\n]*[*_~|`\\]*[✓✔☑◌↺⌁▲✗]", re.MULTILINE)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def check_answer(app: App, answer: Answer, task_type: str, tenant: str) -> None:
    """An answer as it is stored, in Discord and in a pipe."""
    check_words(answer.text)
    for file in answer.files:
        check_words(file.content)
    for violation in answer.violations:
        check_line(violation.rule)
        check_line(violation.location)
        check_line(violation.message)
    sent = rendering.answer_message(answer, task_type, lambda act, of: app.component_ids.make(act, tenant, of))
    texts = check_message(app.component_ids, sent, tenant)
    assert not any(OUR_LINE.search(text) for text in texts[:-1] if not text.startswith(("◌", "▲"))), texts
    assert not OUR_LINE.search(texts[0].partition("\n")[2]) or answer.status == "partly"


def check_why(app: App, why: Why, tenant: str) -> None:
    """A trace, in Discord and in a terminal: every line is one that we wrote."""
    assert {line.agent for line in why.lines} <= AGENTS
    assert why.chain_ok
    for line in why_lines(why):
        check_line(line)
    sent = timeline.message(why, lambda act, of: app.component_ids.make(act, tenant, of))
    check_message(app.component_ids, sent, tenant)
    told = texts_of(sent)[0].split("\n")
    assert len([line for line in told if line.startswith("`")]) == len(told) - 1 - sum(
        "earlier steps" in line for line in told
    )
    for step in why.lines:
        check_message(app.component_ids, timeline.detail(step), tenant)


def check_played(app: App, played: Played, tenant: str) -> None:
    """What a command came to, in Discord and in a terminal: the reply, the line in the log, the board of the fight."""
    messages = [rendering.told(played.text, played.files), rendering.sentence(for_discord(played.public))]
    if played.view is not None:
        messages.append(boards.message(app, tenant, played.view))
    for message in messages:
        check_message(app.component_ids, message, tenant)
    for text in (played.text, played.public, played.view.board if played.view else ""):
        check_words(for_terminal(text))


def check_metrics(text: str, *never: str) -> None:
    """The page of figures: nobody's words, no server, no person, no secret."""
    for word in (*SECRETS, *never):
        assert word not in text, word


def check_message(ids: ComponentIds, sent: Rendered, tenant: str) -> list[str]:
    """A message: bounded, no mention, no hidden address, no button that is not ours."""
    texts = texts_of(sent)
    assert sum(map(len, texts)) <= 4_000
    for text in texts:
        plain = "".join(CODE.split(text)[::2])
        assert not re.search(
            "@everyone|@here|<@|<#|</[^<>]+:\\d|<t:|<id:|<a?:\\w", re.sub("<t:\\d+:t>", "", plain), re.IGNORECASE
        ), text
        assert not INVITE.search(text), text
        for address in LINK.findall(plain):
            parts = urlsplit(address)
            assert (parts.scheme, parts.netloc) in {("https", host) for host in KNOWN_HOSTS}, text
        check_words(text.replace("@\u200b", "@").replace("<\u200b", "<"))
    for part in parts_of(sent):
        if custom_id := part.get("custom_id"):
            ids.read(custom_id, tenant)
        assert not part.get("url")
        for option in part.get("options", ()):  # Discord shows these as plain text.
            check_line(f"{option['label']} {option.get('description') or ''}")
    for name, content in sent.attachments:
        assert re.fullmatch(r"[\w.-]{1,80}", name) and not name.startswith(".")
        if not name.endswith((".zip", ".png")):
            check_words(content.decode())
    return texts


def check_line(text: str) -> None:
    """A text that stands in a line of its own."""
    assert "\n" not in text, text
    check_words(text)


def check_words(text: str) -> None:
    """Nothing unseen, nothing that moves a cursor, no secret."""
    assert visible(text) == text, [hex(ord(each)) for each in text if visible(each) != each][:5]
    for secret in SECRETS:
        assert secret not in text


def check_terminal(answer: Answer, task_type: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An answer in a pipe, and on a terminal that shows colours."""
    capsys.readouterr()
    output.show_answer(answer, task_type)
    check_words(capsys.readouterr().out)
    screen = Screen()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", screen)
        output.show_answer(answer, task_type)
    text = COLOUR.sub("", screen.getvalue())
    assert "\x1b" not in text, text  # so no link either whose text hides its address
    check_words(text)


class Screen(io.StringIO):
    """A terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def check_log(lines: list[str]) -> None:
    """A log: one JSON object a line."""
    for line in lines:
        assert "\n" not in line
        assert line.isascii()
        assert not set(json.loads(line)) - {"at", "level", "from", "message", "task", "error"}
        check_words(json.loads(line)["message"].replace("\n", ""))


def texts_of(sent: Rendered) -> list[str]:
    """All texts of a message, in order."""
    return [str(part["content"]) for part in parts_of(sent) if part.get("content")]


def parts_of(sent: Rendered) -> Iterator[dict[str, Any]]:
    """Every component."""
    waiting: list[Any] = list(sent.view.to_components())  # type: ignore[no-untyped-call]
    while waiting:
        part = waiting.pop(0)
        yield part
        waiting = [*part.get("components", ()), *waiting]
