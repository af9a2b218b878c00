"""Takes a face's landmarks apart into the head's pose and each landmark's place in the head's own frame, and back.

What steadies landmarks works on the two apart: a turning head then does not hide a still mouth, nor a blink a still
head.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.motion.similarity import Similarity, fit_similarity
from models.types import LANDMARK_COUNT, FloatArray

STIFF_POINTS = [
    *(10, 338, 297, 332, 109, 67, 103, 151, 9, 8, 168, 6, 197, 195, 5, 4, 1),  # forehead, bridge and tip of the nose
    *(33, 133, 362, 263, 127, 356, 234, 454, 116, 345, 117, 346, 50, 280, 205, 425),  # eye corners, temples, cheeks
]
"""Landmarks that move little when a face speaks, blinks or raises its brows: they tell the pose."""

STIFFNESS = np.zeros(LANDMARK_COUNT, np.float32)
STIFFNESS[STIFF_POINTS] = 1.0

Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class HeadRows:
    """One face, as rows that are steadied each for itself; the unit of all is about the size of the face.

    Shapes:
        pose: (3, 9) float64: place (3 used), rotation as a matrix, log of the size (1 used); the rest is 0.
        local: (478, 3) float64, in the head's frame.
    """

    pose: Points
    local: Points


class HeadFrame:
    """The head's frame, taken from one face: its middle is the origin, its size is 1, its pose is no rotation.

    Raises:
        ValueError: the points are not finite or lie on one spot.
    """

    def __init__(self, landmarks_px: FloatArray) -> None:
        stiff = landmarks_px[STIFF_POINTS]
        size = float(np.ptp(stiff[:, :2], axis=0).max())
        if not (size > 0 and np.isfinite(landmarks_px).all()):
            raise ValueError("the points lie on one spot or are not finite")
        self._size = size
        self._reference = ((landmarks_px - stiff.mean(0)) / size).astype(np.float32)

    def split(self, landmarks_px: FloatArray) -> HeadRows:
        """A face as rows.

        Half the face's width is the lever that turns the radians of a rotation into sizes of the face.

        Shapes:
            landmarks_px: (478, 3), any unit, the same as that of the face the frame was taken from.

        Raises:
            ValueError: the points are not finite or lie on one spot.
        """
        found = fit_similarity(self._reference, landmarks_px, STIFFNESS)
        if not found.scale > 0:
            raise ValueError("the points lie on one spot")
        pose = np.zeros((3, 9))
        pose[0, :3] = found.translation / self._size
        pose[1] = found.rotation.ravel() / 2.0
        pose[2, 0] = np.log(found.scale / self._size)
        return HeadRows(pose, found.undo(landmarks_px).astype(np.float64))

    def join(self, rows: HeadRows) -> FloatArray:
        """(478, 3) float32, the inverse of `split`; an averaged rotation is brought back onto the rotations."""
        u, _, vt = np.linalg.svd(rows.pose[1].reshape(3, 3))
        scale = self._size * float(np.exp(rows.pose[2, 0]))
        translation = (rows.pose[0, :3] * self._size).astype(np.float32)
        return Similarity((u @ vt).astype(np.float32), scale, translation).apply(rows.local.astype(np.float32))


def moved_faces(before: HeadRows, after: HeadRows) -> float:
    """How far the head went between two faces, in sizes of the later one."""
    return float(np.linalg.norm(after.pose[0] - before.pose[0]) / np.exp(after.pose[2, 0]))
