import pytest

from tests.terraform.samples import critic, schemas
from truth_blocks.terraform.critic import ModuleReport

STORAGE = 'resource "azurerm_storage_account" "x" {\n%s\n}\n'
OLD = (
    '  name = "x"\n  resource_group_name = "g"\n  location = "l"\n  account_tier = "Standard"\n'
    '  account_replication_type = "LRS"\n  enable_https_traffic_only = true'
)
"""Valid under azurerm 3 only."""


def _asking(provider: str, constraint: str, rest: str) -> ModuleReport:
    required = f'{provider} = {{ source = "hashicorp/{provider}", version = "{constraint}" }}'
    return critic(f"terraform {{\n  required_providers {{\n    {required}\n  }}\n}}\n{rest}")


def test_without_a_constraint_what_is_whole_under_one_generation_is_valid() -> None:
    report = critic(STORAGE % OLD)
    assert report.verdict == "valid"
    assert report.generation["azurerm"].startswith("3.")


def test_the_newest_generation_is_named_where_nothing_speaks_against_it() -> None:
    report = critic(STORAGE % OLD.rpartition("\n")[0])
    newest = schemas().provider("azurerm")
    assert newest is not None
    assert report.generation == {"azurerm": newest.version}


@pytest.mark.parametrize(("constraint", "verdict"), [("~> 3.90", "valid"), ("~> 4.0", "invalid"), (">= 3.0", "valid")])
def test_a_constraint_picks_the_generation(constraint: str, verdict: str) -> None:
    report = _asking("azurerm", constraint, STORAGE % OLD)
    assert report.verdict == verdict, report.findings
    if constraint == "~> 4.0":
        assert report.generation["azurerm"].startswith("4.")
        assert [found.code for found in report.findings] == ["unknown-argument"]


def test_a_name_that_the_newest_generation_no_longer_has_is_a_warning() -> None:
    report = critic(STORAGE % OLD)
    [found] = report.findings
    assert (found.code, found.severity, found.line) == ("deprecated", "warning", 7)
    assert "`enable_https_traffic_only` of azurerm_storage_account is gone in azurerm 5" in found.message


def test_what_no_generation_knows_is_found_under_the_one_that_fits_the_rest() -> None:
    report = critic(STORAGE % (OLD + "\n  enable_sparkle = true"))
    assert [found.code for found in report.findings if found.severity == "error"] == ["unknown-argument"]
    assert any("enable_sparkle" in found.message for found in report.findings)
    assert report.generation["azurerm"].startswith("3.")


def test_a_generation_that_is_not_shipped_leaves_strange_names_unverifiable_and_misspelt_ones_wrong() -> None:
    strange = _asking("azurerm", "~> 2.0", STORAGE % (OLD + "\n  quux_zyx = true"))
    assert strange.verdict == "unverifiable"
    assert strange.generation["azurerm"].startswith("3."), "the nearest generation is asked"
    misspelt = _asking("azurerm", "~> 2.0", STORAGE % (OLD + "\n  acces_tier = 1"))
    assert [found.code for found in misspelt.findings if found.severity == "error"] == ["unknown-argument"]


def test_google_beta_has_a_schema_of_its_own() -> None:
    text = 'resource "google_compute_network" "x" {\n  provider = google-beta\n  name = "x"\n}\n'
    report = critic(text + 'provider "google-beta" {}\n')
    assert report.verdict == "valid"
    assert set(report.generation) == {"google-beta"}


def test_helm_blocks_became_attributes_and_each_form_belongs_to_its_generation() -> None:
    block = 'provider "helm" {\n  kubernetes {\n    config_path = "x"\n  }\n}\n'
    assert critic(block).generation["helm"].startswith("2.")
    report = _asking("helm", "~> 3.0", block)
    assert [found.code for found in report.findings] == ["argument-as-block"]
