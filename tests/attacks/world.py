"""A server under attack: the real App, a model that says what the corpus tells it to, people who write what it holds."""

import contextlib
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec

import logs
from agents.contracts import Answer, Request
from agents.table_contracts import Play, Played
from app import App
from blackboard.contracts import Feedback
from errors import NotAllowed, UserMistake
from tests.apps import PASS, settings_for
from tests.attacks.corpus import CANARY, KEY, Item
from tests.scripted_model import Reply, ScriptedModel
from tests.scripted_wire import Received
from truth_blocks.contracts import Question, SourceFile, TruthBlock

TENANT, OTHER = "guild:1", "guild:2"
SECRET_OF_OTHERS = "The grappled vault opens to the word Xanthippe."
BUCKET = "a private bucket called logs"
TASKS = {"dnd_rule": "dnd.rule", "cloud_plan": "cloud.plan", "narrate": "combat.narrate", "critic": "dnd.rule"}
"""What is asked to get an output; anything else is the reply to a free question."""


class World:
    """One App. Pairs are played one after the other."""

    def __init__(self, app: App, model: ScriptedModel) -> None:
        self.app, self.model = app, model
        self.draft, self.opinion = "{}", PASS
        self.lines: list[str] = []
        self.played: list[Played] = []
        """What commands came to, until somebody has looked at it."""
        self._question = ""
        self._right: dict[tuple[str, str], str] = {}
        self._names = 0

    # -- what people do

    async def plant(self, item: Item) -> list[Answer]:
        """Write an input where its kind is written; answers that came at once are returned."""
        self._question = item.text if item.kind in ("questions", "goals") else ""
        match item.kind:
            case "files" | "repository":
                file = SourceFile("main.tf", item.text, "file")
                asked = [await self.asked(task, {}, (file,)) for task in ("cloud.check", "cloud.explain")]
                return [answer for answer in asked if answer is not None]
            case "notes":
                await self.tried("memory.remember", text=item.text)
            case "feedback":
                self.draft, self.opinion = await self.right("dnd.rule", "grappled"), PASS
                answer = await self.asked("dnd.rule", {"topic": "grappled"})
                assert answer is not None and answer.task_id is not None
                said = Feedback(answer.task_id, "mira", False, wrong=item.text, should_be=item.text)
                await self.app.feedback(TENANT, said, role="member")
            case "characters":
                await self.tried("dnd.character", files=(SourceFile("mira.json", item.text, "file"),))
                await self.fight("")
            case "names":
                await self.fight(item.text)
        return []

    async def fight(self, name: str) -> None:
        """A fight in which somebody of that name is."""
        await self.tried("combat.end", user="dm")
        await self.tried("combat.start", user="dm")
        hostile = name[:40] if name.strip() else "Shade"
        if await self.tried("combat.join", called=name, hp="20", ac="14", initiative="20") is None:
            await self.tried("combat.join", hp="20", ac="14", initiative="20")
        await self.tried("combat.add", user="dm", creature="goblin warrior", name="Goblin", initiative="5", hp="500")
        await self.tried("combat.add", user="dm", creature="goblin warrior", name=hostile, initiative="1")
        await self.tried("combat.next", user="dm")

    async def tried(
        self, task: str, *, user: str = "mira", called: str = "Mira", files: tuple[SourceFile, ...] = (), **options: str
    ) -> Played | None:
        """A command carried out at once; None when it was refused in a sentence."""
        request = Request(TENANT, user, task, f"/{task.replace('.', ' ')}", options, files)
        try:
            self.played.append(await self.app.play(Play(request, "c", called)))
        except (UserMistake, NotAllowed):
            return None
        return self.played[-1]

    async def asked(self, task: str, options: dict[str, str], files: tuple[SourceFile, ...] = ()) -> Answer | None:
        """A question; None when it was refused in a sentence."""
        command = f"/{task.replace('.', ' ')} {' '.join(options.values())}"
        try:
            return await (await self.app.submit(Request(TENANT, "mira", task, command, options, files))).wait()
        except (UserMistake, NotAllowed):
            return None

    # -- what the model says

    async def provoke(self, output: Item) -> tuple[str, Answer | None]:
        """Ask so that the model gives this output; the task type and the answer."""
        task = TASKS.get(output.kind, "ask")
        if task == "combat.narrate":
            await self._something_happens()
            options = {"channel": "c"}
        elif task == "dnd.rule":
            options = {"topic": f"grappled {self._question}".strip()}
        elif task == "cloud.plan":
            options = {"request": f"{BUCKET} {self._question}".strip(), "provider": "aws"}
        else:
            options = {"question": self._question or "what is the tavern called"}
        await self.app.blackboard.evict_all(TENANT)
        right = await self.right(task, options.get("topic", ""))
        if output.kind == "critic":
            self.draft, self.opinion = right, output.text
        else:
            self.draft, self.opinion = _filled(output.text, right), PASS
        return task, await self.asked(task, options)

    async def _something_happens(self) -> None:
        if await self.app.blackboard.combats.open_in(TENANT, "c") is None:
            await self.fight("Mira")
        await self.tried("combat.damage", user="dm", target="Goblin", amount="1")

    async def right(self, task: str, topic: str) -> str:
        """A draft that holds: the embedded model's."""
        if task == "ask":
            return '{"answer": "The Gilded Griffin."}'
        if task == "combat.narrate":
            with contextlib.suppress(UserMistake):
                excerpt = msgspec.json.encode(await self.app._table.excerpt(TENANT, "c")).decode()
                return await self._drafted(Question(task, {"excerpt": excerpt}))
            return '{"narration": [{"event": 1, "text": "x"}]}'
        if (task, topic) not in self._right:
            options = (
                {"topic": topic, "edition": "5.2"} if task == "dnd.rule" else {"request": BUCKET, "provider": "aws"}
            )
            self._right[task, topic] = "{}"  # what is too long to be a question is refused, and never drafted
            with contextlib.suppress(UserMistake):
                self._right[task, topic] = await self._drafted(Question(task, options))
        return self._right[task, topic]

    async def _drafted(self, question: Question) -> str:
        block: TruthBlock = self.app._by_task[question.task_type]
        return await self.app._truth.call(lambda: block.draft_offline(block.resolve(question), ()))

    def script(self, request: Received) -> Reply:
        """Obey."""
        text = self.opinion if "You are the Deep Critic" in request.text else self.draft
        return Reply(text=text, piece=200_000)


