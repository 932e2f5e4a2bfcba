"""Sentences held against the named parts of the SRD."""
