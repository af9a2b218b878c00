"""Rectangles in a picture: parts of it that are looked at alone, and boxes around faces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.types import FloatArray, ImageArray

FACE_POINTS = 468
"""Landmarks without the irises, which add nothing to the outline of a face."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the picture, edges as coordinates (origin at the top-left corner)."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def around(cls, landmarks_px: FloatArray) -> Box:
        """The smallest box that holds all landmarks of a face, (478, 2 or 3)."""
        low, high = landmarks_px[:FACE_POINTS, :2].min(0), landmarks_px[:FACE_POINTS, :2].max(0)
        return cls(float(low[0]), float(low[1]), float(high[0]), float(high[1]))

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2.0, (self.top + self.bottom) / 2.0

    @property
    def size(self) -> float:
        """Geometric mean of the sides: hardly changes when a head turns."""
        return float(np.sqrt(max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)))

    def distance(self, other: Box) -> float:
        """Between the centres, pixels."""
        (ax, ay), (bx, by) = self.centre, other.centre
        return float(np.hypot(ax - bx, ay - by))

    def overlap(self, other: Box) -> float:
        """Intersection over union: 1 the same box, 0 apart."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        shared = max(0.0, width) * max(0.0, height)
        union = self.size**2 + other.size**2 - shared
        return shared / union if union > 0 else 0.0


@dataclass(frozen=True)
class Window:
    """A part of a picture with whole pixels as borders; [left, right) x [top, bottom)."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def whole(cls, image: ImageArray) -> Window:
        """All of a picture."""
        return cls(0, 0, image.shape[1], image.shape[0])

    @classmethod
    def around(cls, box: Box, scale: float, size: tuple[int, int]) -> Window:
        """A square `scale` times the box, moved (and, if need be, cut) to lie inside a picture of `size` (h, w)."""
        h, w = size
        side = max(2, round(scale * max(box.right - box.left, box.bottom - box.top)))
        left = int(np.clip(round(box.centre[0] - side / 2), 0, max(0, w - side)))
        top = int(np.clip(round(box.centre[1] - side / 2), 0, max(0, h - side)))
        return cls(left, top, min(w, left + side), min(h, top + side))

    def fits(self, size: tuple[int, int]) -> bool:
        """Whether a picture of `size` (h, w) holds all of it."""
        return self.bottom <= size[0] and self.right <= size[1]

    @property
    def box(self) -> Box:
        return Box(self.left, self.top, self.right, self.bottom)

    def cut(self, image: ImageArray) -> ImageArray:
        """The pixels, contiguous as MediaPipe wants them; no copy when they already are."""
        return np.ascontiguousarray(image[self.top : self.bottom, self.left : self.right])


def size_of(image: ImageArray) -> tuple[int, int]:
    """(h, w)."""
    return image.shape[0], image.shape[1]
