"""One process owns a data directory: an advisory lock on a file, released by the kernel when the process ends."""

import fcntl
import os
from pathlib import Path

from blackboard.failures import file_error
from errors import StoreLocked


class DataLock:
    """Holds the exclusive lock of one database in a data directory until `release`."""

    def __init__(self, data_dir: Path, name: str) -> None:
        """Make the folder (mode 700) when needed and take the lock.

        Raises:
            StoreLocked: another process holds it; the text names its pid.
            StoreError: the folder or the lock file cannot be made.
        """
        path = data_dir / f"{name}.lock"
        try:
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise file_error(error, path) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, str(os.getpid()).encode(), 0)
        except BlockingIOError:
            holder = os.pread(self._file, 20, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            raise StoreLocked(
                f"Another vespera process (pid {holder}) holds {data_dir}. Nothing was changed. "
                "Stop it first, or choose another VESPERA_DATA_DIR."
            ) from None
        except OSError as error:
            os.close(self._file)
            raise file_error(error, path) from error

    def release(self) -> None:
        """Give the lock back; the file stays, so that nobody locks a name that is about to vanish.

        Closing alone would not do: a program that is being started has the file, and so the lock, until it is loaded.
        """
        if self._file >= 0:
            fcntl.flock(self._file, fcntl.LOCK_UN)
            os.close(self._file)
            self._file = -1
