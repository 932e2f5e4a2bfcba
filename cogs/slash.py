"""Slash commands from the commands that the truth blocks declare: the same names, options and help as in a terminal."""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from agents.contracts import Request
from cogs import asking, files, replies
from cogs.places import channel, tenant
from truth_blocks.contracts import Command, Option, SourceFile

if TYPE_CHECKING:
    from cogs.front import Front

SUGGEST_WITHIN_S = 2.5
CHOICES = 25
DESCRIPTION = 100
"""Characters Discord allows for a description or a choice."""

Chosen = Mapping[str, Any]
Run = Callable[["discord.Interaction[Front]", Command, Chosen], Awaitable[None]]

_log = logging.getLogger(__name__)


async def submit(interaction: "discord.Interaction[Front]", command: Command, chosen: Chosen) -> None:
    """The way of every command that asks the pipeline."""
    hidden = bool(chosen.get("hidden"))

    async def compose() -> Request:
        given = {name: value for name, value in chosen.items() if value not in (None, False)}
        attached = {name: item for name, item in given.items() if isinstance(item, discord.Attachment)}
        return request(interaction, command, given, await files.read_all(attached))

    await asking.ask(interaction, compose, ephemeral=hidden)


def request(
    interaction: "discord.Interaction[Front]", command: Command, given: Chosen, sources: tuple[SourceFile, ...]
) -> Request:
    """What was asked, as the pipeline takes it."""
    typed = " ".join([command.path, *(f"{name}: {_typed(value)}" for name, value in given.items())])
    return Request(
        tenant=tenant(interaction),
        user=str(interaction.user.id),
        task_type=command.task_type,
        command=typed[:300],
        options={name: _plain(value) for name, value in given.items() if not isinstance(value, discord.Attachment)},
        files=sources,
        role=interaction.client.native_role(interaction),
        interaction_id=str(interaction.id),
    )


def build(front: "Front", command: Command, run: Run = submit) -> "app_commands.Command[Any, ..., Any]":
    """One slash command; its last word is the name, the words before it are its groups."""

    async def callback(interaction: "discord.Interaction[Front]", **chosen: Any) -> None:
        try:
            await run(interaction, command, chosen)
        except Exception as error:
            await replies.failed(interaction, error)

    callback.__signature__ = _signature(command)  # type: ignore[attr-defined]
    described = app_commands.describe(**{option.name: option.help[:DESCRIPTION] for option in command.options})
    chooses = app_commands.choices(
        **{
            option.name: [app_commands.Choice(name=choice, value=choice) for choice in option.choices[:CHOICES]]
            for option in command.options
            if option.choices
        }
    )
    name = command.path.rsplit(" ", 1)[-1].lstrip("/")
    built: app_commands.Command[Any, ..., Any] = app_commands.Command(
        name=name, description=command.help[:DESCRIPTION], callback=described(chooses(callback))
    )
    for option in command.options:
        if option.suggests:
            built.autocomplete(option.name)(_completion(front, command, option))
    return built


def _signature(command: Command) -> inspect.Signature:
    parameters = [inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    ordered = sorted(command.options, key=lambda option: not option.required)
    for option in ordered:
        default = inspect.Parameter.empty if option.required else None
        parameters.append(
            inspect.Parameter(
                option.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=_annotation(option)
            )
        )
    return inspect.Signature(parameters)


def _annotation(option: Option) -> Any:
    kinds: dict[str, Any] = {"flag": bool, "file": discord.Attachment, "user": discord.User}
    kind = kinds.get(option.kind) or (str if option.choices else app_commands.Range[str, 1, option.max_length])
    return kind if option.required else kind | None


def _completion(front: "Front", command: Command, option: Option) -> Any:
    async def complete(interaction: "discord.Interaction[Front]", current: str) -> list[app_commands.Choice[str]]:
        chosen = {name: str(value) for name, value in vars(interaction.namespace).items() if name != option.name}
        try:
            async with asyncio.timeout(SUGGEST_WITHIN_S):
                found = await front.app.suggest(
                    command.task_type,
                    option.name,
                    current,
                    chosen,
                    tenant=tenant(interaction),
                    channel=channel(interaction),
                )
        except Exception:
            _log.exception("no suggestions for %s", command.path)
            return []
        return [app_commands.Choice(name=item[:DESCRIPTION], value=item[:DESCRIPTION]) for item in found[:CHOICES]]

    return complete


def _typed(value: Any) -> str:
    if isinstance(value, discord.Attachment):
        return f"@{value.filename}"
    return f"<@{value.id}>" if isinstance(value, (discord.User, discord.Member)) else _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, (discord.User, discord.Member)):
        return str(value.id)
    return "true" if value is True else str(value)
