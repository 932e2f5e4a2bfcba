"""The file ``versions.tf`` of a draft: the providers that its files use, each with its version and configuration."""

import re
from collections.abc import Mapping

from truth_blocks.terraform.schema import Schemas

_TYPE = re.compile(r'^(?:resource|data) "([a-z]+)_', re.M)
_CONFIGURATIONS: Mapping[str, str] = {
    "aws": 'provider "aws" {\n  region = var.region\n}\n',
    "google": 'provider "google" {\n  project = var.project\n  region  = var.region\n}\n',
    "azurerm": 'provider "azurerm" {\n  subscription_id = var.subscription_id\n\n  features {\n  }\n}\n',
    "kubernetes": 'provider "kubernetes" {\n  config_path = var.kubeconfig_path\n}\n',
    "helm": 'provider "helm" {\n  kubernetes = {\n    config_path = var.kubeconfig_path\n  }\n}\n',
}


def versions_file(schemas: Schemas, main: str) -> str:
    """The text of versions.tf for the resources in ``main``; the newest generation of each provider."""
    names = [name for name in dict.fromkeys(_TYPE.findall(main)) if name in _CONFIGURATIONS]
    entries = []
    for name in names:
        provider = schemas.provider(name)
        major = provider.version.partition(".")[0] if provider else "0"
        entries.append(f'    {name} = {{\n      source  = "hashicorp/{name}"\n      version = "~> {major}.0"\n    }}\n')
    required = "".join(entries)
    # Write-only arguments, which keep a secret out of the state, came with Terraform 1.11.
    core = "1.11" if "_wo " in main else "1.5"
    head = f'terraform {{\n  required_version = ">= {core}"\n\n  required_providers {{\n{required}  }}\n}}\n'
    return "\n".join([head, *(_CONFIGURATIONS[name] for name in names)])
