"""Small things about files that index files need."""

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def as_bytes(content: NDArray[Any] | bytes) -> memoryview:
    """The bytes of a contiguous array, not copied."""
    if isinstance(content, bytes):
        return memoryview(content)
    return content.reshape(-1).view(np.uint8).data if content.size else memoryview(b"")


def write_at(descriptor: int, view: memoryview, offset: int) -> None:
    """Write all of ``view``, however many calls that takes."""
    while view:
        done = os.pwrite(descriptor, view, offset)
        view, offset = view[done:], offset + done


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` outlive a power loss."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
