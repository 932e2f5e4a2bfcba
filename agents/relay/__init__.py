"""The relay: coding jobs whose every step is proved."""
