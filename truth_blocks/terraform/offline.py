"""The embedded drafter: recipes filled from the request by rule; what it cannot know becomes a question."""

import re
from collections.abc import Iterable, Mapping

from errors import UserMistake
from truth_blocks.terraform.clouds import TITLES
from truth_blocks.terraform.drafts import Draft, DraftFile
from truth_blocks.terraform.findings import nearest
from truth_blocks.terraform.generic import GenericResource
from truth_blocks.terraform.kinds import kinds_in, kinds_of, types_in
from truth_blocks.terraform.links import link
from truth_blocks.terraform.recipes import Output, Recipe, recipe_names, with_what_they_need
from truth_blocks.terraform.schema import Provider, Schemas
from truth_blocks.terraform.variables import Variable, given_value, variable
from truth_blocks.terraform.versions_file import versions_file

_MAX_RECIPES = 8
_ALWAYS = {
    "aws": ("region",),
    "google": ("project", "region"),
    "azurerm": ("subscription_id",),
    "kubernetes": ("kubeconfig_path",),
}
"""Variables that the provider blocks use."""


def draft(schemas: Schemas, provider: Provider, request: str, named: bool = True) -> Draft:
    """A draft by rule; ``named`` is False when the request did not say for which cloud.

    Raises:
        UserMistake: the rules know no recipe for the request; says which they know.
    """
    asked = recipes_for(request, provider.name)
    chosen = with_what_they_need(asked, provider.name)
    generic = _generic_types(schemas, provider, request, chosen)
    if not chosen and not generic:
        raise UserMistake(_nothing_fits(provider.name))
    label = _label(request)
    bodies = [link(each, chosen) for each in chosen]
    typed: dict[str, str] = {}
    for type_name in generic:
        schema = schemas.find(_provider_of(schemas, provider, type_name), "r", type_name)
        if schema is not None:
            resource = GenericResource(schemas, type_name, label)
            bodies.append(resource.text(schema))
            typed.update(resource.variables)
    main = "\n".join(bodies).replace("recipe_name", label)
    inputs = _Inputs(provider.name, typed, request)
    variables = inputs.text(dict.fromkeys([*_ALWAYS[provider.name], *re.findall(r"\bvar\.(\w+)", main)]))
    files = [
        DraftFile("versions.tf", versions_file(schemas, main)),
        DraftFile("variables.tf", variables),
        DraftFile("main.tf", main),
    ]
    outputs = _outputs((output for each in chosen for output in each.outputs), label)
    if outputs:
        files.append(DraftFile("outputs.tf", outputs))
    assumed = () if named else (f"The request names no cloud, so this is for {TITLES[provider.name]}.",)
    wanted = [each for each in chosen if each.name in asked]
    return Draft(
        tuple(files), _summary(wanted, generic), (*assumed, *_assumptions(chosen, generic)), inputs.questions(chosen)
    )


def recipes_for(request: str, provider: str) -> list[str]:
    """Names of the recipes that a request is about."""
    wanted = [kind.name for kind in kinds_in(request, provider)]
    for type_name in types_in(request):
        wanted += [kind.name for kind in kinds_of(provider) if kind.types[0] == type_name][:1]
    return [name for name in dict.fromkeys(wanted) if name in recipe_names(provider)][:_MAX_RECIPES]


def _nothing_fits(provider: str) -> str:
    known = ", ".join(name.replace("_", " ") for name in recipe_names(provider))
    example = {"aws": "sfn_state_machine", "google": "spanner_instance", "azurerm": "bastion_host"}
    name = f"{provider}_{example.get(provider, 'job_v1')}"
    return (
        f"Without a language model I can draft from recipes only, and none for {TITLES[provider]} fits this request. "
        f"Nothing was made. I know: {known}; or name a resource type outright, for example {name}."
    )


def _provider_of(schemas: Schemas, provider: Provider, type_name: str) -> Provider:
    """Helm releases are drafted beside objects of Kubernetes, by a provider of their own."""
    return (schemas.provider("helm") or provider) if type_name.startswith("helm_") else provider


def _generic_types(schemas: Schemas, provider: Provider, request: str, chosen: list[Recipe]) -> list[str]:
    """Types named outright that no chosen recipe makes."""
    made = {type_name for each in chosen for _, type_name in each.types}
    missing = [type_name for type_name in types_in(request) if type_name not in made]
    for type_name in missing:
        owner = _provider_of(schemas, provider, type_name)
        known = schemas.names(owner, "r")
        if type_name not in known:
            suggestion = nearest(type_name, known, 0.8)
            hint = f" Closest: {suggestion}." if suggestion else ""
            raise UserMistake(f"{owner.name} {owner.version} has no resource {type_name}.{hint} Nothing was made.")
    return missing[:_MAX_RECIPES]


def _label(request: str) -> str:
    name = variable("name", "aws")
    given = given_value(name, request) if name else None
    label = re.sub(r"\W", "_", given.strip('"')) if given else "main"
    return label if label[0].isalpha() else f"n{label}"


class _Inputs:
    """The variables of one draft; ``typed`` are those of types without a recipe: name → type."""

    def __init__(self, provider: str, typed: Mapping[str, str], request: str) -> None:
        self._provider, self._typed, self._request = provider, typed, request
        self._unknown: list[str] = []

    def text(self, used: Iterable[str]) -> str:
        """The text of variables.tf; what has no value yet is remembered."""
        return "\n\n".join(self._block(name) for name in used) + "\n"

    def _known(self, name: str) -> Variable | None:
        return variable(name, self._provider) if name not in self._typed or name == "name" else None

    def _block(self, name: str) -> str:
        known = self._known(name)
        lines = [f'variable "{name}" {{']
        if known is None:
            self._unknown.append(name)
            return "\n".join([*lines, f"  type = {self._typed[name]}", "}"])
        lines += [f'  description = "{known.description}"', f"  type        = {known.type}"]
        default = given_value(known, self._request) or known.default
        if default is not None:
            lines.append(f"  default     = {default}")
        else:
            self._unknown.append(name)
        if known.sensitive:
            lines.append("  sensitive   = true")
        return "\n".join([*lines, "}"])

    def questions(self, chosen: Iterable[Recipe]) -> tuple[str, ...]:
        """What has no value yet, then what the recipes ask."""
        asked = []
        for name in self._unknown:
            known = self._known(name)
            asked.append(f"`{name}`: {known.question if known else f'which value ({self._typed[name]})?'}")
        return tuple(dict.fromkeys([*asked, *(text for each in chosen for text in each.asks)]))


def _outputs(outputs: Iterable[Output], label: str) -> str:
    blocks = [
        f'output "{each.name}" {{\n  description = "{each.description}"\n'
        f"  value       = {each.value.replace('recipe_name', label)}\n}}"
        for each in outputs
    ]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _summary(chosen: list[Recipe], generic: list[str]) -> str:
    parts = [each.makes for each in chosen] + [f"a minimal {type_name}" for type_name in generic]
    text = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"{text[0].upper()}{text[1:]}."


def _assumptions(chosen: list[Recipe], generic: list[str]) -> tuple[str, ...]:
    texts = [text for each in chosen for text in each.assumes]
    if generic:
        texts.append("Only required settings are written; everything else keeps the provider's default.")
    return tuple(dict.fromkeys(texts))
