"""How recipes of one request are wired: which variables of the others a chosen recipe supplies."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from truth_blocks.terraform.recipes import Recipe

_GOOGLE_NETWORK = {
    "network_id": "google_compute_network.recipe_name.id",
    "network_name": "google_compute_network.recipe_name.name",
    "subnet_id": "google_compute_subnetwork.recipe_name.id",
}
LINKS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "aws": {
        "vpc": {
            "vpc_id": "aws_vpc.recipe_name.id",
            "subnet_id": "aws_subnet.recipe_name_private[0].id",
            "subnet_ids": "aws_subnet.recipe_name_private[*].id",
            "public_subnet_ids": "aws_subnet.recipe_name_public[*].id",
        },
        "security_group": {"security_group_ids": "[aws_security_group.recipe_name.id]"},
        "topic": {"topic_arn": "aws_sns_topic.recipe_name.arn"},
        "certificate": {"certificate_arn": "aws_acm_certificate.recipe_name.arn"},
        "function": {"target_arn": "aws_lambda_function.recipe_name.arn"},
        "registry": {"image": '"${aws_ecr_repository.recipe_name.repository_url}:latest"'},
    },
    "google": {
        "network": _GOOGLE_NETWORK,
        "registry": {"image": '"${google_artifact_registry_repository.recipe_name.registry_uri}/${var.name}:latest"'},
        "service": {"target_uri": "google_cloud_run_v2_service.recipe_name.uri"},
        "function": {"target_uri": "google_cloudfunctions2_function.recipe_name.url"},
        "address": {"addresses": "[google_compute_address.recipe_name.address]"},
    },
    "azurerm": {
        "network": {"subnet_id": "azurerm_subnet.recipe_name[0].id"},
        "registry": {"image": '"${azurerm_container_registry.recipe_name.login_server}/${var.name}:latest"'},
        "address": {"addresses": "[azurerm_public_ip.recipe_name.ip_address]"},
    },
    "kubernetes": {
        "namespace": {"namespace": "kubernetes_namespace_v1.recipe_name.metadata[0].name"},
        "deployment": {"service_name": "kubernetes_service_v1.recipe_name_app.metadata[0].name"},
    },
}
"""Provider → recipe → variables of other recipes that it supplies when both are asked for."""


def link(recipe: "Recipe", chosen: "Sequence[Recipe]") -> str:
    """A recipe's text with the variables that the other chosen recipes supply replaced by references."""
    body = recipe.body
    for other in chosen:
        for variable, reference in LINKS.get(other.provider, {}).get(other.name, {}).items():
            if variable not in other.variables:
                body = re.sub(rf"\bvar\.{variable}\b", reference.replace("\\", r"\\"), body)
    return re.sub(r"\[(aws_\w+\.\w+)\[\*\]\.id\[count\.index\]", r"[\1[count.index].id", body)
