"""Which of the faces of a still picture is meant: the largest, unless a smaller one stands much more central."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.tracking.base import Tracker
from models.types import FloatArray, ImageArray

MIN_PRESENCE = 0.5
"""Of 239 stills of real and drawn faces none had less than 0.78; soft blobs of colour have reached 0.41."""


@dataclass(frozen=True)
class ChosenFace:
    """The face that is meant, in pixels of the whole picture, and how many faces there were.

    Shapes:
        landmarks_px: (478, 3) float32.
    """

    landmarks_px: FloatArray
    faces: int


def choose_face(tracker: Tracker, image: ImageArray) -> ChosenFace | None:
    """The largest, most central face; None when there is none. `tracker` must be one for single pictures."""
    found = all_faces(tracker, image)
    return ChosenFace(found[0], len(found)) if found else None


def all_faces(tracker: Tracker, image: ImageArray) -> list[FloatArray]:
    """The landmarks of every face, the one that is meant first; `tracker` as in `choose_face`."""
    found = [face.landmarks_px for face in tracker.track(image, 0) if face.presence >= MIN_PRESENCE]
    size = (image.shape[0], image.shape[1])
    return sorted(found, key=lambda points: _prominence(points, size), reverse=True)


def _prominence(points: FloatArray, size: tuple[int, int]) -> float:
    """Area of the face, halved at the far corners of the picture."""
    h, w = size
    low, high = points[:468, :2].min(0), points[:468, :2].max(0)
    offset = ((low + high) / 2.0 - np.array([w / 2.0, h / 2.0])) / np.hypot(w / 2.0, h / 2.0)
    return float(max(high - low)) ** 2 * (1.0 - 0.5 * min(1.0, float(np.linalg.norm(offset))))
