"""Calculations read as frames: a cue and roles for figures."""
