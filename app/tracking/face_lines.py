"""Lines through the landmarks that draw a face: its outline, brows, eyes, nose and lips."""

from __future__ import annotations

from models.motion.landmark_sets import (
    LEFT_EYE_LOWER,
    LEFT_EYE_UPPER,
    OUTER_LIP_LOWER,
    OUTER_LIP_UPPER,
    RIGHT_EYE_LOWER,
    RIGHT_EYE_UPPER,
)

OUTLINE = [
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109, 10),
]

FACE_LINES: tuple[tuple[int, ...], ...] = tuple(
    tuple(line)
    for line in (
        OUTLINE,
        [70, 63, 105, 66, 107],
        [336, 296, 334, 293, 300],
        RIGHT_EYE_UPPER,
        RIGHT_EYE_LOWER,
        LEFT_EYE_UPPER,
        LEFT_EYE_LOWER,
        [168, 6, 197, 195, 5, 4],
        [98, 97, 2, 326, 327],
        OUTER_LIP_UPPER,
        OUTER_LIP_LOWER,
    )
)
"""Indices of the 478 landmarks, each line from its first to its last."""
