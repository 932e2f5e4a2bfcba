"""Two codes of a row: one bit a coordinate to sift all rows, four bits to rank the sifted ones.

Both code the row in a `Frame`. Bits are packed into 64-bit words and laid out word by word within a block of rows, so
that one pass over a word reads memory in order. Four-bit codes stay together row by row; a factor beside each row makes
its estimate of the dot product unbiased (Gao and Long, "RaBitQ", SIGMOD 2024, section 3.2, for one bit).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from memory.tiers.frame import Frame

STEP = 0.335
"""Width of a four-bit level in standard deviations: the optimum for a normal distribution (Max, 1960)."""
_LOW = np.uint64(0x0F0F0F0F0F0F0F0F)
SLICE = 1_024
"""Rows coded at a time: their float32 stay in the second-level cache."""


class Codes(NamedTuple):
    """Codes of a block of rows."""

    signs: NDArray[np.uint64]
    """``(width / 64, rows)``."""
    nibbles: NDArray[np.uint8]
    """``(rows, width / 2)``: the first half of the coordinates in the low four bits, the second in the high."""
    factors: NDArray[np.float32]
    """``(rows,)``."""


def sign_words(turned: NDArray[np.float32]) -> NDArray[np.uint64]:
    """One bit a coordinate, set where it is above zero: ``(rows, width / 64)``."""
    return np.packbits(turned > 0, axis=1, bitorder="little").view("<u8")


def encode(rows: NDArray[np.float32], frame: Frame) -> Codes:
    """Code rows in a frame."""
    count, width = len(rows), frame.width
    codes = Codes(
        np.empty((width // 64, count), np.uint64), np.empty((count, width // 2), np.uint8), np.empty(count, np.float32)
    )
    for start in range(0, count, SLICE):
        piece = slice(start, start + SLICE)
        turned = frame.centred(rows[piece])
        codes.signs[:, piece] = sign_words(turned).T
        codes.factors[piece] = _nibbles(turned, codes.nibbles[piece])
    return codes


def _nibbles(piece: NDArray[np.float32], out: NDArray[np.uint8]) -> NDArray[np.float32]:
    half = piece.shape[1] // 2
    squares = np.einsum("ij,ij->i", piece, piece)
    scale = np.sqrt(squares / piece.shape[1]) * np.float32(STEP)
    scale[scale == 0] = 1
    piece /= scale[:, None]
    levels = piece + np.float32(8)
    np.clip(levels, 0, 15.5, out=levels)
    whole = levels.astype(np.uint8)
    np.copyto(levels, whole)
    levels -= np.float32(7.5)
    along = np.einsum("ij,ij->i", piece, levels)
    along[along == 0] = 1
    np.left_shift(whole[:, half:], 4, out=out)
    np.bitwise_or(out, whole[:, :half], out=out)
    factors: NDArray[np.float32] = squares / (scale * along)
    return factors


class Estimator:
    """Estimates dot products of one query with rows of four-bit codes, slice by slice, without allocating."""

    ROWS = 512

    def __init__(self, width: int) -> None:
        half = width // 2
        self._half = half
        self._low = np.empty((self.ROWS, half), np.uint8)
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
        """Write estimates of ``turned`` · row at each of ``positions``, still to be multiplied by the row's factor."""
        half = self._half
        # A byte is low + 16 high, so one multiplication of whole bytes needs no masking of the low half.
        low, high = turned[:half].copy(), turned[half:] - 16 * turned[:half]
        for start in range(0, len(positions), self.ROWS):
            wanted = positions[start : start + self.ROWS]
            count = len(wanted)
            rows, tops, floats = self._low[:count], self._high[:count], self._floats[:count]
            np.take(nibbles, wanted, axis=0, out=rows, mode="clip")
            np.copyto(floats, rows)
            np.dot(floats, low, out=self._sums[0, :count])
            # Shifting eight bytes at once is faster than one by one; the mask drops what came over from a neighbour.
            np.right_shift(rows.view(np.uint64), 4, out=tops.view(np.uint64))
            np.bitwise_and(tops.view(np.uint64), _LOW, out=tops.view(np.uint64))
            np.copyto(floats, tops)
            np.dot(floats, high, out=self._sums[1, :count])
            np.add(self._sums[0, :count], self._sums[1, :count], out=out[start : start + count])
        out -= np.float32(7.5) * turned.sum()
