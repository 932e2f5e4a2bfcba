"""Sentences about conditions and exhaustion."""
