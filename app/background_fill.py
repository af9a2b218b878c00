"""Paints a person out of a picture, smoothly, so that a moving head uncovers something believable."""

from __future__ import annotations

import cv2
import numpy as np

from app.resample import blurred, dilated, enlarged, limited, resized
from models.types import FloatArray, ImageArray

WORK_PX = 512
"""Long side at which the hole is filled; the fill is smooth, so more detail would show nothing."""

FEWEST_PX = 4
"""Side at which the pyramid ends; by then every cell has seen some background."""


def paint_out(picture: ImageArray, foreground: FloatArray) -> ImageArray:
    """The picture without the person.

    Push-pull (Gortler et al. 1996): colours of the sure background are averaged down a pyramid together with
    their weights, and on the way back up holes take the coarser level's colour. Near the outline the fill meets
    the picture's own colours, far inside it tends to their mean: no streaks, no copied objects.

    Shapes:
        picture: (H, W, 3) uint8. foreground: (H, W) float32, 1 = person. Result: (H, W, 3) uint8.
    """
    h, w = foreground.shape
    size = limited((h, w), WORK_PX)
    small = resized(picture, size).astype(np.float32)
    covered = _grown(resized(foreground, size))
    filled = _push_pull(small, 1.0 - covered)
    fill = enlarged(_softened(filled, covered), (h, w))
    hole = resized(covered, (h, w))[..., None]
    return np.clip(picture + hole * (fill - picture), 0, 255).round().astype(np.uint8)


def _grown(mask: FloatArray) -> FloatArray:
    """Reaching past the fringe of hair that the mask only half knows, with a soft edge of its own."""
    reach = max(3, round(0.022 * max(mask.shape))) | 1
    wide = dilated((mask > 0.04).astype(np.float32), reach)
    return np.maximum(wide, blurred(dilated(wide, reach), reach / 4.0))


def _push_pull(colours: FloatArray, weights: FloatArray) -> FloatArray:
    """Colours everywhere, from colours that count only as much as their weight."""
    known = np.where(weights > 0.5, weights, 0.0).astype(np.float32)
    levels = [(colours * known[..., None], known)]
    while min(levels[-1][1].shape) > FEWEST_PX:
        levels.append((_halved(levels[-1][0]), _halved(levels[-1][1])))
    premultiplied, weight = levels.pop()
    filled = _over(premultiplied, weight, np.broadcast_to(_mean_colour(colours, known), premultiplied.shape))
    for premultiplied, weight in reversed(levels):
        h, w = weight.shape
        filled = _over(premultiplied, weight, np.asarray(cv2.pyrUp(filled, dstsize=(w, h)), np.float32))
    return filled


def _halved(values: FloatArray) -> FloatArray:
    return np.asarray(cv2.pyrDown(values), np.float32)


def _mean_colour(colours: FloatArray, known: FloatArray) -> FloatArray:
    """Of the background; where a head fills the picture, of what is darkest: a face seen twice would be worse."""
    total = float(known.sum())
    if total > 1e-3 * known.size:
        return np.asarray((colours * known[..., None]).sum((0, 1)) / total, np.float32)
    return np.asarray(np.percentile(colours.reshape(-1, 3), 15, axis=0), np.float32)


def _over(premultiplied: FloatArray, weight: FloatArray, coarser: FloatArray) -> FloatArray:
    """Colours of one level where it has them, of the coarser level where it has not."""
    sure = np.clip(weight * 4.0, 0.0, 1.0)[..., None]
    own = premultiplied / np.maximum(weight, 1e-4)[..., None]
    return np.asarray(sure * own + (1.0 - sure) * coarser, np.float32)


def _softened(filled: FloatArray, covered: FloatArray) -> FloatArray:
    """The fill blurred where it is deep inside the hole, where the pyramid's steps could be seen."""
    sigma = max(1.0, 0.012 * max(covered.shape))
    deep = blurred(covered, sigma)[..., None] ** 2
    return np.asarray(filled + deep * (blurred(filled, sigma) - filled), np.float32)
