"""Where a portrait lies on the output canvas, so that the head is framed as in a good video call."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.crop import Matrix
from app.portrait import LoadedPortrait
from app.settings import FitMode
from models.coords import pixels_from_unit

HAIR = 0.42
"""Height of hair and forehead above the highest landmark, in heights of the landmarks' box."""

EARS = 0.12
"""Width of ears and hair beside the outermost landmarks, on each side, in heights of that box."""

TALLEST_HEAD = 0.78
"""Of the canvas: a head that would be taller is shown smaller, even if the picture then no longer covers the canvas."""

SHORTEST_FACE = 0.27
"""Of the canvas: a face that would be shorter is shown larger, as far as `MOST_ENLARGED` allows."""

MOST_ENLARGED = 1.5
HEAD_CENTRE = 0.46
"""Height on the canvas at which the middle of the head is put; a little above the middle leaves room for shoulders."""


@dataclass(frozen=True)
class Box:
    """Pixels of the whole picture, not rounded and not clipped to it."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


@dataclass(frozen=True)
class Placement:
    """canvas = scale * picture + (left, top), in pixels with the origin at the corner."""

    scale: float
    left: float
    top: float

    @property
    def canvas_from_picture(self) -> Matrix:
        """(2, 3) affine matrix on column vectors (x, y, 1)."""
        return np.array([[self.scale, 0.0, self.left], [0.0, self.scale, self.top]])


def face_box(portrait: LoadedPortrait) -> Box:
    """Around the landmarks."""
    side = portrait.crop.out_px
    points = portrait.crop.to_picture(pixels_from_unit(portrait.view.landmarks, (side, side)))[:468, :2]
    (left, top), (right, bottom) = points.min(0), points.max(0)
    return Box(float(left), float(top), float(right), float(bottom))


def head_box(face: Box) -> Box:
    """With hair and ears."""
    beside = EARS * face.height
    return Box(face.left - beside, face.top - HAIR * face.height, face.right + beside, face.bottom)


def place(
    picture_size: tuple[int, int], face: Box, canvas_size: tuple[int, int], fit: FitMode, *, stand: bool
) -> Placement:
    """FIT shows all of the picture, FILL the part around the head that fills the canvas.

    `stand`: a picture lower than the canvas stands on its bottom edge, for people cut out of their background;
    else it hangs in the middle. Sizes are (h, w).
    """
    if fit is FitMode.FIT:
        scale = min(canvas_size[0] / picture_size[0], canvas_size[1] / picture_size[1])
        return _inside(picture_size, canvas_size, scale, stand=stand)
    scale = _filling_scale(picture_size, face, canvas_size)
    head = head_box(face)
    (h, w), (canvas_h, canvas_w) = picture_size, canvas_size
    left = canvas_w / 2.0 - scale * (head.left + head.right) / 2.0
    top = HEAD_CENTRE * canvas_h - scale * (head.top + head.bottom) / 2.0
    return Placement(scale, _clamped(left, canvas_w - scale * w), _clamped(top, canvas_h - scale * h))


def _filling_scale(picture_size: tuple[int, int], face: Box, canvas_size: tuple[int, int]) -> float:
    (h, w), (canvas_h, canvas_w) = picture_size, canvas_size
    cover = max(canvas_h / h, canvas_w / w)
    closer = min(SHORTEST_FACE * canvas_h / face.height, MOST_ENLARGED)
    head = head_box(face)
    farthest = min(TALLEST_HEAD * canvas_h / head.height, TALLEST_HEAD * canvas_w / head.width)
    all_of_it = min(canvas_h / h, canvas_w / w)  # smaller than that shows no more of the person
    return max(all_of_it, min(max(cover, closer), farthest))


def _inside(picture_size: tuple[int, int], canvas_size: tuple[int, int], scale: float, *, stand: bool) -> Placement:
    spare_x, spare_y = canvas_size[1] - scale * picture_size[1], canvas_size[0] - scale * picture_size[0]
    return Placement(scale, spare_x / 2.0, spare_y if stand else spare_y / 2.0)


def _clamped(offset: float, spare: float) -> float:
    """Between the picture's own edges where it is larger than the canvas, else between the canvas's."""
    return min(max(offset, min(0.0, spare)), max(0.0, spare))
