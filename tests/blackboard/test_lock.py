"""The lock of a data directory is free as soon as it is given back."""

import os
from pathlib import Path

import pytest

from blackboard.lock import DataLock
from errors import StoreLocked


def test_a_lock_given_back_is_free_though_a_program_being_started_still_has_its_file(tmp_path: Path) -> None:
    lock = DataLock(tmp_path, "blackboard")
    copy = os.dup(_descriptor(tmp_path / "blackboard.lock"))  # as fork leaves it to a child until that child's exec
    try:
        with pytest.raises(StoreLocked):
            DataLock(tmp_path, "blackboard")
        lock.release()
        DataLock(tmp_path, "blackboard").release()
    finally:
        os.close(copy)


def _descriptor(path: Path) -> int:
    """The number under which this process has a file open."""
    for each in Path("/proc/self/fd").iterdir():
        try:
            if each.readlink() == path:
                return int(each.name)
        except FileNotFoundError:  # the descriptor of this very listing
            continue
    raise AssertionError(f"{path} is not open")
