"""Typed resizing, warping and blurring of pictures and masks: OpenCV with this program's sizes and pixel centres."""

from __future__ import annotations

from typing import Any, TypeVar, cast

import cv2
import numpy as np
import numpy.typing as npt

from app.crop import Matrix, opencv_matrix

D = TypeVar("D", np.uint8, np.float32)
Pixels = npt.NDArray[D]

REFLECT = cv2.BORDER_REFLECT_101
ZERO = cv2.BORDER_CONSTANT
REPLICATE = cv2.BORDER_REPLICATE


def resized(values: Pixels[D], size: tuple[int, int]) -> Pixels[D]:
    """`values` as (h, w) = `size`: averaged where it shrinks, linear where it grows."""
    h, w = size
    if values.shape[:2] == (h, w):
        return values
    shrinks = h * w < values.shape[0] * values.shape[1]
    mode = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cast("Pixels[D]", cv2.resize(values, (w, h), interpolation=mode))


def enlarged(values: Pixels[D], size: tuple[int, int]) -> Pixels[D]:
    """`values` as (h, w) = `size` by cubic interpolation, for pictures that grow off the live path."""
    h, w = size
    return cast("Pixels[D]", cv2.resize(values, (w, h), interpolation=cv2.INTER_CUBIC))


def limited(size: tuple[int, int], longest_px: int) -> tuple[int, int]:
    """(h, w) with the same proportions and at most `longest_px` on the long side; small sizes stay."""
    h, w = size
    scale = min(1.0, longest_px / max(h, w))
    return max(1, round(h * scale)), max(1, round(w * scale))


def warped(
    values: Pixels[D],
    target_from_source: Matrix,
    size: tuple[int, int],
    *,
    border: int = ZERO,
    cubic: bool = False,
) -> Pixels[D]:
    """`values` moved by an affine map into a picture of `size` (h, w), averaged first where the map shrinks them.

    Shapes:
        target_from_source: (2, 3), on column vectors (x, y, 1) of pixels with the origin at the corner.
    """
    h, w = size
    growth = float(np.sqrt(abs(np.linalg.det(target_from_source[:, :2]))))
    source, target_from_values = values, target_from_source
    if growth < 0.77:
        small = (max(1, round(values.shape[0] * growth)), max(1, round(values.shape[1] * growth)))
        source = resized(values, small)
        target_from_values = target_from_source.copy()
        target_from_values[:, :2] *= (values.shape[1] / small[1], values.shape[0] / small[0])
    mode = cv2.INTER_CUBIC if cubic and growth > 1.0 else cv2.INTER_LINEAR
    matrix = opencv_matrix(target_from_values)
    return cast("Pixels[D]", cv2.warpAffine(source, matrix, (w, h), flags=mode, borderMode=border))


def blurred(values: Pixels[D], sigma_px: float, *, border: int = REFLECT) -> Pixels[D]:
    """Gaussian blur."""
    return cast("Pixels[D]", cv2.GaussianBlur(values, (0, 0), sigma_px, borderType=border))


def strongly_blurred(image: Pixels[np.uint8], sigma_px: float) -> Pixels[np.uint8]:
    """A wide blur at the price of a narrow one: done on a small copy."""
    h, w = image.shape[:2]
    factor = max(1.0, sigma_px / 4.0)
    small = resized(image, (max(1, round(h / factor)), max(1, round(w / factor))))
    return enlarged(blurred(small, sigma_px / factor, border=REPLICATE), (h, w))


def dilated(mask: Pixels[D], reach_px: int) -> Pixels[D]:
    """The mask grown by a disc of diameter `reach_px`."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach_px, reach_px))
    return cast("Pixels[D]", cv2.dilate(mask, disc))


def smoothstep(values: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float32]:
    """0 below 0, 1 above 1, and a soft S between."""
    ramp = np.clip(values, 0.0, 1.0)
    return (ramp * ramp * (3.0 - 2.0 * ramp)).astype(np.float32)
