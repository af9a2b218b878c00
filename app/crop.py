"""The square around a face, and the way into it and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.types import FloatArray

FACE_TO_CROP = 2.3
"""Side of the crop over the larger side of the landmarks' box; the framing of the training clips (2.2-2.6)."""

CENTRE_SHIFT_UP = 0.08
"""How far the crop's centre lies above the centre of the landmarks, in box sides: hair needs more room than neck."""

Matrix = npt.NDArray[np.float64]
Points = npt.NDArray[np.float32] | npt.NDArray[np.float64]


@dataclass(frozen=True)
class CropTransform:
    """A square of `side_px` in a picture, upright or rotated, seen as a picture of `out_px`.

    Coordinates are pixels with the origin at the top-left corner of the picture (centres at half-integers).

    centre_px: (x, y) of the square's centre in the whole picture.
    angle: radians, positive turns the square clockwise on the screen.
    """

    centre_px: tuple[float, float]
    side_px: float
    angle: float = 0.0
    out_px: int = 256

    def __post_init__(self) -> None:
        if not (self.side_px > 0 and self.out_px > 0):
            raise ValueError(f"a crop needs a positive size, got side {self.side_px} and output {self.out_px}")

    @classmethod
    def around_face(cls, landmarks_px: FloatArray, out_px: int, *, scale: float = FACE_TO_CROP) -> CropTransform:
        """The upright square that frames a face as the training clips do.

        Shapes:
            landmarks_px: (478, 2) or (478, 3), pixels of the whole picture.
        """
        low, high = landmarks_px[:468, :2].min(0), landmarks_px[:468, :2].max(0)
        box = float(max(high - low))
        centre = (low + high) / 2.0
        return cls((float(centre[0]), float(centre[1] - CENTRE_SHIFT_UP * box)), box * scale, 0.0, out_px)

    @classmethod
    def whole(cls, size: tuple[int, int], out_px: int) -> CropTransform:
        """The whole of a square picture of `size` (h, w), for input that is already framed."""
        h, w = size
        return cls((w / 2.0, h / 2.0), float(max(h, w)), 0.0, out_px)

    @property
    def picture_from_crop(self) -> Matrix:
        """(2, 3) affine matrix on column vectors (x, y, 1)."""
        scale = self.side_px / self.out_px
        c, s = np.cos(self.angle) * scale, np.sin(self.angle) * scale
        linear = np.array([[c, -s], [s, c]])
        offset = np.array(self.centre_px) - linear @ np.full(2, self.out_px / 2.0)
        return np.column_stack([linear, offset])

    @property
    def crop_from_picture(self) -> Matrix:
        """(2, 3) affine matrix on column vectors (x, y, 1)."""
        matrix = self.picture_from_crop
        inverse = np.linalg.inv(matrix[:, :2])
        return np.column_stack([inverse, -inverse @ matrix[:, 2]])

    def to_crop(self, points_px: Points) -> Matrix:
        """Picture pixels to crop pixels; a third column (depth) is scaled alike.

        Shapes:
            points_px: (N, 2) or (N, 3).
        """
        return _apply(self.crop_from_picture, points_px, self.out_px / self.side_px)

    def to_picture(self, points_px: Points) -> Matrix:
        """Crop pixels to picture pixels; the inverse of `to_crop`."""
        return _apply(self.picture_from_crop, points_px, self.side_px / self.out_px)

    def to_unit(self, points_px: Points) -> FloatArray:
        """Picture pixels to unit coordinates of the crop."""
        points = self.to_crop(points_px) * (2.0 / self.out_px)
        points[:, :2] -= 1.0
        return points.astype(np.float32)


def _apply(matrix: Matrix, points: Points, scale: float) -> Matrix:
    moved = points[:, :2].astype(np.float64) @ matrix[:, :2].T + matrix[:, 2]
    if points.shape[1] == 2:
        return np.asarray(moved)
    return np.column_stack([moved, points[:, 2] * scale])


def opencv_matrix(matrix: Matrix) -> Matrix:
    """The same affine map for OpenCV, whose pixel centres lie at integers instead of half-integers."""
    shifted = matrix.copy()
    shifted[:, 2] += matrix[:, :2] @ np.full(2, 0.5) - 0.5
    return shifted
