"""How open eyes and lips are, measured on a shape in the head's frame, and shapes opened as far as wanted.

The direction in which a shape opens is learnt from people: the regression of canonical shapes on measured openness
over the training clips, so brows, cheeks and jaw go along as they do in faces (`assets/make/canonical_face.py`).
"""

from __future__ import annotations

import numpy as np

from models.motion.canonical import CanonicalFace
from models.motion.landmark_sets import (
    INNER_LIP_LOWER,
    INNER_LIP_UPPER,
    LEFT_EYE_LOWER,
    LEFT_EYE_UPPER,
    RIGHT_EYE_LOWER,
    RIGHT_EYE_UPPER,
)
from models.types import FloatArray

LIPS_WIDE_OPEN = 0.55
"""Gap between the lips over the width of the mouth that counts as openness 1."""

CLOSED_EYE = 0.02
"""Measured openness of a shut eye: FaceMesh keeps the edges of the lids a little apart."""


def eye_openness(shape: FloatArray) -> tuple[float, float]:
    """Mean gap between the lids over the width of the eye, of the person's right and left eye."""
    return (
        _gap_over_width(shape, RIGHT_EYE_UPPER, RIGHT_EYE_LOWER, inner=slice(2, 7)),
        _gap_over_width(shape, LEFT_EYE_UPPER, LEFT_EYE_LOWER, inner=slice(2, 7)),
    )


def lip_openness(shape: FloatArray) -> float:
    """Mean gap between the lips, in the middle of the mouth, over the width of the mouth."""
    return _gap_over_width(shape, INNER_LIP_UPPER, INNER_LIP_LOWER, inner=slice(3, 8))


def _gap_over_width(shape: FloatArray, upper: list[int], lower: list[int], inner: slice) -> float:
    gap = (shape[lower[inner]] - shape[upper[inner]])[:, 1]
    width = np.linalg.norm(shape[upper[-1]] - shape[upper[0]])
    return float(gap.mean() / max(float(width), 1e-6))


def open_eyes(shape: FloatArray, own: FloatArray, wanted: float, face: CanonicalFace) -> FloatArray:
    """The shape with both eyes `wanted` open: 0 shut, 1 as open as in the portrait, or as usual if those are shut.

    Shapes:
        shape, own: (478, 3), the shape to change and the portrait's own, head frame.
    """
    result = shape
    directions = (face.open_right_eye, face.open_left_eye)
    for side, (target, direction) in enumerate(zip(eye_target(own, wanted, face), directions, strict=True)):
        for _ in range(2):  # openness is a ratio, so one step is nearly but not quite enough
            result = result + (target - eye_openness(result)[side]) * direction
    return np.asarray(result, np.float32)


def eye_target(own: FloatArray, wanted: float, face: CanonicalFace) -> tuple[float, float]:
    """What `eye_openness` has to be, right and left, for eyes `wanted` open on the portrait whose shape is `own`."""
    right, left = (
        CLOSED_EYE + wanted * (max(here, usual) - CLOSED_EYE)
        for here, usual in zip(eye_openness(own), eye_openness(face.mean), strict=True)
    )
    return right, left


def open_lips(shape: FloatArray, wanted: float, face: CanonicalFace) -> FloatArray:
    """The shape with the lips `wanted` open: 0 shut, 1 wide open.

    Shapes:
        shape: (478, 3), head frame.
    """
    result = shape
    for _ in range(3):
        result = result + (wanted * LIPS_WIDE_OPEN - lip_openness(result)) * face.open_lips
    return np.asarray(result, np.float32)
