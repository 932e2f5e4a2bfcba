"""Coding jobs whose every step is proved: Builder, Verifier and Scheduler, and what they stand on."""
