"""Sentences about weapons, armour and things."""
