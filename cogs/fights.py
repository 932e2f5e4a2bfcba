"""Clicks on a fight's board. Validated anew each time: it exists, it is still open and at this version, they may."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

import discord
from discord import ui

from agents.contracts import Request
from agents.table_contracts import Played, View
from cogs import asking, boards, rendering, replies, table
from cogs.places import channel, tenant
from cogs.rendering import Rendered
from errors import NotAllowed, UserMistake

if TYPE_CHECKING:
    from cogs.front import Front

CHOICES = 25
MODAL_LIFE_S = 15 * 60.0


async def clicked(interaction: "discord.Interaction[Front]", action: str, subject: str) -> None:
    """Do what a button, select or form of a fight says.

    Raises:
        UserMistake, NotAllowed: the sentence says why; nothing was changed.
    """
    number, _, version = subject.partition(".")
    if not (number.isdecimal() and version.isdecimal()):
        raise UserMistake("This button is from another version and does nothing any more.")
    front = interaction.client
    if action != "fight-narrate" and not front.first_time(interaction):  # the narration's own way asks this too
        return
    view = await front.app.fight(tenant(interaction), int(number))
    if view is None:
        raise UserMistake("This fight is no longer known. Nothing was changed.")
    if not view.open:
        raise UserMistake("This fight is over. Nothing was changed.")
    if view.version != int(version):
        raise UserMistake("The fight has moved on since this button was drawn. Nothing was changed.")
    if action != "fight-more" and front.role(interaction) == "member":
        _allowed(interaction, view, action)
    await ACTIONS[action](interaction, view)


def _allowed(interaction: "discord.Interaction[Front]", view: View, action: str) -> None:
    if action in ("fight-undo", "fight-end", "fight-narrate"):
        return  # the table decides whose fight it is
    if str(interaction.user.id) not in view.may_act:
        who = view.current or "the fight"
        raise NotAllowed(f"Only the player of {who} and the DM may do that now. Nothing was changed.")


async def _play(interaction: "discord.Interaction[Front]", view: View, do: str, options: Mapping[str, str]) -> Played:
    front = interaction.client
    request = Request(
        tenant=tenant(interaction), user=str(interaction.user.id), task_type=f"combat.{do}", command=f"/combat {do}",
        options=options, role=front.role(interaction), interaction_id=str(interaction.id),
    )  # fmt: skip
    return await front.app.play(table.play_of(interaction, request, view.version))


async def _next(interaction: "discord.Interaction[Front]", view: View) -> None:
    """The board itself is edited by the click."""
    played = await _play(interaction, view, "next", {})
    front = interaction.client
    shown = boards.message(front.app, tenant(interaction), played.view or view)
    await interaction.response.edit_message(view=shown.view)
    await front.boards.tell(boards.Shown.read(view.message), played.public)


async def _attack(interaction: "discord.Interaction[Front]", view: View) -> None:
    """Offer the attacks of whose turn it is on those who can be struck."""
    if not view.current:
        raise UserMistake("The fight has not begun: Next turn starts the first round. Nothing was changed.")
    if not view.attacks or not view.targets:
        raise UserMistake(
            f"No attacks of {view.current} are known, or there is nobody to attack. "
            "With figures: /combat attack target: bonus: damage:"
        )
    pairs = [(a, t) for t in range(len(view.targets)) for a in range(len(view.attacks))][:CHOICES]
    options = [
        discord.SelectOption(label=f"{view.attacks[a]} → {view.targets[t]}"[:100], value=f"{a}.{t}") for a, t in pairs
    ]
    select: ui.Select[Any] = ui.Select(
        custom_id=_sign(interaction, "fight-strike", view), options=options, placeholder="Which attack, on whom"
    )
    row: ui.ActionRow[Any] = ui.ActionRow(select)
    text: ui.TextDisplay[Any] = ui.TextDisplay(f"**{view.current}** attacks")
    await replies.send(interaction, Rendered(rendering.blocks([text], boards.ACCENT, row)), ephemeral=True)


async def _strike(interaction: "discord.Interaction[Front]", view: View) -> None:
    values = cast(Mapping[str, Any], interaction.data or {}).get("values") or [""]
    attack, _, target = str(values[0]).partition(".")
    if not (attack.isdecimal() and target.isdecimal()):
        raise UserMistake("That choice is from another version. Nothing was changed.")
    if int(attack) >= len(view.attacks) or int(target) >= len(view.targets):
        raise UserMistake("That choice is no longer there. Nothing was changed.")
    options = {"attack": view.attacks[int(attack)], "target": view.targets[int(target)]}
    played = await _play(interaction, view, "attack", options)
    await interaction.response.edit_message(view=rendering.sentence(played.text).view)
    await interaction.client.boards.update(tenant(interaction), played.view or view, played.public)


async def _cast(interaction: "discord.Interaction[Front]", view: View) -> None:
    modal = ui.Modal(
        title=f"{view.current or 'Nobody'} casts"[:45],
        custom_id=_sign(interaction, "fight-spell", view),
        timeout=MODAL_LIFE_S,
    )
    for label, name, required in (("Spell", "spell", True), ("Targets", "target", False), ("Slot", "slot", False)):
        box: ui.TextInput[Any] = ui.TextInput(custom_id=name, required=required, max_length=200)
        modal.add_item(ui.Label(text=label, component=box))
    await interaction.response.send_modal(modal)


async def _spell(interaction: "discord.Interaction[Front]", view: View) -> None:
    data = cast(Mapping[str, Any], interaction.data or {})
    options = {name: value for name, value in replies.written(data.get("components", ())) if value.strip()}
    played = await _play(interaction, view, "cast", options)
    await _told(interaction, view, played)


async def _undo(interaction: "discord.Interaction[Front]", view: View) -> None:
    await _told(interaction, view, await _play(interaction, view, "undo", {}))


async def _end(interaction: "discord.Interaction[Front]", view: View) -> None:
    await _told(interaction, view, await _play(interaction, view, "end", {}))


async def _told(interaction: "discord.Interaction[Front]", view: View, played: Played) -> None:
    await replies.send(interaction, rendering.sentence(played.text), ephemeral=True)
    await interaction.client.boards.update(tenant(interaction), played.view or view, played.public)


async def _more(interaction: "discord.Interaction[Front]", view: View) -> None:
    row: ui.ActionRow[Any] = ui.ActionRow()
    for label, action in (("Undo", "fight-undo"), ("Narrate", "fight-narrate"), ("End", "fight-end")):
        row.add_item(ui.Button(label=label, custom_id=_sign(interaction, action, view)))
    text: ui.TextDisplay[Any] = ui.TextDisplay("Everything else is under /combat: damage, heal, save, condition, use.")
    await replies.send(interaction, Rendered(rendering.blocks([text], boards.ACCENT, row)), ephemeral=True)


async def _narrate(interaction: "discord.Interaction[Front]", view: View) -> None:
    request = Request(
        tenant=tenant(interaction), user=str(interaction.user.id), task_type="combat.narrate",
        command="/combat narrate", options={"channel": channel(interaction)},
        role=interaction.client.role(interaction), interaction_id=str(interaction.id),
    )  # fmt: skip

    async def compose() -> Request:
        return request

    await asking.ask(interaction, compose)


def task_type(action: str) -> str:
    """What a click on a board is to the policy."""
    do = {"strike": "attack", "spell": "cast", "more": "status"}
    name = action.removeprefix("fight-")
    return f"combat.{do.get(name, name)}"


def _sign(interaction: "discord.Interaction[Front]", action: str, view: View) -> str:
    return interaction.client.app.component_ids.make(action, tenant(interaction), f"{view.combat}.{view.version}")


ACTIONS: dict[str, Callable[["discord.Interaction[Front]", View], Awaitable[None]]] = {
    "fight-attack": _attack, "fight-strike": _strike, "fight-cast": _cast, "fight-spell": _spell,
    "fight-next": _next, "fight-more": _more, "fight-undo": _undo, "fight-end": _end, "fight-narrate": _narrate,
}  # fmt: skip
