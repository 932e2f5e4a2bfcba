"""Terraform: provider schemas, the critic that holds files against them, and the recipes of the offline drafter."""

from truth_blocks.terraform.block import TerraformBlock

__all__ = ["TerraformBlock"]
