"""Builders of the data that truth blocks read."""
