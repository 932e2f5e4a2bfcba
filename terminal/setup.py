"""`./vespera setup`: asks for the token and the keys, checks each, writes ``.env``, prints the invite link.

On a terminal it asks (secrets are not shown); without one it takes what flags and environment give.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import NamedTuple

from errors import BadConfiguration, UserMistake, VesperaError
from settings import HOME, Settings, load_settings
from terminal import checks, env_file, exits, output
from terminal.asking_people import ask, secret, yes


class Wanted(NamedTuple):
    """What flags and environment give; None is not given."""

    token: str | None
    groq_key: str | None
    gemini_key: str | None
    compatible_url: str | None
    compatible_key: str | None
    compatible_model: str | None


def setup(wanted: Wanted, path: Path | None, *, check: bool, start: bool | None) -> int:
    """Guided where somebody can answer; the exit code.

    Raises:
        UserMistake: nothing was given and nobody can be asked, or the file cannot be written.
        BadConfiguration: Discord or a provider does not accept what was given; nothing was written.
    """
    path = path or HOME / ".env"
    before = load_settings({}, path)
    values = _Values(path, before, check=check)
    if sys.stdin.isatty() and sys.stdout.isatty():
        values.guide(wanted)
    else:
        values.take(wanted)
    if values.found:
        env_file.write(path, values.found)
        output.say(f"Written: {path} (mode 600): {', '.join(values.found)}.")
    else:
        output.say(f"Nothing to change in {path}.")
    if values.identity is not None:
        output.say(f"Invite {values.identity.bot} to a server:\n  {values.identity.invite}")
    return _start(start)


class _Values:
    """The settings found so far, checked one by one."""

    def __init__(self, path: Path, before: Settings, *, check: bool) -> None:
        self.found: dict[str, str] = {}
        self.identity: checks.Identity | None = None
        self._path, self._before, self._check = path, before, check
        # The guided run starts from what the file has; addresses of proxies may stand in the environment.
        self._api_url = before.discord_api_url or os.environ.get("DISCORD_API_URL", "")

    # -- without a terminal: all or nothing

    def take(self, wanted: Wanted) -> None:
        """What flags and environment give, each checked; any refusal stops before anything is written."""
        if not any(wanted):
            raise UserMistake(
                "Nothing was given and nobody can be asked here. Run ./vespera setup in a terminal, or set "
                "DISCORD_TOKEN, GROQ_API_KEY, GEMINI_API_KEY or OPENAI_COMPATIBLE_BASE_URL. Nothing was changed."
            )
        if wanted.token:
            self._token(wanted.token)
        for names in _providers(wanted):
            if names:
                self._provider(names)

    # -- on a terminal: ask until it is right or left out

    def guide(self, wanted: Wanted) -> None:
        """Ask for each in turn; an empty line keeps what is there or leaves it out."""
        output.say("Token: https://discord.com/developers/applications → your application → Bot → Reset Token.")
        self._ask_token(wanted.token)
        output.say("\nLanguage models. With none of them the embedded offline model serves; add as many as you like.")
        self._ask_key("Groq", "GROQ_API_KEY", wanted.groq_key, self._before.groq_api_key)
        self._ask_key("Google Gemini", "GEMINI_API_KEY", wanted.gemini_key, self._before.gemini_api_key)
        self._ask_compatible(wanted)

    def _ask_token(self, given: str | None) -> None:
        while token := given or secret(_prompt("Bot token", self._before.discord_token)) or self._before.discord_token:
            try:
                self._token(token)
                return
            except VesperaError as error:
                output.say(f"✗ {error}")
                given = None
                if token == self._before.discord_token:
                    return
        output.say("Without a token the terminal works, the bot does not.")

    def _ask_key(self, who: str, name: str, given: str | None, before: str) -> None:
        while key := given or secret(_prompt(f"{who} key", before)):
            try:
                self._provider({name: key})
                return
            except VesperaError as error:
                output.say(f"✗ {error}")
                given = None

    def _ask_compatible(self, wanted: Wanted) -> None:
        has = self._before.openai_compatible_base_url
        while url := wanted.compatible_url or ask(f"Server that speaks OpenAI's protocol [{has or 'none'}]"):
            model = wanted.compatible_model or ask("Name of its model")
            key = wanted.compatible_key or secret("Its key (empty for none)")
            names = {
                "OPENAI_COMPATIBLE_BASE_URL": url,
                "OPENAI_COMPATIBLE_MODEL": model,
                "OPENAI_COMPATIBLE_API_KEY": key,
            }
            try:
                self._provider({name: value for name, value in names.items() if value})
                return
            except VesperaError as error:
                output.say(f"✗ {error}")
                wanted = wanted._replace(compatible_url=None, compatible_model=None, compatible_key=None)

    # -- one value

    def _token(self, token: str) -> None:
        if self._check:
            try:
                self.identity = asyncio.run(checks.discord_identity(token, self._api_url))
            except checks.Unreachable as error:
                raise VesperaError(
                    f"Discord cannot be reached ({error}), so the token was not checked and nothing was written. "
                    "Try again, or write it unchecked with --no-check."
                ) from None
            output.say(f"✓ Discord accepts the token: {self.identity.bot}.")
        if token != self._before.discord_token:
            self.found["DISCORD_TOKEN"] = token

    def _provider(self, names: dict[str, str]) -> None:
        if self._check:
            asyncio.run(self._check_model(names))
        self.found.update(names)

    async def _check_model(self, names: dict[str, str]) -> None:
        from wiring import configured_models

        settings = load_settings({**os.environ, **names}, self._path)
        provider = next(iter(names)).split("_API_KEY")[0].split("_BASE_URL")[0].lower()
        for model in configured_models(settings):
            if model.provider != provider:
                continue
            accepted, problem = await checks.model_problem(model)
            if not accepted:
                raise BadConfiguration(f"{problem}. Nothing was written for it.")
            output.say(f"{'◌' if problem else '✓'} {model.provider} · {model.model}: {problem or 'answers'}")


def _providers(wanted: Wanted) -> list[dict[str, str]]:
    compatible = {
        "OPENAI_COMPATIBLE_BASE_URL": wanted.compatible_url,
        "OPENAI_COMPATIBLE_MODEL": wanted.compatible_model,
        "OPENAI_COMPATIBLE_API_KEY": wanted.compatible_key,
    }
    groups = [{"GROQ_API_KEY": wanted.groq_key}, {"GEMINI_API_KEY": wanted.gemini_key}, compatible]
    return [{name: value for name, value in group.items() if value} for group in groups]


def _prompt(what: str, before: str) -> str:
    return f"{what} [{'keep the present one' if before else 'none'}]"


def _start(start: bool | None) -> int:
    if start is None:
        start = sys.stdin.isatty() and sys.stdout.isatty() and yes("Start the bot now?")
    if start:
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, str(HOME / "bot.py")])  # noqa: S606
    output.say("Next: ./vespera bot (or docs/install.md for a service), ./vespera console, ./vespera doctor.")
    return exits.FINE
