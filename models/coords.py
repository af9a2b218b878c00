"""The conventions every part of the program shares, and the functions that convert points.

Only numpy is imported here; what works on tensors is in `models.sampling`.

Pixels
    (x, y), origin at the top-left *corner* of the picture, pixel centres at half-integers, so x runs over
    [0, W]. Sizes are (h, w).

Unit coordinates
    (x, y, z) in [-1, 1]; -1 and +1 are the outer *edges* of the picture, so that one flow serves 64, 256 and
    512 pixels. `align_corners=False` everywhere. z has the scale of x and grows away from the viewer. A grid
    holds the absolute positions to read from (backward warp), never offsets. `models.sampling.sample` is the
    only caller of `grid_sample`.

Matrices
    Named `target_from_source` and acting on column vectors. Rotations are `camera_from_head`: right-handed,
    x right, y down, z forward, radians. The papers write keypoints as rows, `x_c R`; that is
    `x_c @ camera_from_head.T`, so their R is the transpose of ours.

Pictures
    RGB everywhere; BGR exists only inside the OpenCV adapters. On the host uint8 (H, W, 3); on a device
    float (B, 3, H, W) in [0, 1]. Confidence 1 means: trust the warp.

Time
    One monotonic nanosecond stamp, taken when a grab returns and carried to the end. Names carry units.

Mirroring
    Nothing is mirrored in data. The sent picture is never mirrored; the self-view is, by painting.
"""

from __future__ import annotations

import numpy as np

from models.types import FloatArray


def unit_from_pixels(points_px: FloatArray, size: tuple[int, int]) -> FloatArray:
    """Points of a picture of `size` (h, w) in unit coordinates.

    Shapes:
        points_px: (..., 2) or (..., 3); a third column is depth in pixels of x.
    """
    h, w = size
    scale = np.array([2.0 / w, 2.0 / h, 2.0 / w][: points_px.shape[-1]], np.float32)
    origin = np.array([1.0, 1.0, 0.0][: points_px.shape[-1]], np.float32)
    return (points_px * scale - origin).astype(np.float32)


def pixels_from_unit(points: FloatArray, size: tuple[int, int]) -> FloatArray:
    """The inverse of `unit_from_pixels`.

    Shapes:
        points: (..., 2) or (..., 3).
    """
    h, w = size
    scale = np.array([w / 2.0, h / 2.0, w / 2.0][: points.shape[-1]], np.float32)
    origin = np.array([1.0, 1.0, 0.0][: points.shape[-1]], np.float32)
    return ((points + origin) * scale).astype(np.float32)
