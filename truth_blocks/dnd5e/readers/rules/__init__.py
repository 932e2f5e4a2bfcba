"""Sentences about rules."""
