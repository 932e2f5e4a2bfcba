"""One module a contender: each measures itself in a process of its own and prints one JSON document."""
