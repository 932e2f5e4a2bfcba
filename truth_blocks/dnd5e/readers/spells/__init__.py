"""Sentences about spells."""
