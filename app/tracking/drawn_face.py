"""A face made of ellipses, enough for a detector: warms a tracker up without a picture of anybody."""

from __future__ import annotations

import numpy as np

from models.types import FloatArray, ImageArray

Colour = tuple[int, int, int]

BACKGROUND: Colour = (120, 130, 140)

# centre x, centre y, radius x, radius y (shares of the side), softness of the edge, RGB; painted in this order
ELLIPSES: tuple[tuple[float, float, float, float, float, Colour], ...] = (
    (0.500, 0.420, 0.270, 0.340, 0.1, (60, 40, 30)),  # hair
    (0.500, 0.520, 0.220, 0.290, 0.1, (224, 178, 150)),  # face
    (0.410, 0.405, 0.065, 0.016, 0.5, (70, 45, 35)),  # brows
    (0.590, 0.405, 0.065, 0.016, 0.5, (70, 45, 35)),
    (0.410, 0.460, 0.045, 0.020, 0.3, (245, 245, 245)),  # eyes
    (0.590, 0.460, 0.045, 0.020, 0.3, (245, 245, 245)),
    (0.410, 0.460, 0.018, 0.020, 0.3, (50, 35, 30)),
    (0.590, 0.460, 0.018, 0.020, 0.3, (50, 35, 30)),
    (0.475, 0.585, 0.015, 0.010, 0.8, (150, 95, 80)),  # nose
    (0.525, 0.585, 0.015, 0.010, 0.8, (150, 95, 80)),
    (0.500, 0.540, 0.025, 0.070, 0.9, (236, 195, 170)),
    (0.500, 0.670, 0.080, 0.025, 0.4, (175, 85, 80)),  # mouth
)


def drawn_face(side_px: int = 256) -> ImageArray:
    """(side_px, side_px, 3) uint8 RGB."""
    axis = (np.arange(side_px, dtype=np.float32) + 0.5) / side_px
    image = np.full((side_px, side_px, 3), BACKGROUND, np.float32)
    for centre_x, centre_y, radius_x, radius_y, softness, colour in ELLIPSES:
        distance = np.hypot((axis[None] - centre_x) / radius_x, (axis[:, None] - centre_y) / radius_y)
        cover = np.clip((1.0 - distance) / softness, 0.0, 1.0)[..., None]
        image += cover * (_rgb(colour) - image)
    return image.astype(np.uint8)


def _rgb(colour: Colour) -> FloatArray:
    return np.array(colour, np.float32)
