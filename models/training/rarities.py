"""Which frames show what is rare in footage of people who talk: shut eyes, wide mouths, looks to the side.

Drawn evenly, a shut eye is one sample in twenty-five, and a network that never shuts one hardly loses anything.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.motion.landmark_sets import (
    INNER_LIP_LOWER,
    INNER_LIP_UPPER,
    LEFT_EYE_LOWER,
    LEFT_EYE_UPPER,
    LEFT_IRIS,
    RIGHT_EYE_LOWER,
    RIGHT_EYE_UPPER,
    RIGHT_IRIS,
)
from models.types import FloatArray

Flags = npt.NDArray[np.bool_]

SHUT_SHARE = 0.55
"""An eye whose lids are closer than this share of the clip's usual gap is shut, or nearly."""

MOUTH_WIDER = 0.12
"""Gap between the lips over the width of the mouth by which an opened mouth exceeds the clip's usual one."""

LOOK_ASIDE = 0.09
"""Shift of the iris between the corners of the eye, in widths of the eye, that is a look to the side."""


def rare_frames(landmarks: FloatArray, clip: npt.NDArray[np.int32]) -> Flags:
    """Whether a frame shows what its clip rarely shows.

    Shapes:
        landmarks: (N, 478, 3), any frame of reference with square units. clip: (N,), which clip each belongs to.
        Returns (N,).
    """
    lids, lips, gaze = _lid_gap(landmarks), _gap(landmarks, INNER_LIP_UPPER, INNER_LIP_LOWER), _gaze(landmarks)
    rare = np.zeros(len(landmarks), bool)
    for each in np.unique(clip):
        rows = np.flatnonzero(clip == each)
        shut = lids[rows] < SHUT_SHARE * np.median(lids[rows])
        wide = lips[rows] > np.median(lips[rows]) + MOUTH_WIDER
        aside = np.abs(gaze[rows] - np.median(gaze[rows])) > LOOK_ASIDE
        rare[rows] = shut | wide | aside
    return rare


def _lid_gap(landmarks: FloatArray) -> FloatArray:
    right = _gap(landmarks, RIGHT_EYE_UPPER, RIGHT_EYE_LOWER)
    return (right + _gap(landmarks, LEFT_EYE_UPPER, LEFT_EYE_LOWER)) / 2


def _gap(landmarks: FloatArray, upper: list[int], lower: list[int]) -> FloatArray:
    """Mean gap between two edges over their width, corners left out: (N,)."""
    gap = np.linalg.norm(landmarks[:, lower[2:-2]] - landmarks[:, upper[2:-2]], axis=-1).mean(1)
    return np.asarray(gap / _width(landmarks, upper))


def _width(landmarks: FloatArray, edge: list[int]) -> FloatArray:
    return np.asarray(np.maximum(np.linalg.norm(landmarks[:, edge[-1]] - landmarks[:, edge[0]], axis=-1), 1e-6))


def _gaze(landmarks: FloatArray) -> FloatArray:
    """Where the irises stand between the corners, along the eye, mean of both eyes: (N,)."""
    shifts = []
    for edge, iris in ((RIGHT_EYE_UPPER, RIGHT_IRIS), (LEFT_EYE_UPPER, LEFT_IRIS)):
        start, along = landmarks[:, edge[0]], landmarks[:, edge[-1]] - landmarks[:, edge[0]]
        from_start = landmarks[:, iris[0]] - start
        shifts.append((from_start * along).sum(-1) / _width(landmarks, edge) ** 2)
    return np.asarray(np.mean(shifts, axis=0))