def _filled(text: str, right: str) -> str:
    """An output that builds on a draft that holds."""
    if "«" not in text:
        return text
    found: dict[str, Any] = json.loads(right)
    told = found.get("narration", [{"text": ""}])
    parts = {
        "right": json.dumps(found.get("answer", ""), ensure_ascii=False)[1:-1],
        "claims": json.dumps(found.get("claims", []), ensure_ascii=False),
        "files": json.dumps(found.get("files", []), ensure_ascii=False),
        "file": json.dumps(found.get("files", [{"content": ""}])[0]["content"])[1:-1],
        "told": right.rstrip().removesuffix("]}"),
        "text": json.dumps(told[-1]["text"], ensure_ascii=False)[1:-1] if told else "",
    }
    for name, part in parts.items():
        text = text.replace(f"«{name}»", part)
    return text


class Lines(logging.Handler):
    """Keeps what the log would hold."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logs.JsonLines())
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))


@contextlib.asynccontextmanager
async def attacked(folder: Path, **changes: Any) -> AsyncIterator[World]:
    """A world with another server in it, closed at the end."""
    held: list[World] = []
    async with ScriptedModel(lambda request: held[0].script(request)) as server:
        settings = settings_for(
            folder, server, discord_token=CANARY, openai_compatible_api_key=KEY, tenant_daily_tokens=0, user_per_minute=0, tenant_per_minute=0,
            user_daily_tokens=0, **changes,
        )  # fmt: skip
        logs.hide(settings.secrets)
        app = await App.open(settings)
        held.append(world := World(app, server))
        handler, root = Lines(world.lines), logging.getLogger()
        level = root.level
        root.addHandler(handler)
        root.setLevel(logging.INFO)
        try:
            note = Request(OTHER, "torv", "memory.remember", "/remember", {"text": SECRET_OF_OTHERS})
            await app.play(Play(note, "c"))
            yield world
        finally:
            root.setLevel(level)
            root.removeHandler(handler)
            await app.close()
