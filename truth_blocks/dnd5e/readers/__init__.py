"""Readers of plain sentences: what a statement says of the game, and whether all of it was understood."""
