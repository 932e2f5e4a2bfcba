"""A process to be killed while it builds an index: python -m tests.memory_tiers.victim KIND FOLDER NUMBER"""

import sys
from pathlib import Path

from tests.memory_tiers.samples import build, spread_ids, unit_rows

if __name__ == "__main__":
    build(sys.argv[1], Path(sys.argv[2]), spread_ids(600), unit_rows(600, 64), number=int(sys.argv[3]))
