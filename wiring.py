"""What the composition roots make of the settings: models and their router, the memory, the pipeline."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from agents.arbiter import Arbiter
from agents.contracts import Request
from agents.deep_critic import DeepCritic
from agents.drafting import Drafting
from agents.outcomes import Acceptance
from agents.pipeline import Limits, Pipeline
from agents.policy import Policy
from agents.recollection import Recollection
from agents.truth_thread import TruthThread
from agents.weaver_stylist import Weaver
from database import Blackboard
from llm.budget import BudgetLimits
from llm.build import build_models, read_routes
from llm.contracts import LanguageModel
from llm.offline import OfflineModel
from llm.router import Router
from settings import Settings
from truth_blocks.contracts import TruthBlock

if TYPE_CHECKING:
    from memory.facade import Memory


def configured_models(settings: Settings) -> list[LanguageModel]:
    """One model for each provider that has a key or an address; nothing connects. Raises BadConfiguration."""
    return build_models(
        groq_api_key=settings.groq_api_key,
        groq_model=settings.groq_model,
        groq_base_url=settings.groq_base_url,
        gemini_api_key=settings.gemini_api_key,
        gemini_model=settings.gemini_model,
        gemini_base_url=settings.gemini_base_url,
        openai_compatible_base_url=settings.openai_compatible_base_url,
        openai_compatible_api_key=settings.openai_compatible_api_key,
        openai_compatible_model=settings.openai_compatible_model,
    )


def configured_router(settings: Settings, models: Sequence[LanguageModel] | None, *, deadline_s: float) -> Router:
    """The models behind their routes, retries and breakers; those of the settings when None are given.

    Raises:
        BadConfiguration: a key, an address or a route is wrong.
    """
    models = configured_models(settings) if models is None else models
    return Router(
        models,
        read_routes(settings.model_routes, models),
        deadline_s=deadline_s,
        retries=settings.model_retries,
        breaker_failures=settings.breaker_failures,
        breaker_rest_s=settings.breaker_rest_s,
    )


async def open_memory(settings: Settings, blackboard: Blackboard) -> "Memory":
    """The memory with the embedder that the settings choose; its numeric libraries load here. Raises StoreError."""
    from memory.embedders.choice import choose
    from memory.embedders.embedded import EmbeddedEmbedder
    from memory.facade import Memory

    embedder = await choose(
        base_url=settings.openai_compatible_base_url,
        model=settings.openai_compatible_embedding_model,
        api_key=settings.openai_compatible_api_key,
        dimension=settings.openai_compatible_embedding_dimension,
        gemini_api_key=settings.gemini_api_key,
        gemini_model=settings.gemini_embedding_model,
        gemini_base_url=settings.gemini_base_url,
        recall=blackboard.get_state,
        keep=blackboard.set_state,
    )
    return await Memory.open(settings.data_dir, embedder, EmbeddedEmbedder())


def build_pipeline(
    settings: Settings,
    blackboard: Blackboard,
    blocks: Sequence[TruthBlock],
    policy: Policy,
    router: Router,
    truth: TruthThread,
    recollection: Recollection,
    before_a_draft: Callable[[Request], None],
) -> Pipeline:
    """Arbiter, Weaver, Critic and the loop around them; nothing runs yet."""
    drafts_offline = {command.task_type: block.draft_offline for block in blocks for command in block.commands}
    arbiter = Arbiter(policy, blocks, blackboard, truth, cache_confidence=settings.cache_confidence)
    weaver = Weaver(
        router,
        OfflineModel(drafts_offline, truth.call),
        policy,
        truth,
        prompt_tokens=settings.prompt_tokens,
        draft_tokens=settings.draft_tokens,
        deadline_s=settings.model_deadline_s,
    )
    drafting = Drafting(
        blackboard,
        arbiter,
        weaver,
        DeepCritic(router, policy, truth),
        Acceptance(settings.cache_hours * 3_600, settings.cache_confidence),
        drafts=settings.drafts,
        task_deadline_s=settings.task_deadline_s,
        recollection=recollection,
    )
    budget = BudgetLimits(settings.tenant_daily_tokens, settings.user_daily_tokens)
    return Pipeline(
        blackboard,
        arbiter,
        drafting,
        models_configured=router.configured,
        limits=Limits(settings.running, settings.waiting, settings.task_deadline_s, budget),
        before_a_draft=before_a_draft,
    )
