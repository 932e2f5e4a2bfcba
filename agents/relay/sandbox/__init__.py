"""Runs a repository's own commands so that they can harm neither the machine nor its secrets; see docs/sandbox.md."""
