"""An owner that makes one backup: python -m tests.faults.backup_child DATA_DIR TARGET"""

import asyncio
import sys
from pathlib import Path

from blackboard.backups.online import Backups
from database import Blackboard
from tests.storage.houses import order


async def main(data_dir: Path, target: Path) -> None:
    board = await Blackboard.open(data_dir)
    await Backups(board, lambda: order(data_dir)).make(target)
    await board.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
