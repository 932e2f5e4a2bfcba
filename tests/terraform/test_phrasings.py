from pathlib import Path

import pytest

from errors import UserMistake
from tests.terraform.samples import block
from truth_blocks.contracts import Question
from truth_blocks.terraform.clouds import cloud_of
from truth_blocks.terraform.offline import recipes_for

TABLE = [
    tuple(part.strip() for part in line.split("|"))
    for line in (Path(__file__).parent / "phrasings.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


def test_the_table_holds_at_least_a_hundred_and_fifty_phrasings() -> None:
    assert len(TABLE) >= 150


@pytest.mark.parametrize(("request_", "cloud", "recipes"), [row for row in TABLE if row[2] != "?"])
def test_people_s_words_find_the_cloud_and_the_recipes(request_: str, cloud: str, recipes: str) -> None:
    assert cloud_of(request_).provider == cloud
    assert recipes_for(request_, cloud) == recipes.split()
    topic = block().resolve(Question("cloud.plan", {"request": request_}))
    assert block().check(topic, block().draft_offline(topic, ())).violations == ()


@pytest.mark.parametrize(("request_", "cloud", "_"), [row for row in TABLE if row[2] == "?"])
def test_what_no_recipe_fits_is_said_honestly(request_: str, cloud: str, _: str) -> None:
    topic = block().resolve(Question("cloud.plan", {"request": request_}))
    assert topic.subject["provider"] == cloud
    with pytest.raises(UserMistake, match=r"none for .* fits this request\. Nothing was made\. I know: "):
        block().draft_offline(topic, ())


@pytest.mark.parametrize(
    ("request_", "part"),
    [
        ("a bucket on AWS and a VM on Azure", "AWS and Azure"),
        ("an S3 bucket on Google Cloud", "AWS and Google Cloud"),
        ("a key vault beside a GKE cluster", "Google Cloud and Azure"),
        ("aws_s3_bucket and azurerm_storage_account", "AWS and Azure"),
    ],
)
def test_a_request_that_names_two_clouds_is_asked_back(request_: str, part: str) -> None:
    with pytest.raises(UserMistake, match=part):
        cloud_of(request_)
    assert cloud_of(request_, "aws").provider == "aws"


@pytest.mark.parametrize(
    ("request_", "option", "cloud"),
    [
        ("a bucket", "google", "google"),
        ("an S3 bucket", "azurerm", "azurerm"),
        ("a bucket", " GCP ", "google"),
        ("a bucket", "azure", "azurerm"),
        ("a VM, not on AWS but on Azure", "", "azurerm"),
        ("a mail for me@azure.com about a queue", "", "aws"),
        ("a DNS zone for google.com", "", "aws"),
        ("google_storage_bucket", "", "google"),
        ("helm_release", "", "kubernetes"),
    ],
)
def test_the_option_decides_and_names_inside_addresses_do_not(request_: str, option: str, cloud: str) -> None:
    assert cloud_of(request_, option).provider == cloud
