"""The tiered memory: records with vectors, filtered exactly, that survive any crash.

`Memory` (``memory/facade.py``) is the one door; SQLite is the only truth, everything else can be rebuilt from it.
"""
