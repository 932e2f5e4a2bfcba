"""Buttons, selects and the modal. All state is in the signed custom_id, so they outlive any restart.

Every click is validated anew, in this order: the thing exists, it is still open, this person may.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

import discord
import msgspec
from discord import ui
from discord.ext import commands

from agents.contracts import Answer, Request
from blackboard.contracts import Feedback, Task
from cogs import asking, delivery, fights, rendering, replies, timeline, why
from cogs.places import tenant
from cogs.relay import views
from errors import NotAllowed, UserMistake

if TYPE_CHECKING:
    from cogs.front import Front

MODAL_LIFE_S = 15 * 60.0

_KINDS = (discord.InteractionType.component, discord.InteractionType.modal_submit)


class Clicks(commands.Cog):
    """Answers every click on a message of ours."""

    def __init__(self, front: "Front") -> None:
        self._front = front

    @commands.Cog.listener()
    async def on_interaction(self, interaction: "discord.Interaction[Front]") -> None:
        """Read the signed id and do what it says; errors are told to the person who clicked."""
        if interaction.type not in _KINDS:
            return
        data = cast(Mapping[str, Any], interaction.data or {})
        try:
            action, subject = self._front.app.component_ids.read(str(data.get("custom_id", "")), tenant(interaction))
            await self._front.door(interaction, _task_type(action))
            if action in fights.ACTIONS:
                await fights.clicked(interaction, action, subject)
                return
            if action in views.ACTIONS:
                await views.clicked(interaction, action, subject)
                return
            act = _ACTIONS.get(action)
            if act is None or not subject.isdecimal():
                raise UserMistake("This button is from another version and does nothing any more.")
            await act(interaction, int(subject))
        except Exception as error:
            await replies.failed(interaction, error)


def _task_type(action: str) -> str:
    """What a click is to the policy."""
    if action in fights.ACTIONS:
        return fights.task_type(action)
    return "why" if action in ("why", "detail") else "feedback"


async def _right(interaction: "discord.Interaction[Front]", task_id: int) -> None:
    await _answered(interaction, task_id)
    await _record(interaction, Feedback(task_id, str(interaction.user.id), right=True, at=time.time()))
    await _note(interaction, f"Noted: task {task_id} is right. Wrong still changes it.")


async def _wrong(interaction: "discord.Interaction[Front]", task_id: int) -> None:
    await _answered(interaction, task_id)
    front = interaction.client
    modal = ui.Modal(
        title=f"What is wrong with task {task_id}?"[:45],
        custom_id=front.app.component_ids.make("wrong-text", tenant(interaction), str(task_id)),
        timeout=MODAL_LIFE_S,
    )
    modal.add_item(_field("What is wrong", "wrong", required=True))
    modal.add_item(_field("What would be right", "should_be", required=False))
    await interaction.response.send_modal(modal)


async def _wrong_text(interaction: "discord.Interaction[Front]", task_id: int) -> None:
    await _answered(interaction, task_id)
    data = cast(Mapping[str, Any], interaction.data or {})
    written = dict(replies.written(data.get("components", ())))
    user = str(interaction.user.id)
    feedback = Feedback(
        task_id, user, right=False, wrong=written.get("wrong", "").strip(),
        should_be=written.get("should_be", "").strip(), at=time.time(),
    )  # fmt: skip
    await _record(interaction, feedback)
    await _note(
        interaction,
        f"Noted: task {task_id} is wrong, with your reason. It is no longer served from the cache; admins see it in "
        f"/why task:{task_id}.",
    )


async def _offline(interaction: "discord.Interaction[Front]", task_id: int) -> None:
    """Ask a failed question again, from the facts alone; clicked twice it is the same new task."""
    task = await _task(interaction, task_id)
    if not _result(task).offer_rules:
        raise UserMistake(f"Task {task_id} has an answer already. Nothing was started.")
    role = interaction.client.role(interaction)
    if task.user != str(interaction.user.id) and role == "member":
        raise NotAllowed(f"Only the person who asked and admins may answer task {task_id} another way.")
    request = msgspec.structs.replace(
        delivery.asked(task.payload), role=role, offline=True, interaction_id=f"offline:{task_id}"
    )

    async def compose() -> Request:
        return request

    await asking.ask(interaction, compose)


async def _detail(interaction: "discord.Interaction[Front]", task_id: int) -> None:
    await _detail_of(interaction, task_id, interaction.client.app.why)


async def _relay_detail(interaction: "discord.Interaction[Front]", task_id: int) -> None:
    await _detail_of(interaction, task_id, interaction.client.app.relay_why)


async def _detail_of(interaction: "discord.Interaction[Front]", task_id: int, why_of: Callable[..., Any]) -> None:
    front = interaction.client
    reading = why_of(tenant(interaction), task_id, user=str(interaction.user.id), role=front.role(interaction))
    found = await replies.in_time(interaction, reading, ephemeral=True)
    values = cast(Mapping[str, Any], interaction.data or {}).get("values") or ["0"]
    index = int(values[0]) if str(values[0]).isdecimal() else 0
    if index >= len(found.lines):
        raise UserMistake("That step is no longer recorded: old traces are pruned.")
    await replies.send(interaction, timeline.detail(found.lines[index]), ephemeral=True)


_ACTIONS: dict[str, Callable[["discord.Interaction[Front]", int], Awaitable[None]]] = {
    "why": why.show,
    "right": _right,
    "wrong": _wrong,
    "wrong-text": _wrong_text,
    "offline": _offline,
    "detail": _detail,
    "relay-detail": _relay_detail,
}


async def _task(interaction: "discord.Interaction[Front]", task_id: int) -> Task:
    task = await interaction.client.app.blackboard.task(tenant(interaction), task_id)
    if task is None:
        raise UserMistake(f"Task {task_id} is no longer known: old tasks are pruned. Nothing was changed.")
    return task


async def _answered(interaction: "discord.Interaction[Front]", task_id: int) -> None:
    """Feedback needs an answer that exists."""
    task = await _task(interaction, task_id)
    if task.status != "done":
        raise UserMistake(f"Task {task_id} has no answer to judge. Nothing was recorded.")


def _result(task: Task) -> Answer:
    if task.result is None:
        raise UserMistake(f"Task {task.id} is still being answered. Nothing was started.")
    return msgspec.json.decode(task.result, type=Answer)


async def _record(interaction: "discord.Interaction[Front]", feedback: Feedback) -> None:
    front = interaction.client
    await front.app.feedback(tenant(interaction), feedback, role=front.role(interaction))


async def _note(interaction: "discord.Interaction[Front]", text: str) -> None:
    await replies.send(interaction, rendering.sentence(text), ephemeral=True)


def _field(label: str, name: str, *, required: bool) -> ui.Label[Any]:
    box: ui.TextInput[Any] = ui.TextInput(
        custom_id=name, style=discord.TextStyle.paragraph, required=required, max_length=1_000
    )
    return ui.Label(text=label, component=box)


async def setup(front: "Front") -> None:
    """Load the cog."""
    await front.add_cog(Clicks(front))
