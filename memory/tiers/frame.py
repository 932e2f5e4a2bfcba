"""The frame in which rows are coded: centred on their mean, rotated so that every coordinate carries about as much.

A sign of a coordinate that is nearly always zero says nothing, and texts hashed into few dimensions have many of those.
Two rounds of random signs and Hadamard blocks of 64 spread each coordinate over all, at 128 multiplications each.
"""

import numpy as np
from numpy.typing import NDArray

BLOCK = 64


def _hadamard() -> NDArray[np.float32]:
    matrix = np.ones((1, 1), np.float32)
    while len(matrix) < BLOCK:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix / np.float32(np.sqrt(BLOCK))


class Frame:
    """Mean and rotation of one generation. ``width``: coordinates after rotation, the next multiple of 64."""

    def __init__(self, mean: NDArray[np.float32], signs: NDArray[np.float32]) -> None:
        self.mean, self.signs = mean, signs
        self.dimension = len(mean)
        self.width: int = signs.shape[1]
        self._hadamard = _hadamard()

    @classmethod
    def around(cls, mean: NDArray[np.float32], seed: int = 5) -> "Frame":
        """A frame with rotation drawn from ``seed``."""
        width = -(-len(mean) // BLOCK) * BLOCK
        drawn = np.random.default_rng(seed).integers(0, 2, (2, width))
        return cls(np.ascontiguousarray(mean, np.float32), (2 * drawn - 1).astype(np.float32))

    @classmethod
    def from_bytes(cls, stored: bytes, dimension: int) -> "Frame":
        """The frame that `to_bytes` wrote."""
        mean = np.frombuffer(stored, "<f4", dimension)
        signs = np.frombuffer(stored, np.int8, offset=4 * dimension).reshape(2, -1)
        return cls(mean, signs.astype(np.float32))

    def to_bytes(self) -> bytes:
        """Mean as float32, then both rounds of signs as int8."""
        return self.mean.astype("<f4").tobytes() + self.signs.astype(np.int8).tobytes()

    def rotate(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Rotate rows of ``dimension`` into ``width`` coordinates; lengths and dot products stay."""
        wide = np.zeros((len(rows), self.width), np.float32)
        np.multiply(rows, self.signs[0, : self.dimension], out=wide[:, : self.dimension])
        return self._mixed(wide)

    def _mixed(self, signed: NDArray[np.float32]) -> NDArray[np.float32]:
        count, blocks = len(signed), self.width // BLOCK
        once: NDArray[np.float32] = signed.reshape(-1, BLOCK) @ self._hadamard
        mixed = once.reshape(count, blocks, BLOCK).swapaxes(1, 2).reshape(count, self.width)
        mixed *= self.signs[1]
        turned: NDArray[np.float32] = mixed.reshape(-1, BLOCK) @ self._hadamard
        return turned.reshape(count, self.width)

    def centred(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Rotate what is left of rows without the mean."""
        wide = np.zeros((len(rows), self.width), np.float32)
        inside = wide[:, : self.dimension]
        np.subtract(rows, self.mean, out=inside)
        inside *= self.signs[0, : self.dimension]
        return self._mixed(wide)
