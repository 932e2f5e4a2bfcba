import itertools
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.terraform.requests import REQUESTS
from tests.terraform.samples import block, drafted
from truth_blocks.contracts import Question, Topic
from truth_blocks.terraform.offline import recipes_for
from truth_blocks.terraform.recipes import recipe, recipe_names

TERRAFORM = shutil.which("terraform")
RECIPES = [(provider, name) for provider, requests in REQUESTS.items() for name in sorted(requests)]


def _topic(request: str, **options: str) -> Topic:
    return block().resolve(Question("cloud.plan", {"request": request, **options}))


def _file(request: str, name: str) -> str:
    return next(file.content for file in drafted(request) if file.name == name)


def test_every_recipe_has_a_request_and_there_are_at_least_sixty_for_the_three_clouds() -> None:
    for provider, requests in REQUESTS.items():
        assert sorted(requests) == list(recipe_names(provider))
    assert sum(len(REQUESTS[cloud]) for cloud in ("aws", "google", "azurerm")) >= 60


@pytest.mark.parametrize(("provider", "name"), RECIPES)
def test_the_offline_draft_of_every_recipe_passes_its_own_critic(provider: str, name: str) -> None:
    request = REQUESTS[provider][name]
    topic = _topic(request)
    assert topic.subject["provider"] == provider
    assert recipes_for(request, provider) == [name]
    draft = block().draft_offline(topic, ())
    report = block().check(topic, draft)
    assert report.violations == ()
    assert report.unverifiable == ()
    assert report.checkable == report.verified > 3
    for kind, type_name in recipe(name, provider).types:
        assert any(type_name in citation for citation in report.citations), (kind, type_name)
    presented = block().present(topic, draft)
    assert [file.name for file in presented.files][:3] == ["versions.tf", "variables.tf", "main.tf"]
    assert "checked against" in presented.text


@pytest.mark.parametrize("provider", REQUESTS)
def test_any_two_recipes_of_a_cloud_fit_into_one_draft(provider: str) -> None:
    requests = REQUESTS[provider]
    for first, second in itertools.combinations(sorted(requests), 2):
        topic = _topic(f"{requests[first]} and {requests[second]}", provider=provider)
        report = block().check(topic, block().draft_offline(topic, ()))
        assert report.violations == report.unverifiable == (), (first, second, report.violations)


@pytest.mark.skipif(
    TERRAFORM is None, reason="terraform is not installed: its formatter confirms the drafts where it is"
)
def test_drafts_are_formatted_as_terraform_fmt_would(tmp_path: Path) -> None:
    requests = [request for group in REQUESTS.values() for request in group.values()]
    requests += [
        "an aws_sfn_state_machine and aws_wafv2_web_acl",
        "a VPC, a postgres db and redis",
        "a google_spanner_instance",
        "an azurerm_bastion_host",
        "a VM in a vnet on azure with a key vault",
        "a kubernetes namespace with a deployment and an ingress",
    ]
    for number, request in enumerate(requests):
        for file in drafted(request):
            (tmp_path / f"{number}_{file.name}").write_text(file.content)
    done = subprocess.run(
        [str(TERRAFORM), "fmt", "-check", "-diff", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("request_", "wired", "asked"),
    [
        ("a VPC with a redis cluster", "= aws_subnet.main_private[*].id", "var.subnet_ids"),
        ("a VPC network and a GKE cluster on GCP", "= google_compute_network.main.id", "var.network_id"),
        ("a VPC network, a VM and a cloud sql database", "= google_compute_subnetwork.main.id", "var.subnet_id"),
        ("a cloud run service and a cloud scheduler job", "= google_cloud_run_v2_service.main.uri", "var.target_uri"),
        ("a VM in a vnet on azure", "= azurerm_subnet.main[0].id", "var.subnet_id"),
        ("an AKS cluster with a vnet", "= azurerm_subnet.main[0].id", "var.subnet_id"),
        ("a container app and a container registry on azure", "azurerm_container_registry.main.login", "var.image"),
        ("a key vault with a secret", "= azurerm_key_vault.main.id", "var.key_vault_id"),
        ("a kubernetes deployment with an ingress", "= kubernetes_service_v1.main_app.metadata", "var.service_name"),
        ("a kubernetes namespace, and a PVC in it", "= kubernetes_namespace_v1.main.metadata[0]", "var.namespace"),
    ],
)
def test_recipes_of_every_cloud_are_wired_together(request_: str, wired: str, asked: str) -> None:
    main = _file(request_, "main.tf")
    assert wired in main
    assert asked not in main


def test_everything_on_azure_stands_in_one_resource_group() -> None:
    main = _file("a key vault secret and a vnet", "main.tf")
    assert main.count('resource "azurerm_resource_group"') == 1
    assert main.count('resource "azurerm_key_vault"') == 1


def test_secrets_are_sensitive_variables_without_a_value() -> None:
    variables = _file("a key vault secret called api-key", "variables.tf")
    secret = variables.partition('variable "secret_value"')[2].partition("}")[0]
    assert "sensitive   = true" in secret
    assert "default" not in secret


def test_a_request_without_a_cloud_says_that_aws_was_assumed() -> None:
    assumed = json.loads(block().draft_offline(_topic("a private bucket"), ()))["assumptions"]
    assert assumed[0] == "The request names no cloud, so this is for AWS."
    named = json.loads(block().draft_offline(_topic("a private S3 bucket"), ()))["assumptions"]
    assert not any("names no cloud" in text for text in named)


@pytest.mark.parametrize(
    ("request_", "values"),
    [
        ("a n2-standard-4 VM with 80 GB in europe-west4-a on GCP", ('"n2-standard-4"', "= 80", '"europe-west4"')),
        ("a postgres 16 server on azure in northeurope called orders", ('"16"', '"northeurope"', '"orders"')),
        ("a kubernetes deployment called shop with image ghcr.io/acme/shop:1.2", ('"ghcr.io/acme/shop:1.2"',)),
        ("a cloud scheduler job, 30 4 * * 1, calling https://example.com/run", ('"30 4 * * 1"', '"https://example.')),
        ("an azure budget of 200 euros", ("= 200",)),
    ],
)
def test_values_of_each_cloud_come_from_the_request(request_: str, values: tuple[str, ...]) -> None:
    variables = _file(request_, "variables.tf")
    for value in values:
        assert value in variables


def test_a_helm_release_brings_its_own_provider() -> None:
    versions = _file("a kubernetes namespace and a helm release of chart grafana", "versions.tf")
    assert 'provider "helm"' in versions
    assert 'provider "kubernetes"' in versions
