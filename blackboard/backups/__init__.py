"""Backups: one file that holds every database of a data directory and its key, checked before and after writing."""
