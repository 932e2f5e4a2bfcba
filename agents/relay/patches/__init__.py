"""Patches that models write: read with patience, held against the path policy, applied whole or not at all."""
