"""How good a picture of a face is, apart from what the face does: sharp, well lit, still, large enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.clock import NS_PER_S
from app.portrait_quality import SMALL_FACE_PX, face_figures
from models.types import FloatArray, ImageArray

SHARP = (0.003, 0.03)
"""Variance of the face's Laplacian over its own variance; below the first it is blurred (`app.portrait_quality`)."""

LUMA = (35.0, 70.0, 190.0, 235.0)
"""Mean brightness of the face: 0 outside the outer two, 1 between the inner two."""

STILL, FAST = 0.15, 1.2
"""Speed of the landmarks in widths of the face a second: no blur below the first, nothing but blur at the second."""


@dataclass(frozen=True)
class PictureQuality:
    """Each from 0, useless, to 1, as good as it gets."""

    sharp: float
    lit: float
    still: float
    large: float

    @property
    def score(self) -> float:
        return self.sharp * self.lit * self.still * self.large

    @property
    def worst(self) -> str:
        """The sentence about what is worst."""
        named = {
            "The picture was blurred.": self.sharp,
            "The face was too dark or too bright.": self.lit,
            "The head moved too fast.": self.still,
            "The face was too small; come closer.": self.large,
        }
        return min(named, key=lambda sentence: named[sentence])


def picture_quality(image: ImageArray, landmarks_px: FloatArray, speed: float = 0.0) -> PictureQuality:
    """Judge one picture.

    speed: of the landmarks, see `SpeedGauge`; 0 for a photo.

    Shapes:
        image: (H, W, 3) uint8. landmarks_px: (478, 3), pixels of the picture.
    """
    figures = face_figures(image, landmarks_px)
    dark, dim, bright, white = LUMA
    side_px = float(np.ptp(landmarks_px[:468, :2], axis=0).max())
    return PictureQuality(
        sharp=float(np.interp(np.log(max(figures.sharpness, 1e-6)), np.log(SHARP), (0.0, 1.0))),
        lit=float(np.interp(figures.luma, (dark, dim, bright, white), (0.0, 1.0, 1.0, 0.0))),
        still=float(np.interp(speed, (STILL, FAST), (1.0, 0.0))),
        large=float(np.interp(side_px, (0.5 * SMALL_FACE_PX, 1.5 * SMALL_FACE_PX), (0.0, 1.0))),
    )


class SpeedGauge:
    """How fast a face moves from picture to picture; lids and lips hardly count among so many points."""

    def __init__(self) -> None:
        self._before: tuple[FloatArray, int] | None = None

    def speed(self, landmarks_px: FloatArray, t_ns: int) -> float:
        """Mean speed of the landmarks since the last picture, in widths of the face a second; 0 for the first."""
        before, self._before = self._before, (landmarks_px, t_ns)
        if before is None or t_ns <= before[1]:
            return 0.0
        moved = np.linalg.norm(landmarks_px[:, :2] - before[0][:, :2], axis=1).mean()
        width = max(float(np.ptp(landmarks_px[:468, 0])), 1e-6)
        return float(moved) / width * NS_PER_S / (t_ns - before[1])
