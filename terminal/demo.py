"""`./vespera demo`: a tour of under a minute on the embedded model, in a temporary data directory."""

import asyncio
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import msgspec

import logs
from agents.contracts import Answer
from settings import load_settings
from terminal import asking, exits, output
from terminal.careless import TOPIC, CarelessModel
from terminal.front import Front
from terminal.relay_demo import relay_part
from terminal.session import Session
from terminal.timeline import why_lines

WRONG_FILE = """\
resource "aws_s3_bucket" "logs" {
  bucket_acl = "private"
}

resource "aws_instance" "web" {
  ami           = var.image
  instance_type = "t3.micro"
  disk_size     = 20
}
"""


class Stop(NamedTuple):
    """One stop of the tour, and how it should turn out: fine or not, from the cache, after so many drafts."""

    line: str
    why_here: str
    ok: bool = True
    cached: bool = False
    drafts: int | None = None


TOUR = (
    Stop("/dnd spell name: fireball", "A look-up: read from the rules data, no model involved."),
    Stop("/dnd rule topic: grappled", "A draft, then held claim by claim against the rules before you see it."),
    Stop("/dnd rule topic: grappled", "The same question again: now from the cache.", cached=True),
    Stop("/dnd roll dice: 2d20kh1+5 label: stealth", "Dice are rolled here, never by a model; every die is shown."),
    Stop(
        "/cloud plan request: a private bucket for logs",
        "Terraform from plain words; every resource and argument is held against the provider's schema.",
    ),
    Stop("/cloud check file:@{folder}/wrong.tf", "A file that looks right and is not.", ok=False),
)
CAUGHT = Stop(
    f"/dnd rule topic: {TOPIC}",
    "Now a model that drafts carelessly (scripted for this tour). Watch the critic: its first draft never reaches you.",
    drafts=2,
)

INTRODUCTION = """\
Vespera answers D&D and Terraform questions, in Discord and here. Nothing it did not check is shown as fact.
This tour runs the real pipeline on the embedded model: no key, no network, a temporary folder.
"""

TRUST = """\
Why the answers can be trusted
  · every draft is held against facts by code before anyone sees it; a model cannot overrule that check
  · at most three drafts, then what the data itself says, marked as a fallback
  · what no data covers is marked unchecked, before the answer
  · a coding job keeps a step only when its tests passed in a sandbox; each kept step is signed and chained
  · every answer has a trace in the database, written before the answer is shown: ./vespera why
Next: ./vespera setup (a bot in your server), ./vespera console (go on asking), README.md
"""


def demo() -> int:
    """Walk the tour; 1 when a stop does not turn out as it should."""
    began = time.monotonic()
    output.say(INTRODUCTION)
    with tempfile.TemporaryDirectory(prefix="vespera-demo-") as name:
        folder = Path(name)
        (folder / "wrong.tf").write_text(WRONG_FILE, "utf-8")
        missed = asyncio.run(_walk(folder))
    output.say(TRUST)
    output.quiet(f"{len(TOUR) + 2} stops in {time.monotonic() - began:.1f} s. The temporary folder is gone.")
    for line in missed:
        output.tell(f"this stop did not turn out as it should: {line}")
    return exits.NOT_FINE if missed else exits.FINE


async def _walk(folder: Path) -> list[str]:
    settings = replace(load_settings({}, None), data_dir=folder / "data")
    logs.start_logging("ERROR", ())
    async with Session(settings, models=()) as session:
        missed = [stop.line for stop in TOUR if not await session.do(_Visit(stop, folder))]
    careless = replace(settings, data_dir=folder / "careless")
    async with Session(careless, models=[CarelessModel()]) as session:
        missed += [] if await session.do(_Visit(CAUGHT, folder)) else [CAUGHT.line]
    return missed + await relay_part(settings, folder)


class _Visit:
    """Asks one stop's question and shows answer and trace; True when it turned out as it should."""

    def __init__(self, stop: Stop, folder: Path) -> None:
        self._stop, self._folder = stop, folder

    async def __call__(self, front: Front) -> bool:
        stop = self._stop
        _heading(stop)
        line = asking.Line(stop.line.format(folder=self._folder), f"demo:{uuid.uuid4().hex}")
        with output.Progress(live=True) as progress:
            replied = await asking.reply(front, line, progress)
        output.show_answer(_shortened(replied.answer), replied.task_type)
        for text in _trace(list(why_lines(await front.why("local", replied.answer.task_id)))):
            output.quiet(text)
        output.say("")
        return _as_it_should(stop, replied.answer)


def _shortened(answer: Answer) -> Answer:
    """With its main file only: the others are named in the text."""
    return msgspec.structs.replace(answer, files=tuple(file for file in answer.files if file.name == "main.tf"))


def _heading(stop: Stop) -> None:
    shown = stop.line.replace("{folder}/", "")
    output.strong(f"› {shown}")
    output.quiet(f"  {stop.why_here}")
    sys.stdout.flush()


def _trace(lines: list[str]) -> Iterator[str]:
    yield from (f"  │ {line}" for line in lines[1:])


def _as_it_should(stop: Stop, answer: Answer) -> bool:
    fine = exits.of_answer(answer) == exits.FINE
    return fine == stop.ok and answer.cached == stop.cached and stop.drafts in (None, answer.attempts)
