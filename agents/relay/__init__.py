"""The relay: coding jobs whose every step is proved. Builder proposes, Verifier proves, Scheduler commits."""
