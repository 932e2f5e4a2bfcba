"""How other processes reach the one that owns a data directory.

The owner (the bot, or an `./vespera ask` that found the directory free) listens on ``vespera.sock`` in it. Both sides
speak JSON, one object a line, see `owner_socket.wire`. The server lives in `owner_socket.server`, the client in
`owner_socket.client`; the latter imports nothing of the pipeline, so that a hundred waiting terminals stay small.
"""
