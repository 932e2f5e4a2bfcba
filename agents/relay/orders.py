"""What a job is asked with, checked before anything is written: repository, goal, roadmap, limits."""

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from addresses import is_metadata
from agents.relay.git_reader import start_of
from agents.relay.jobs import Budget, JobSpec
from agents.relay.plans import plan_at
from agents.relay.steps import Plan
from errors import NotAllowed, UserMistake
from neutralise import visible

ITEMS = 500
_BULLET = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?(?P<text>.+)$")
_TARGET = re.compile(r"thread$|webhook:[\w.-]+$|https?://[^\s/]+")
"""The thread and the webhooks named by a front are the front's to serve; a web address is posted to from here."""
_DONE = re.compile(r"^\s*[-*+]\s+\[[xX]\]")


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A job as a person asks for it."""

    repo: str
    goal: str
    roadmap: tuple[str, ...] = ()
    budget: Budget
    allow: tuple[str, ...] = ()
    next_input_to: str = ""
    resubmit: bool = False
    prompt_tokens: int = 8_000


def spec_of(order: Order, allowed: Sequence[str] | None) -> tuple[JobSpec, Plan]:
    """The job as it will stand on the blackboard; blocks. ``allowed``: repositories this person may name, None for any.

    Raises:
        UserMistake: the repository, the goal or what proves a step is missing.
        NotAllowed: the repository is not among those allowed.
    """
    goal = visible(order.goal).strip()  # it stands in prompts, lists and a commit
    if not goal:
        raise UserMistake("The goal is empty. Nothing was started.")
    start = start_of(Path(order.repo).expanduser().resolve())
    if allowed is not None and start.repo not in {str(Path(path).resolve()) for path in allowed}:
        raise NotAllowed(f"{Path(start.repo).name} is not among the repositories that the owner allows here.")
    if allowed is not None and order.next_input_to.startswith("http"):
        raise NotAllowed("Only the owner may name a webhook. Nothing was started.")
    if order.next_input_to and not _TARGET.match(order.next_input_to):
        raise UserMistake("The next input goes to a web address, or nowhere. Nothing was started.")
    if order.next_input_to.startswith("http") and is_metadata(_host(order.next_input_to)):
        raise UserMistake("That is a link-local or cloud metadata address. Nothing was started.")
    plan = plan_at(start.repo, start.commit)
    spec = JobSpec(
        repo=start.repo,
        goal=goal,
        roadmap=tuple(map(visible, order.roadmap)),
        base=start.commit,
        base_branch=start.branch,
        budget=order.budget,
        allow=order.allow,
        next_input_to=order.next_input_to,
        resubmit=order.resubmit,
        prompt_tokens=order.prompt_tokens,
    )
    return spec, plan


def read_roadmap(text: str) -> tuple[str, ...]:
    """The items of a roadmap: a JSON list, or a line each without bullets; ticked and `#` lines are left out.

    Raises:
        UserMistake: there is none, or far too many.
    """
    items = _from_json(text) if text.lstrip().startswith(("[", "{")) else _from_lines(text)
    items = [" ".join(item.split()) for item in items if item.strip()]
    if not items:
        raise UserMistake("The roadmap holds no item. Write one a line. Nothing was started.")
    if len(items) > ITEMS:
        raise UserMistake(f"The roadmap holds {len(items)} items; {ITEMS} are allowed. Nothing was started.")
    return tuple(items)


def _from_json(text: str) -> list[str]:
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise UserMistake(f"The roadmap is not valid JSON: {error}. Nothing was started.") from None
    listed = found.get("items", found.get("roadmap")) if isinstance(found, dict) else found
    if not isinstance(listed, list):
        raise UserMistake(
            'The roadmap is JSON without a list of items. Write ["first", "second"]. Nothing was started.'
        )
    return [_named(item) for item in listed]


def _named(item: object) -> str:
    if isinstance(item, dict):
        return str(next((item[key] for key in ("goal", "title", "item") if key in item), ""))
    return str(item)


def _from_lines(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if line.strip() and not _DONE.match(line)]
    bullets = [match["text"] for line in lines if (match := _BULLET.match(line))]
    return bullets or [line for line in lines if not line.lstrip().startswith("#")]


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:  # an unclosed bracket
        raise UserMistake("The next input goes to a web address, or nowhere. Nothing was started.") from None
