"""The doctor's look at Discord, the clock and the model providers."""

from errors import BadConfiguration
from settings import Settings
from terminal import checks
from terminal.findings import Finding

SERVERS_NAMED = 3
CLOCK_TOLERANCE_S = 30.0
"""Interaction tokens live 15 minutes; a clock further off than this is set wrong rather than drifting."""


async def everything(settings: Settings, offline: bool) -> list[Finding]:
    """Token, clock and keys; with `offline`, only whether they are set."""
    return [*await _discord(settings, offline), *await _models(settings, offline)]


async def _discord(settings: Settings, offline: bool) -> list[Finding]:
    if not settings.discord_token:
        return [Finding("token", False, "DISCORD_TOKEN is not set; the terminal works without it", "./vespera setup")]
    if offline:
        return [Finding("token", True, "set, not checked")]
    try:
        identity = await checks.discord_identity(settings.discord_token, settings.discord_api_url)
    except BadConfiguration as error:
        return [Finding("token", False, str(error), "./vespera setup")]
    except checks.Unreachable as error:
        return [Finding("token", False, f"Discord cannot be reached: {error}", "check network, DNS and proxy")]
    ahead = identity.clock_ahead_s
    way = "ahead of" if ahead > 0 else "behind"
    off = f"{abs(ahead):.0f} s {way} Discord's" if abs(ahead) >= 1 else "agrees with Discord's"
    return [
        Finding("token", True, f"accepted; the bot is {identity.bot}"),
        Finding("clock", abs(ahead) <= CLOCK_TOLERANCE_S, off, "sudo timedatectl set-ntp true"),
        _intents(identity),
        await _permissions(settings, identity),
    ]


def _intents(identity: checks.Identity) -> Finding:
    """The bot asks for the servers' list alone, which needs no grant; a privileged intent is more than it needs."""
    granted = ", ".join(identity.privileged)
    text = f"none privileged needed; switched on all the same: {granted}" if granted else "none privileged needed"
    return Finding("intents", True, text)


async def _permissions(settings: Settings, identity: checks.Identity) -> Finding:
    try:
        servers = await checks.servers(settings.discord_token, settings.discord_api_url)
    except (BadConfiguration, checks.Unreachable) as error:
        return Finding("rights", False, f"the servers could not be listed: {error}", "try again")
    if not servers:
        return Finding("rights", False, "the bot is in no server", f"open {identity.invite}")
    lacking = [f'{", ".join(missing)} in "{server.name}"' for server in servers if (missing := server.lacking)]
    if lacking:
        more = f" and in {len(lacking) - SERVERS_NAMED} more" if len(lacking) > SERVERS_NAMED else ""
        named = "; ".join(lacking[:SERVERS_NAMED])
        return Finding("rights", False, f"missing: {named}{more}", f"open {identity.invite} once more")
    return Finding("rights", True, f"all that are needed, in {len(servers)} server{'s' if len(servers) > 1 else ''}")


async def _models(settings: Settings, offline: bool) -> list[Finding]:
    from wiring import configured_models

    try:
        models = configured_models(settings)
    except BadConfiguration as error:
        return [Finding("models", False, str(error), "./vespera setup")]
    if not models:
        return [Finding("models", True, "none configured: the embedded offline model serves; ./vespera setup adds one")]
    found = []
    for model in models:
        accepted, problem = (True, "set, not checked") if offline else await checks.model_problem(model)
        text = f"{model.model}: {problem or 'answers'}"
        found.append(Finding(model.provider, accepted and not (problem and not offline), text, "./vespera setup"))
    return found
