"""What a tier of the memory is to its planner, and what identifies an index file.

Ids are record ids as ascending, unique ``uint32``; vectors are ``float32`` rows of length 1 (or 0), so that a dot
product is a cosine. Calls may come from any thread but never from the event loop: each tier serialises its own.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pyroaring import BitMap


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """One published index file. The row in SQLite that holds it is what makes the file count."""

    name: str
    """File name inside the folder of indexes."""
    tier: Literal["project", "historical"]
    number: int
    """Grows by one with every build of this tier and model."""
    model: str
    """Which embedder made the vectors."""
    dimension: int
    count: int
    """Rows in the file."""
    size: int
    """Bytes of the file."""
    crc: int
    """CRC-32 of the header, which in turn holds the CRC-32 of every chunk of the file."""


class Tier(Protocol):
    """Rows of one embedder that can be searched by cosine."""

    name: str
    """``hot``, ``project`` or ``historical``."""

    def __len__(self) -> int:
        """Rows that can still be found."""
        ...

    def ids(self) -> "BitMap":
        """The ids of those rows, a copy."""
        ...

    def remove(self, ids: "BitMap") -> None:
        """Make rows unfindable at once; ids that are not here are ignored. Not written to any index file."""
        ...

    def search(
        self, query: "NDArray[np.float32]", allowed: "BitMap | None", k: int
    ) -> "tuple[NDArray[np.uint32], NDArray[np.float32]]":
        """At most ``k`` nearest rows among ``allowed`` (None: among all), nearest first, equal cosines by lower id.

        The cosines are exact: of the vectors as stored (bf16, divided by their length). Fewer than ``k`` come back
        only when fewer are allowed.

        Raises:
            IndexDamaged: a byte that this answer would rest on fails its check; nothing was answered. Rebuild.
        """
        ...

    def memory_bytes(self) -> int:
        """Anonymous memory this tier holds; pages of mapped files are not counted."""
        ...

    def close(self) -> None:
        """Let go of files and buffers; safe to call twice."""
        ...


class GrowingTier(Tier, Protocol):
    """A tier that takes rows one by one (hot). The others get theirs by building a new generation."""

    def add(self, ids: "NDArray[np.uint32]", vectors: "NDArray[np.float32]") -> None:
        """Add rows; ids that are here already are replaced."""
        ...

    def link(self, limit: int) -> int:
        """Do some of the work on at most ``limit`` rows that adding put off; returns how many rows still wait for it.

        They are found meanwhile, only slower.
        """
        ...


class Builder(Protocol):
    """Makes an index file: `memory.tiers.project.build`, `memory.tiers.historical.build`.

    The file is written aside, synced, renamed, and the folder synced, before the generation is returned. When
    ``vectors`` raises, or the process dies, no file of that name exists.
    """

    def __call__(
        self,
        folder: Path,
        *,
        number: int,
        model: str,
        dimension: int,
        ids: "NDArray[np.uint32]",
        vectors: "Iterator[NDArray[np.float32]]",
    ) -> Generation:
        """``vectors`` yields chunks of rows in the order of ``ids``, of any length, ``len(ids)`` rows in all.

        Raises:
            ValueError: other than ``len(ids)`` rows came.
        """
        ...


class Mapper(Protocol):
    """Opens an index file: `memory.tiers.project.map_generation`, `memory.tiers.historical.map_generation`."""

    def __call__(self, folder: Path, generation: Generation) -> Tier:
        """Map the file and check its header against ``generation``; the rest is checked when first touched.

        Raises:
            IndexDamaged: the file is missing, or not the one that was published.
        """
        ...
