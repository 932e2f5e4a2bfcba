"""Sentences held against whole records."""
