"""A Builder's prompt: everything it is told, within one bound, however long the job is."""

import msgspec

import prompts
from agents.relay.contracts import BuildRequest
from agents.relay.repo_map import RepoMap, RepoView
from llm.text import CHARACTERS_PER_TOKEN

GOAL_CHARACTERS = 4_000
"""Of a goal; a longer one is a document, and belongs into the repository."""
ITEM_CHARACTERS = 400
ISSUES, WARNINGS, LESSONS, CHECKS, KEYS = 12, 5, 3, 12, 20
LESSON_CHARACTERS = 700
OBSERVED_CHARACTERS = 3_500
LEAST_FOR_FILES = 1_200
"""Tokens that files always get."""
MARGIN = 200
"""Tokens kept free for what the template and the protocol add."""


class Prompt(msgspec.Struct, frozen=True):
    """What is sent, and how long it is (tokens, estimated)."""

    system: str
    user: str
    tokens: int


def write_prompt(request: BuildRequest, repo_map: RepoMap, malformed: str = "") -> Prompt:
    """The prompt of a sprint; reads the repository, so it belongs into a thread. Raises GitFailed."""
    system = prompts.render("relay_system", {})
    bare = _rendered(request, RepoView((), ""), malformed)
    room = request.prompt_tokens - tokens(system, bare) - MARGIN
    view = repo_map.view(request.repo, request.commit, _wanted(request), max(LEAST_FOR_FILES, room))
    user = _rendered(request, view, malformed)
    bound = int((request.prompt_tokens - tokens(system)) * CHARACTERS_PER_TOKEN)
    if len(user.encode("utf-8", "replace")) > bound:
        user = user.encode("utf-8", "replace")[:bound].decode("utf-8", "ignore")
    return Prompt(system, user, tokens(system, user))


def tokens(*texts: str) -> int:
    """Estimated from bytes, not characters: beyond ASCII a character takes more than one token."""
    return round(sum(len(text.encode("utf-8", "replace")) for text in texts) / CHARACTERS_PER_TOKEN)


def _rendered(request: BuildRequest, view: RepoView, malformed: str) -> str:
    capsule = request.capsule
    observations = "\n".join(capsule.observations)[:OBSERVED_CHARACTERS] if capsule else ""
    return prompts.render(
        "relay_builder",
        {
            "mission": request.mission[:GOAL_CHARACTERS],
            "goal": request.goal[:GOAL_CHARACTERS],
            "iteration": request.iteration,
            "synopsis": request.synopsis[:2_000],
            "open_issues": [issue[:ITEM_CHARACTERS] for issue in request.open_issues[:ISSUES]],
            "capsule": capsule,
            "observations": observations,
            "warnings": [warning[:ITEM_CHARACTERS] for warning in request.warnings[:WARNINGS]],
            "hint": request.hint[:2_000],
            "lessons": [
                {"defect": lesson.defect[:LESSON_CHARACTERS], "fix": lesson.fix[:LESSON_CHARACTERS]}
                for lesson in request.lessons[:LESSONS]
            ],
            "checks": [check[:ITEM_CHARACTERS] for check in request.checks[:CHECKS]],
            "protected": [glob[:100] for glob in request.protected[:20]],
            "files": view.files,
            "outline": view.outline,
            "malformed": malformed[:ITEM_CHARACTERS],
        },
    )


def _wanted(request: BuildRequest) -> list[str]:
    """The texts that say which files matter."""
    capsule = request.capsule
    defect = [capsule.location, capsule.title, capsule.error, *capsule.suspected_files] if capsule else []
    return [request.goal, request.hint, *request.keys[:KEYS], *request.open_issues[:ISSUES], *defect]
