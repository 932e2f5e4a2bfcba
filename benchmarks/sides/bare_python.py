"""What a process costs before any pipeline is in it: the interpreter, and the interpreter with a loop and SQLite.

The second also holds what the two sides load to be measured at all (0.9 MiB): it is neither pipeline's.
"""

import json

from benchmarks.figures import resident_mib


def main() -> None:
    """Print VmRSS of the interpreter alone, then with an event loop that ran and SQLite loaded."""
    alone = resident_mib()
    import argparse
    import asyncio
    import sqlite3
    import tempfile

    argparse.ArgumentParser().parse_args([])
    with tempfile.TemporaryDirectory(prefix="vespera-bench-", dir="."):
        asyncio.run(asyncio.sleep(0))
    sqlite3.connect(":memory:").close()
    print(json.dumps({"interpreter_mib": alone, "with_loop_mib": resident_mib()}))


if __name__ == "__main__":
    main()
