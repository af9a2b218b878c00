"""The rigid part of a face's motion: which rotation, size and place turns one landmark shape into another.

Least squares by S. Umeyama, "Least-squares estimation of transformation parameters between two point patterns",
PAMI 1991, with weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]

STIFF_POINTS = (
    *(10, 338, 297, 332, 109, 67, 103, 151, 9, 8, 168, 6, 197, 195, 5, 4, 1),  # forehead, bridge and tip of the nose
    *(33, 133, 362, 263, 127, 356, 234, 454, 116, 345, 117, 346, 50, 280, 205, 425),  # eye corners, temples, cheeks
)
"""Landmarks that move little when a face speaks, blinks or raises its brows."""


@dataclass(frozen=True)
class Similarity:
    """`picture = scale * rotation @ shape + translation`, rotation being camera_from_head for a frontal shape.

    Shapes:
        rotation: (3, 3). translation: (3,).
    """

    scale: float
    rotation: Points
    translation: Points

    def apply(self, shape: Points) -> Points:
        """(N, 3) -> (N, 3)."""
        return self.scale * shape @ self.rotation.T + self.translation

    def undo(self, points: Points) -> Points:
        """The inverse of `apply`."""
        return (points - self.translation) @ self.rotation / self.scale


def fit_similarity(shape: Points, picture: Points, chosen: tuple[int, ...] = STIFF_POINTS) -> Similarity:
    """The similarity that brings the `chosen` points of `shape` nearest to those of `picture`.

    Shapes:
        shape, picture: (N, 3).
    """
    rows = list(chosen)
    from_mean, to_mean = shape[rows].mean(0), picture[rows].mean(0)
    centred, wanted = shape[rows] - from_mean, picture[rows] - to_mean
    u, singular, vt = np.linalg.svd(wanted.T @ centred)
    signs = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])  # never a reflection
    rotation = (u * signs) @ vt
    scale = float((singular * signs).sum() / (centred**2).sum())
    return Similarity(scale, rotation, to_mean - scale * rotation @ from_mean)
