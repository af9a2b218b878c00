"""Brings a frame to the size a sink was opened with, when the output size was changed in the meantime."""

from __future__ import annotations

import numpy as np

from models.types import ImageArray


def fitted(image: ImageArray, size: tuple[int, int]) -> ImageArray:
    """`image` itself where it has `size` (h, w), else all of it, scaled, centred, with black bars.

    Shapes:
        image: (h, w, 3) uint8 RGB.
    """
    if image.shape[:2] == size:
        return image
    import cv2

    scale = min(size[0] / image.shape[0], size[1] / image.shape[1])
    h, w = (max(1, min(limit, round(side * scale))) for limit, side in zip(size, image.shape[:2], strict=True))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    canvas = np.zeros((*size, 3), np.uint8)
    top, left = (size[0] - h) // 2, (size[1] - w) // 2
    canvas[top : top + h, left : left + w] = cv2.resize(image, (w, h), interpolation=method)
    return canvas
