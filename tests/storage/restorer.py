"""A process that restores a backup, to be killed on its way: python -m tests.storage.restorer FILE DATA_DIR"""

import sys
from pathlib import Path

from tests.storage.houses import put_back

if __name__ == "__main__":
    put_back(Path(sys.argv[1]), Path(sys.argv[2]))
