"""Two codes of a row: one bit a coordinate to sift all rows, four bits to rank the sifted ones.

Both code the row in a `Frame`. Bits are packed into 64-bit words and laid out word by word within a block of rows, so
that one pass over a word reads memory in order. Four-bit codes stay together row by row, with the factor that makes
their estimate of the dot product unbiased (Gao and Long, "RaBitQ", SIGMOD 2024, section 3.2, for one bit).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

STEP = 0.335
"""Width of a four-bit level in standard deviations: the optimum for a normal distribution (Max, 1960)."""
FACTOR_BYTES = 4
SLICE = 1_024
"""Rows coded at a time: their float32 stay in the second-level cache."""


class Codes(NamedTuple):
    """Codes of a block of rows."""

    signs: NDArray[np.uint64]
    """``(width / 64, rows)``."""
    nibbles: NDArray[np.uint8]
    """``(rows, nibble_stride(width))``."""


def nibble_stride(width: int) -> int:
    """Bytes of one row of four-bit codes with its factor."""
    return width // 2 + FACTOR_BYTES


def sign_words(turned: NDArray[np.float32]) -> NDArray[np.uint64]:
    """One bit a coordinate, set where it is above zero: ``(rows, width / 64)``."""
    return np.packbits(turned > 0, axis=1, bitorder="little").view("<u8")


def encode(turned: NDArray[np.float32]) -> Codes:
    """Code rows that are centred and rotated; ``turned`` is used up as scratch."""
    count, width = turned.shape
    signs = np.empty((width // 64, count), np.uint64)
    nibbles = np.empty((count, nibble_stride(width)), np.uint8)
    for start in range(0, count, SLICE):
        piece = turned[start : start + SLICE]
        signs[:, start : start + SLICE] = sign_words(piece).T
        _nibbles(piece, nibbles[start : start + SLICE])
    return Codes(signs, nibbles)


def _nibbles(piece: NDArray[np.float32], out: NDArray[np.uint8]) -> None:
    width = piece.shape[1]
    squares = np.einsum("ij,ij->i", piece, piece)
    scale = np.sqrt(squares / width) * STEP
    scale[scale == 0] = 1
    piece /= scale[:, None]
    levels = piece + np.float32(8)
    np.clip(levels, 0, 15.5, out=levels)
    whole = levels.astype(np.uint8)
    np.copyto(levels, whole)
    levels -= np.float32(7.5)
    along = np.einsum("ij,ij->i", piece, levels)
    along[along == 0] = 1
    half = width // 2
    np.left_shift(whole[:, half:], 4, out=out[:, :half])
    np.bitwise_or(out[:, :half], whole[:, :half], out=out[:, :half])
    factor = (squares / (scale * along)).astype("<f4")
    out[:, half:] = factor.view(np.uint8).reshape(-1, FACTOR_BYTES)


class Estimator:
    """Estimates dot products of one query with rows of four-bit codes, a slice of rows at a time, without allocating."""

    ROWS = 512

    def __init__(self, width: int) -> None:
        half = width // 2
        self._half = half
        self._gathered = np.empty((self.ROWS, nibble_stride(width)), np.uint8)
        self._high = np.empty((self.ROWS, half), np.uint8)
        self._floats = np.empty((self.ROWS, half), np.float32)
        self._sums = np.empty((2, self.ROWS), np.float32)

    def estimate(
        self,
        nibbles: NDArray[np.uint8],
        positions: NDArray[np.intp],
        turned: NDArray[np.float32],
        out: NDArray[np.float32],
    ) -> None:
        """Write estimates of ``turned`` · row for the rows at ``positions`` (of centred rows, so without the mean)."""
        half = self._half
        # A byte is low + 16 high, so one multiplication of whole bytes needs no masking of the low half.
        low, high = turned[:half].copy(), turned[half:] - 16 * turned[:half]
        offset = np.float32(7.5) * turned.sum()
        for start in range(0, len(positions), self.ROWS):
            wanted = positions[start : start + self.ROWS]
            count = len(wanted)
            rows = self._gathered[:count]
            np.take(nibbles, wanted, axis=0, out=rows, mode="clip")
            floats, sums = self._floats[:count], self._sums[:, :count]
            np.copyto(floats, rows[:, :half])
            np.dot(floats, low, out=sums[0])
            np.right_shift(rows[:, :half], 4, out=self._high[:count])
            np.copyto(floats, self._high[:count])
            np.dot(floats, high, out=sums[1])
            estimates = out[start : start + count]
            np.add(sums[0], sums[1], out=estimates)
            estimates -= offset
            estimates *= rows[:, half:].copy().view("<f4")[:, 0]
