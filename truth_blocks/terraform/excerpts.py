"""Excerpts of the schema for the types a request is about, within a bound: what a model is told, and the fallback."""

import re

from truth_blocks.terraform.kinds import kinds_in, types_in
from truth_blocks.terraform.recipes import recipe, recipe_names
from truth_blocks.terraform.schema import BlockSchema, Provider, Schemas, Setting

CHARACTERS_PER_TOKEN = 3.5
_MAX_TYPES = 12
_COMMON = frozenset({"id", "tags", "tags_all", "region", "timeouts"})
_SMALL_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an and the for with of in to on by from my our is are be me i we it aws amazon need want please make create "
        "new google cloud gcp azure one two three that this using use",
    )
)


def types_for(schemas: Schemas, provider: Provider, request: str) -> list[tuple[str, str]]:
    """(resource or data, type name) that a request is about, likeliest first."""
    found = [("resource", name) for name in types_in(request)]
    for kind in kinds_in(request, provider.name):
        if kind.name in recipe_names(provider.name):
            found += recipe(kind.name, provider.name).types
        found.append(("resource", kind.types[0]))
    if not found:
        found = [("resource", name) for name in _by_words(schemas, provider, request)]
    return [each for each in dict.fromkeys(found) if schema_of(schemas, provider, *each)][:_MAX_TYPES]


def schema_of(schemas: Schemas, provider: Provider, kind: str, name: str) -> BlockSchema | None:
    """The settings of a type; a Helm release belongs to a provider of its own."""
    owner = schemas.provider("helm") if name.startswith("helm_") else provider
    return schemas.find(owner, "r" if kind == "resource" else "d", name) if owner else None


def _by_words(schemas: Schemas, provider: Provider, request: str) -> list[str]:
    """Types whose names share words with a request."""
    words = {word.rstrip("s") for word in re.findall(r"[a-z0-9]{2,}", request.lower()[:2_000])} - _SMALL_WORDS
    scored = []
    for name in schemas.names(provider, "r"):
        parts = {part.rstrip("s") for part in name.split("_")[1:]}
        shared = len(parts & words)
        if shared:
            scored.append((-shared / len(parts), len(name), name))
    return [name for score, _, name in sorted(scored)[:4] if score <= -0.5]


def excerpts(schemas: Schemas, provider: Provider, types: list[tuple[str, str]], token_bound: int) -> list[str]:
    """One excerpt per type, required settings first, until the bound (tokens) is reached."""
    left = int(token_bound * CHARACTERS_PER_TOKEN)
    texts: list[str] = []
    for index, (kind, name) in enumerate(types):
        schema = schema_of(schemas, provider, kind, name)
        if schema is None:
            continue
        share = max(300, left // (len(types) - index))
        text = excerpt(schemas, kind, name, schema, min(share, left))
        if len(text) > left:
            break
        texts.append(text)
        left -= len(text)
    return texts


def excerpt(schemas: Schemas, kind: str, name: str, schema: BlockSchema, bound: int) -> str:
    """The settings of a type: required, blocks, optional, then what can be read; cut at ``bound`` characters."""
    settings = [each for each in schema.settings.values() if each.name not in _COMMON]
    lines = [f"{kind} {name}"]
    for title, chosen in (
        ("required", [each for each in settings if each.required]),
        ("optional", [each for each in settings if each.flag in "ob" and not each.is_block]),
        ("blocks", [each for each in settings if each.flag in "ob" and each.is_block]),
        ("readable", [each for each in settings if each.computed_only]),
    ):
        if chosen:
            lines.append(f"  {title}: " + "; ".join(_setting(schemas, each) for each in chosen))
    text = "\n".join(lines)
    return text if len(text) <= bound else text[: max(0, bound - 2)].rsplit(";", 1)[0] + " …"


def required_settings(schemas: Schemas, schema: BlockSchema) -> str:
    """Required settings in one line; ``none`` when there are none."""
    required = [_setting(schemas, each) for each in schema.settings.values() if each.required]
    return "; ".join(required) or "none"


def _setting(schemas: Schemas, setting: Setting) -> str:
    if setting.child is None or setting.computed_only:
        return f"{setting.name} ({setting.type_name})"
    inner = schemas.block(setting.child).settings.values()
    shown = [f"{each.name}{'!' if each.required else ''}" for each in inner if not each.computed_only]
    shape = "{ … }" if setting.is_block else "= { … }"
    return f"{setting.name} {shape.replace('…', ', '.join(shown))}"
