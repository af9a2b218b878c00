"""RGB to what virtual cameras take natively, so that their backends need not convert every repeated frame again.

BT.601, limited range: what pyvirtualcam's own conversion makes and what viewers of a webcam assume.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from models.types import ImageArray

Converter = Callable[[ImageArray], ImageArray]
"""(h, w, 3) uint8 RGB with even sides -> a new uint8 array in the layout pyvirtualcam expects."""


def wanted_formats(system: str) -> tuple[str, ...]:
    """Names of pyvirtualcam pixel formats to try in turn; `system` as `platform.system()` gives it."""
    native = {"Linux": "I420", "Windows": "NV12", "Darwin": "UYVY"}.get(system)
    return (native, "RGB") if native else ("RGB",)


def converter_to(pixel_format: str) -> Converter:
    """The conversion to the format of that name."""
    return {"I420": _i420, "NV12": _nv12, "UYVY": _uyvy, "RGB": _rgb}[pixel_format]


def _rgb(image: ImageArray) -> ImageArray:
    return image.copy()


def _i420(image: ImageArray) -> ImageArray:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2YUV_I420), np.uint8)


def _nv12(image: ImageArray) -> ImageArray:
    h, w = image.shape[:2]
    planes = _i420(image).reshape(-1)
    u, v = planes[h * w :].reshape(2, -1)
    return np.concatenate([planes[: h * w], np.stack([u, v], axis=1).reshape(-1)])


def _uyvy(image: ImageArray) -> ImageArray:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2YUV_UYVY), np.uint8)
