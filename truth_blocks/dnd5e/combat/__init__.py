"""Combat as an engine: every command becomes events with their dice, and the state of a fight is a fold over them.

Nothing here reads a clock, a file of its own, or the network. `engine.act` is the one way to change a fight.
"""
