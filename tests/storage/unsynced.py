"""Works until the store refuses, and tells what it acknowledged: python -m tests.storage.unsynced FOLDER"""

import asyncio
import os
import sys
from pathlib import Path

from database import Blackboard
from errors import StoreError
from tests.blackboard.samples import finished


async def main(folder: Path) -> None:
    try:
        board = await Blackboard.open(folder)
        for _ in range(12):
            print("acknowledged", await finished(board), flush=True)
    except StoreError as error:
        print("refused", error, flush=True)
    os._exit(0)  # as a killed process ends


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
