"""The embedded drafter: recipes filled from the request by rule; what it cannot know becomes a question."""

import re
from collections.abc import Iterable

from errors import UserMistake
from truth_blocks.terraform.drafts import Draft, DraftFile
from truth_blocks.terraform.findings import nearest
from truth_blocks.terraform.generic import GenericResource
from truth_blocks.terraform.kinds import KINDS, kinds_in, types_in
from truth_blocks.terraform.recipes import Output, Recipe, link, recipe, recipe_names
from truth_blocks.terraform.schema import Provider, Schemas
from truth_blocks.terraform.variables import VARIABLES, given_value

_MAX_RECIPES = 8
_VERSIONS = """terraform {{
  required_version = ">= 1.5"

  required_providers {{
    {name} = {{
      source  = "hashicorp/{name}"
      version = "~> {major}.0"
    }}
  }}
}}

provider "{name}" {{
  region = var.region
}}
"""


def draft(schemas: Schemas, provider: Provider, request: str) -> Draft:
    """A draft by rule.

    Raises:
        UserMistake: the rules know no recipe for the request; says which they know.
    """
    chosen = _recipes(request)
    generic = _generic_types(schemas, provider, request, chosen)
    if not chosen and not generic:
        raise UserMistake(
            "Without a language model I can draft from recipes only, and none fits this request. Nothing was made. "
            f"I know: {', '.join(name.replace('_', ' ') for name in recipe_names())}; "
            "or name a resource type outright, for example aws_sfn_state_machine."
        )
    label = _label(request)
    bodies = [link(each.body, chosen) for each in chosen]
    typed: dict[str, str] = {}
    for type_name in generic:
        schema = schemas.find(provider, "r", type_name)
        if schema is not None:
            resource = GenericResource(schemas, type_name, label)
            bodies.append(resource.text(schema))
            typed.update(resource.variables)
    main = "\n".join(bodies).replace("recipe_name", label)
    used = dict.fromkeys(["region", *re.findall(r"\bvar\.(\w+)", main)])
    variables, unknown = _variables(used, typed, request)
    files = [
        DraftFile("versions.tf", _VERSIONS.format(name=provider.name, major=provider.version.partition(".")[0])),
        DraftFile("variables.tf", variables),
        DraftFile("main.tf", main),
    ]
    outputs = _outputs((output for each in chosen for output in each.outputs), label)
    if outputs:
        files.append(DraftFile("outputs.tf", outputs))
    return Draft(
        tuple(files), _summary(chosen, generic), _assumptions(chosen, generic), _questions(chosen, unknown, typed)
    )


def _recipes(request: str) -> list[Recipe]:
    wanted = [kind.recipe for kind in kinds_in(request)]
    for type_name in types_in(request):
        wanted += [kind.recipe for kind in KINDS if kind.types[0] == type_name][:1]
    return [recipe(name) for name in dict.fromkeys(wanted) if name in recipe_names()][:_MAX_RECIPES]


def _generic_types(schemas: Schemas, provider: Provider, request: str, chosen: list[Recipe]) -> list[str]:
    """Types named outright that no chosen recipe makes."""
    made = {type_name for each in chosen for _, type_name in each.types}
    missing = [type_name for type_name in types_in(request) if type_name not in made]
    known = schemas.names(provider, "r")
    for type_name in missing:
        if type_name not in known:
            suggestion = nearest(type_name, known, 0.8)
            hint = f" Closest: {suggestion}." if suggestion else ""
            raise UserMistake(
                f"{provider.name} {provider.version} has no resource {type_name}.{hint} Nothing was made."
            )
    return missing[:_MAX_RECIPES]


def _label(request: str) -> str:
    given = given_value("name", request)
    label = re.sub(r"\W", "_", given.strip('"')) if given else "main"
    return label if label[0].isalpha() else f"n{label}"


def _variables(used: Iterable[str], typed: dict[str, str], request: str) -> tuple[str, list[str]]:
    """The text of variables.tf and the names that have no value yet."""
    blocks = []
    unknown = []
    for name in used:
        known = VARIABLES.get(name) if name not in typed or name == "name" else None
        kind = known.type if known else typed[name]
        default = (given_value(name, request) or known.default) if known else None
        lines = [f'variable "{name}" {{']
        if known:
            lines.append(f'  description = "{known.description}"')
            lines.append(f"  type        = {kind}")
        else:
            lines.append(f"  type = {kind}")
        if default is not None:
            lines.append(f"  default     = {default}")
        else:
            unknown.append(name)
        blocks.append("\n".join([*lines, "}"]))
    return "\n\n".join(blocks) + "\n", unknown


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


def _questions(chosen: list[Recipe], unknown: list[str], typed: dict[str, str]) -> tuple[str, ...]:
    asked = [
        f"`{name}`: {VARIABLES[name].question}" if name in VARIABLES else f"`{name}`: which value ({typed[name]})?"
        for name in unknown
    ]
    return tuple(dict.fromkeys([*asked, *(text for each in chosen for text in each.asks)]))
