"""Sentences about creatures."""
