"""The terminal front: the same requests as in Discord, typed. `cli.py` is its entry."""
