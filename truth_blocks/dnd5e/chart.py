"""A distribution as a small picture (PNG) and as text."""

import struct
import zlib
from collections.abc import Sequence

import msgspec

from truth_blocks.dnd5e.odds import COMPARED, Distribution, Target

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 48, 40
"""Margins around the bars, in pixels."""
PALETTE = bytes.fromhex("1e1f22 3a3c42 6b7280 5b8def e6e8ec f0b45b".replace(" ", ""))
GROUND, GRID, MISS, BAR, INK, MEAN = range(6)
"""Places in the palette: dark ground, grid lines, bars that miss the target, bars, text, the mean's line."""
MOST_BARS, MOST_ROWS = 120, 25
_FONT = {
    "0": "7555557", "1": "2622227", "2": "7117447", "3": "7113117", "4": "5557111", "5": "7447117", "6": "7447557",
    "7": "7112222", "8": "7557557", "9": "7557117", ".": "0000002", ",": "0000024", "%": "5112445", "-": "0007000",
    "=": "0070700", ">": "0421240", "<": "0124210", "m": "0006777", "e": "0075747", "a": "0071757", "n": "0065555",
    " ": "0000000", "d": "1135556", "k": "4456655", "h": "4465555", "l": "6222227", "+": "0027200",
}  # fmt: skip
"""Glyphs of three by seven pixels, a hexadecimal digit for each row."""


class Bars(msgspec.Struct, frozen=True):
    """The distribution gathered into at most so many bars: first total, last total and chance of each."""

    spans: tuple[tuple[int, int, float], ...]

    @classmethod
    def of(cls, found: Distribution, most: int) -> "Bars":
        """Every total has its bar; where there are too many, neighbours share one."""
        low, high = min(found.weights), max(found.weights)
        step = max(-(-(high - low + 1) // most), 1)
        sums = [0] * ((high - low) // step + 1)
        for total, weight in found.weights.items():
            sums[(total - low) // step] += weight
        edges = [low + place * step for place in range(len(sums))]
        return cls(tuple((e, min(e + step - 1, high), s / found.whole) for e, s in zip(edges, sums, strict=True)))


def text(found: Distribution, target: Target | None) -> str:
    """Lines of ``total  chance  bar``, at most 25; totals that meet the target have the full block."""
    bars = Bars.of(found, MOST_ROWS)
    most = max(chance for _, _, chance in bars.spans)
    lines = []
    for first, last, chance in bars.spans:
        name = f"{first:,}" if first == last else f"{first:,}–{last:,}"
        full = "█" if target is None or COMPARED[target.sign](first, target.value) else "░"
        lines.append(f"{name:>13}  {chance:>6.1%}  {full * round(36 * chance / most)}".rstrip())
    return "\n".join(lines)


def picture(found: Distribution, target: Target | None) -> bytes:
    """A PNG of 640 × 320 pixels in six colours for a dark background; about 2 kB, 205 kB of memory while drawn."""
    canvas = [bytearray([GROUND]) * WIDTH for _ in range(HEIGHT)]
    bars = Bars.of(found, MOST_BARS)
    most = max(chance for _, _, chance in bars.spans)
    _axis(canvas, most)
    width = (WIDTH - LEFT - RIGHT) / len(bars.spans)
    labelled = -1
    for place, (first, _, chance) in enumerate(bars.spans):
        left, right = LEFT + int(place * width), LEFT + int((place + 1) * width)
        met = target is None or COMPARED[target.sign](first, target.value)
        _fill(canvas, left, right - (1 if width >= 3 else 0), _height(chance, most), BAR if met else MISS)
        middle, name = (left + right) // 2, f"{first}"
        if middle - 4 * len(name) > labelled and middle + 4 * len(name) < WIDTH:
            _write(canvas, middle - 4 * len(name), HEIGHT - BOTTOM + 10, name)
            labelled = middle + 4 * len(name) + 8
    _mean(canvas, found, bars, width)
    head = f"mean {found.mean:.2f}"
    if target is not None:
        sign = {"≥": ">=", "≤": "<="}.get(target.sign, target.sign)
        head += f"   {sign} {target.value}  {100 * found.chance(target):.1f}%"
    _write(canvas, LEFT, 14, head)
    return png(canvas)


def _height(chance: float, most: float) -> int:
    return round((HEIGHT - TOP - BOTTOM) * chance / most)


def _axis(canvas: Sequence[bytearray], most: float) -> None:
    """Four lines with their chances in percent."""
    for quarter in range(5):
        row = HEIGHT - BOTTOM - round((HEIGHT - TOP - BOTTOM) * quarter / 4)
        canvas[row][LEFT : WIDTH - RIGHT] = bytes([GRID]) * (WIDTH - LEFT - RIGHT)
        name = f"{100 * most * quarter / 4:.1f}%"
        _write(canvas, LEFT - 8 * len(name) - 6, row - 6, name)


def _fill(canvas: Sequence[bytearray], left: int, right: int, height: int, colour: int) -> None:
    right = max(right, left + 1)
    for row in range(HEIGHT - BOTTOM - height, HEIGHT - BOTTOM):
        canvas[row][left:right] = bytes([colour]) * (right - left)


def _mean(canvas: Sequence[bytearray], found: Distribution, bars: Bars, width: float) -> None:
    """A dashed line at the mean."""
    first, last = bars.spans[0][0], bars.spans[-1][1]
    share = (found.mean - first + 0.5) / (last - first + 1)
    column = min(LEFT + int(share * width * len(bars.spans)), WIDTH - RIGHT - 1)
    for row in range(TOP, HEIGHT - BOTTOM):
        if row // 4 % 2 == 0:
            canvas[row][column] = MEAN


def _write(canvas: Sequence[bytearray], left: int, top: int, words: str) -> None:
    """Text in glyphs twice their size, eight pixels a letter; what the font lacks is left blank."""
    for place, letter in enumerate(words):
        for row, digit in enumerate(_FONT.get(letter, "0000000")):
            for column in range(3):
                if int(digit, 16) >> (2 - column) & 1:
                    x, y = left + 8 * place + 2 * column, top + 2 * row
                    if 0 <= x < WIDTH - 1 and 0 <= y < HEIGHT - 1:
                        canvas[y][x : x + 2] = canvas[y + 1][x : x + 2] = bytes([INK, INK])


def png(canvas: Sequence[bytearray]) -> bytes:
    """Rows of palette places as a PNG (8-bit indexed colour, RFC 2083)."""
    head = struct.pack(">IIBBBBB", len(canvas[0]), len(canvas), 8, 3, 0, 0, 0)
    packed = zlib.compress(b"".join(b"\0" + bytes(row) for row in canvas), 9)
    chunks = ((b"IHDR", head), (b"PLTE", PALETTE), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
