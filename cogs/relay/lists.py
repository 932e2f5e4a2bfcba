"""`/relay repos` and `/relay allow`: what and who is allowed here, as sentences."""

import re
from typing import TYPE_CHECKING

import discord

from cogs import rendering, slash
from cogs.relay.people import person
from cogs.rendering import Rendered
from errors import UserMistake
from neutralise import in_code

if TYPE_CHECKING:
    from cogs.front import Front

_ROLE = re.compile(r"<@&(\d{15,21})>|(\d{15,21})")


async def repos(interaction: "discord.Interaction[Front]", chosen: slash.Chosen) -> Rendered:
    """List the repositories, add one, or take one out."""
    lists, asker = interaction.client.app.relay.lists, person(interaction)
    add, remove = chosen.get("add"), chosen.get("remove")
    if add and remove:
        raise UserMistake("Add or remove, one at a time. Nothing was changed.")
    if add:
        added = await lists.add_repository(asker, str(add), str(chosen.get("name") or ""))
        return rendering.sentence(f"Allowed here: {added.name}. /relay start repo: {added.name} goal: …")
    if remove:
        await lists.remove_repository(asker, str(remove))
        return rendering.sentence(f"{remove} is no longer allowed here. Jobs under way in it go on.")
    await lists.may(asker, "look")
    found = await lists.repositories(asker.tenant)
    owner = asker.role == "owner"
    lines = [f"`{in_code(each.name)}`" + (f" {in_code(each.path)}" if owner else "") for each in found]
    if not lines:
        return rendering.sentence("No repository is allowed here. The owner adds one: /relay repos add: /srv/shop")
    return rendering.sentence("**Repositories allowed here**\n" + "\n".join(lines))


async def allow(interaction: "discord.Interaction[Front]", chosen: slash.Chosen) -> Rendered:
    """List who may use the relay, or allow a role or webhook, or take one out."""
    lists, asker = interaction.client.app.relay.lists, person(interaction)
    role, address, name = chosen.get("role"), chosen.get("webhook"), chosen.get("name")
    remove = bool(chosen.get("remove"))
    if role:
        return await _role(interaction, _role_meant(interaction, str(role)), remove=remove)
    if address and remove:
        raise UserMistake("Take it out by its name: /relay allow name: builds remove: True. Nothing was changed.")
    if address:
        called = await lists.allow_webhook(asker, str(name or ""), str(address))
        return rendering.sentence(f"Next inputs may go to the webhook {called}: /relay start … next_input: {called}")
    if name and remove:
        await lists.remove_webhook(asker, str(name))
        return rendering.sentence(f"The webhook {name} was taken out.")
    if name or remove:
        raise UserMistake("Say what is meant: a role, or a webhook's address. Nothing was changed.")
    await lists.may(asker, "look")
    return await _listed(interaction)


async def _role(interaction: "discord.Interaction[Front]", role: int, *, remove: bool) -> Rendered:
    lists, asker = interaction.client.app.relay.lists, person(interaction)
    await lists.allow_role(asker, role, remove=remove)
    word = "may no longer use" if remove else "may now use"
    return Rendered(rendering.blocks([discord.ui.TextDisplay(f"People with <@&{role}> {word} the relay here.")]))


async def _listed(interaction: "discord.Interaction[Front]") -> Rendered:
    lists = await interaction.client.app.relay.lists.of(person(interaction).tenant)
    roles = ", ".join(f"<@&{role}>" for role in lists.roles) or "none; an admin allows one: /relay allow role:"
    hooks = ", ".join(f"`{in_code(name)}`" for name in sorted(lists.webhooks)) or "none"
    text = f"**Roles that may use the relay here** {roles}\n**Webhooks for next inputs** {hooks}"
    return Rendered(rendering.blocks([discord.ui.TextDisplay(text)]))


def _role_meant(interaction: "discord.Interaction[Front]", typed: str) -> int:
    """A role of this server by its mention, number or name. Raises UserMistake."""
    guild = interaction.guild
    known = {role.id: role.name for role in guild.roles} if guild is not None else {}
    match = _ROLE.fullmatch(typed.strip())
    if match:
        wanted = int(match[1] or match[2])
        found = [wanted] if wanted in known else []
    else:
        plain = typed.strip().lstrip("@").casefold()
        found = [role for role, name in known.items() if name.lstrip("@").casefold() == plain]
    if len(found) != 1:
        many = "Several roles have" if found else "No role of this server has"
        raise UserMistake(f'{many} that name: "{typed[:60]}". Nothing was changed. Mention it: @role')
    return found[0]
