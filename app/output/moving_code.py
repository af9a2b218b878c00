"""A picture that holds a number, and how to read it back from what another program sees of it.

Black and white cells inside a white frame: whatever scaling, YUV, compression or mirroring a camera and its reader do
to it, brightness stays. A checksum tells a number from a picture that only looks like one; a pattern of its own down
each side tells left from right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.types import FloatArray, ImageArray

ROWS, COLUMNS = 4, 8
"""Cells with a bit each; beside them a column of marks, and around all a ring of white cells, the frame."""

LEFT_MARKS = np.array([True, False, True, False])
RIGHT_MARKS = ~LEFT_MARKS

SERIES_BITS = NUMBER_BITS = 12
NUMBERS = 1 << NUMBER_BITS
SERIES = 1 << SERIES_BITS

WHITE, BLACK = 235, 16
"""The limits of video, so that a reader that mistakes the range loses nothing."""

LEAST_CONTRAST = 40.0
LEAST_SIDE_PX = 24

_SCRAMBLE = 0x9C3A5F
"""Turns all-zeros and all-ones, which have no edges, into something that has."""


@dataclass(frozen=True)
class Code:
    """What was read. series: the same for one proof, so that another program's pattern is not taken for ours."""

    series: int
    number: int
    mirrored: bool = False


def draw_code(series: int, number: int, size: tuple[int, int]) -> ImageArray:
    """(h, w, 3) uint8 RGB, read-only.

    Raises:
        ValueError: a number is out of range.
    """
    if not (0 <= series < SERIES and 0 <= number < NUMBERS):
        raise ValueError(f"series {series} or number {number} is out of range")
    value = ((series << NUMBER_BITS) | number) ^ _SCRAMBLE
    word = (value << 8) | _checksum(value)
    bits = np.array([(word >> place) & 1 for place in range(ROWS * COLUMNS)], bool).reshape(ROWS, COLUMNS)
    marked = np.column_stack((LEFT_MARKS, bits, RIGHT_MARKS))
    cells = np.pad(np.where(marked, WHITE, BLACK).astype(np.uint8), 1, constant_values=WHITE)
    rows = np.arange(size[0]) * cells.shape[0] // size[0]
    columns = np.arange(size[1]) * cells.shape[1] // size[1]
    image: ImageArray = np.repeat(cells[np.ix_(rows, columns)][..., None], 3, axis=2)
    image.flags.writeable = False
    return image


def read_code(image: ImageArray) -> Code | None:
    """What `draw_code` drew, also scaled, mirrored or with black bars beside it; None where there is none.

    Shapes:
        image: (h, w, 3) uint8 RGB.
    """
    luma = image.mean(axis=2)
    low, high = np.percentile(luma, (2, 98))
    if high - low < LEAST_CONTRAST:
        return None
    inside = _without_bars(luma, (low + high) / 2)
    if min(inside.shape) < LEAST_SIDE_PX:
        return None
    bits = _cells(inside) > (low + high) / 2
    if not _framed(bits):
        return None
    marked = bits[1:-1, 1:-1]
    mirrored = bool(np.array_equal(marked[:, 0], RIGHT_MARKS))
    if mirrored:
        marked = marked[:, ::-1]
    if not (np.array_equal(marked[:, 0], LEFT_MARKS) and np.array_equal(marked[:, -1], RIGHT_MARKS)):
        return None
    found = _value(marked[:, 1:-1])
    return None if found is None else Code(found >> NUMBER_BITS, found & (NUMBERS - 1), mirrored)


def _without_bars(luma: FloatArray, threshold: float) -> FloatArray:
    """The smallest rectangle with all bright lines of pixels: the frame is white all round."""
    bright = luma > threshold
    rows, columns = np.flatnonzero(bright.mean(axis=1) > 0.5), np.flatnonzero(bright.mean(axis=0) > 0.3)
    if not rows.size or not columns.size:
        return luma[:0]
    return luma[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _cells(luma: FloatArray) -> FloatArray:
    """(ROWS + 2, COLUMNS + 4): brightness of the middle of every cell."""
    height, width = luma.shape[0] / (ROWS + 2), luma.shape[1] / (COLUMNS + 4)

    def middle(place: int, side: float) -> slice:
        return slice(int((place + 0.3) * side), max(int((place + 0.7) * side), int((place + 0.3) * side) + 1))

    cells = [
        [float(luma[middle(row, height), middle(column, width)].mean()) for column in range(COLUMNS + 4)]
        for row in range(ROWS + 2)
    ]
    return np.array(cells, np.float32)


def _framed(bits: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> bool:
    return bool(bits[0].all() and bits[-1].all() and bits[:, 0].all() and bits[:, -1].all())


def _value(bits: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> int | None:
    word = sum(int(bit) << place for place, bit in enumerate(bits.reshape(-1)))
    value, checksum = word >> 8, word & 0xFF
    return value ^ _SCRAMBLE if checksum == _checksum(value) else None


def _checksum(value: int) -> int:
    """CRC-8 with the polynomial x^8 + x^2 + x + 1, over three bytes."""
    remainder = 0
    for byte in value.to_bytes(3, "big"):
        remainder ^= byte
        for _ in range(8):
            remainder = ((remainder << 1) ^ 0x07 if remainder & 0x80 else remainder << 1) & 0xFF
    return remainder
