"""Landmarks of a clip as few bytes, exact on a grid far finer than the tracker's noise.

A face moves as a whole and its landmarks move together, so what is stored of a landmark is how its movement since the
frame before differs from the movement of its two nearest neighbours among the landmarks before it. Everything is
done in whole numbers: no rounding can differ between two machines and then add up along a clip. LZMA of the standard
library does the rest (about 0.9 KB a frame instead of 5.7).
"""

from __future__ import annotations

import lzma

import numpy as np
import numpy.typing as npt

from models.errors import PackError
from models.types import LANDMARK_COUNT, FloatArray

STEPS_PER_UNIT = 8192
"""Grid steps in one unit: 64 to a pixel of a 256 px square."""

MAX_UNIT = 16.0
"""Landmarks farther out are no face in this picture."""

MEMORY_LIMIT_BYTES = 256 * 1024 * 1024
"""What the decompressor may take for itself; it needs 9 MiB for what is written here."""

Parents = npt.NDArray[np.int64]
"""(478, 2): the two landmarks that predict each, both before it; the first has none and names itself."""

_Steps = npt.NDArray[np.int32]


def nearest_before(face: FloatArray) -> Parents:
    """For each landmark its two nearest among those before it on a typical `face` (478, 3)."""
    parents = np.zeros((LANDMARK_COUNT, 2), np.int64)
    for index in range(2, LANDMARK_COUNT):
        distance = np.linalg.norm(face[:index] - face[index], axis=1)
        parents[index] = np.argsort(distance, kind="stable")[:2]
    return parents


def encode_landmarks(landmarks: FloatArray, parents: Parents) -> bytes:
    """(n, 478, 3) in unit coordinates as bytes, to the nearest grid step.

    Raises:
        ValueError: a landmark is not finite or farther out than `MAX_UNIT`.
    """
    if landmarks.ndim != 3 or landmarks.shape[1:] != (LANDMARK_COUNT, 3):
        raise ValueError(f"landmarks must be (n, {LANDMARK_COUNT}, 3), got {landmarks.shape}")
    if not (np.abs(landmarks) <= MAX_UNIT).all():
        raise ValueError(f"landmarks must be finite and within {MAX_UNIT:g} units")
    steps = np.rint(landmarks.astype(np.float64) * STEPS_PER_UNIT).astype(np.int32)
    moved = np.diff(steps, axis=0, prepend=np.zeros_like(steps[:1]))
    rest = moved.copy()
    for index in range(1, LANDMARK_COUNT):
        rest[:, index] -= _predicted(moved, parents[index])
    folded = ((rest << 1) ^ (rest >> 31)).astype(np.uint32).transpose(1, 2, 0)  # small either way: small numbers
    planes = [((folded >> shift) & 0xFF).astype(np.uint8).tobytes() for shift in (0, 8, 16)]
    return lzma.compress(b"".join(planes), preset=6)


def decode_landmarks(data: bytes, count: int, parents: Parents) -> FloatArray:
    """The (count, 478, 3) float32 landmarks behind `data`.

    Raises:
        PackError: the bytes are not those of `count` frames.
    """
    size = LANDMARK_COUNT * 3 * count
    raw = _decompressed(data, 3 * size)
    planes = np.frombuffer(raw, np.uint8).reshape(3, LANDMARK_COUNT, 3, count).astype(np.int32)
    folded = planes[0] | planes[1] << 8 | planes[2] << 16
    moved: _Steps = np.ascontiguousarray(((folded >> 1) ^ -(folded & 1)).transpose(2, 0, 1))
    for index in range(1, LANDMARK_COUNT):
        moved[:, index] += _predicted(moved, parents[index])
    steps = np.cumsum(moved, axis=0, dtype=np.int64)
    if (np.abs(steps) > MAX_UNIT * STEPS_PER_UNIT).any():
        raise PackError("its landmarks lie far outside the pictures")
    return (steps / STEPS_PER_UNIT).astype(np.float32)


def _predicted(moved: _Steps, parents: npt.NDArray[np.int64]) -> _Steps:
    """(n, 3): the mean movement of two landmarks, rounded down."""
    return (moved[:, parents[0]] + moved[:, parents[1]]) >> 1


def _decompressed(data: bytes, size: int) -> bytes:
    decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MEMORY_LIMIT_BYTES)
    try:
        raw = decompressor.decompress(data, max_length=size + 1)
    except (lzma.LZMAError, EOFError) as error:
        raise PackError("its landmarks cannot be decompressed") from error
    if len(raw) != size:
        raise PackError(f"its landmarks are not those of its frames, {len(raw)} bytes and not {size}")
    return raw
