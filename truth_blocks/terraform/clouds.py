"""Which cloud a request is for: the option decides, else the words; nothing is guessed where two are named."""

import re
from collections.abc import Mapping

import msgspec

from errors import UserMistake
from truth_blocks.terraform.kinds import kinds_in, types_in

PROVIDERS = ("aws", "google", "azurerm", "kubernetes")
"""What can be planned for; the first one is taken when a request names none."""
TITLES: Mapping[str, str] = {
    "aws": "AWS",
    "google": "Google Cloud",
    "azurerm": "Azure",
    "kubernetes": "Kubernetes",
    "helm": "Helm",
}
_ALIASES = {"gcp": "google", "azure": "azurerm", "k8s": "kubernetes", "helm": "kubernetes"}
_REGION = r"(?:north|south|east|west|central|northeast|southeast)+"
_OBJECTS = r"(?:deployment|service|secret|namespace|job|cron ?job|config|role|volume|app|pod|workload)s?"
_WORDS: Mapping[str, str] = {
    "aws": (
        r"aws|amazon|[\w-]+\.amazonaws\.com|ec2|s3|lambdas?|rds|aurora|dynamo ?db|sqs|sns|route ?53|cloudfront"
        r"|eks|ecs|fargate|elasticache|ecr|cloudwatch|efs|ebs|eventbridge|secrets manager|acm|elastic ips?"
        rf"|(?:us|eu|ap|sa|ca|me|af|il|mx)-{_REGION}-\d[a-f]?"
    ),
    "google": (
        r"gcp|google(?: cloud)?(?: platform)?|gke|gcs|gce|cloud storage|compute engine|cloud run|cloud functions?"
        r"|cloud ?sql|pub ?/?sub|big ?query|firestore|memorystore|artifact registr(?:y|ies)|cloud dns|cloud tasks"
        r"|cloud scheduler|secret manager|filestore|cloud nat|cloud kms|cloud logging"
        rf"|(?:us|europe|asia|australia|southamerica|northamerica|me|africa)-{_REGION}\d(?:-[a-f])?"
    ),
    "azurerm": (
        r"azure|azurerm|aks|acr|blob(?: storage)?|storage accounts?|resource groups?|v-?nets?|nsgs?"
        r"|network security groups?|key ?vaults?|cosmos ?db|service bus|event ?hubs?|function apps?|app services?"
        r"|log analytics|entra|managed identit(?:y|ies)|static web apps?|container apps?|logic apps?"
        r"|application gateways?|role definitions?|(?:west|north|east|central)(?:europe|us\d?)"
        r"|germanywestcentral|uksouth|swedencentral|francecentral|switzerlandnorth"
    ),
    "kubernetes": (
        r"helm|config ?maps?|ingress(?:es)?|kubectl|pvcs?|pods?|persistent volume claims?"
        rf"|(?:kubernetes|k8s) (?:\w+ )?{_OBJECTS}"
        rf"|{_OBJECTS} (?:[\w.:/-]+ ){{0,6}}?(?:in|on|to|into|for) (?:\w+ ){{0,2}}(?:kubernetes|k8s)"
    ),
}
_NOT_MEANT = (
    r"(?:not|no|instead of|unlike|like|rather than|equivalent (?:of|to)|away from|(?:migrate|move|port) from)\s+"
    r"(?:on\s+|in\s+|an?\s+|the\s+|our\s+|my\s+)?"
)
_PATTERNS = {provider: re.compile(rf"(?<![\w@./-])(?:{words})(?![\w-]|\.\w)") for provider, words in _WORDS.items()}


class Cloud(msgspec.Struct, frozen=True):
    """The provider a request is for; ``named`` is False when nothing said so and the default was taken."""

    provider: str
    named: bool


def cloud_of(request: str, option: str = "") -> Cloud:
    """The cloud of a request.

    Raises:
        UserMistake: the option is no cloud that can be planned for, or the request names two.
    """
    wanted = option.strip().lower()
    if wanted:
        wanted = _ALIASES.get(wanted, wanted)
        if wanted not in PROVIDERS:
            raise UserMistake(f'"{wanted[:40]}" cannot be planned for yet. Providers: {", ".join(PROVIDERS)}.')
        return Cloud(wanted, True)
    named = clouds_in(request)
    if len(named) == 1:
        return Cloud(named[0], True)
    if len(named) > 1:
        titles = " and ".join(TITLES[each] for each in named)
        raise UserMistake(
            f"The request names {titles}. Nothing was made. Ask for one at a time, or choose one with provider:."
        )
    return Cloud(PROVIDERS[0], False)


def clouds_in(request: str) -> list[str]:
    """The clouds a request names by name, by a service or by a region; an existing cluster is no wish for a cloud."""
    text = request.lower()
    text = re.sub(rf"\b{_NOT_MEANT}(?:{_WORDS['aws']}|{_WORDS['google']}|{_WORDS['azurerm']})(?![\w-])", " ", text)
    prefixes = {"kubernetes" if name.startswith("helm_") else name.partition("_")[0] for name in types_in(request)}
    named = [each for each in PROVIDERS if each in prefixes or _PATTERNS[each].search(text)]
    if "kubernetes" in named and len(named) > 1:
        others = [each for each in named if each != "kubernetes"]
        if len(others) == 1 and all(kind.name.startswith("cluster") for kind in kinds_in(request, others[0])):
            return ["kubernetes"]
    return named
