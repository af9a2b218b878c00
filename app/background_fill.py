"""Paints a person out of a picture, smoothly, so that a moving head uncovers something believable."""

from __future__ import annotations

import cv2
import numpy as np

from app.resample import blurred, dilated, enlarged, limited, resized, smoothstep
from models.types import FloatArray, ImageArray

WORK_PX = 384
"""Long side at which the hole is filled; the fill is smooth, so more detail would show nothing."""

FEWEST_PX = 4
"""Side at which the pyramid ends; by then every cell has seen some background."""

RELAXATIONS = 8
"""Averaging steps per level of the pyramid; more change nothing that can be seen."""

TREND_PX = 64
"""Long side at which the light of the wall is fitted."""

NEAR = 0.15
"""Distance from the person, of the picture's long side, over which a pixel's say in that fit falls to a third."""


def paint_out(picture: ImageArray, foreground: FloatArray) -> ImageArray:
    """The picture without the person.

    First the light of the wall, a quadratic surface fitted around the person, is taken off: a head before a lit
    studio wall hides its brightest part. What is left is filled as a membrane spanned over the outline (Laplace's
    equation, relaxed on a pyramid that begins with push-pull, Gortler et al. 1996): no streaks, no copied
    objects, and no step where the fill meets the picture.

    Shapes:
        picture: (H, W, 3) uint8. foreground: (H, W) float32, 1 = person. Result: (H, W, 3) uint8.
    """
    h, w = foreground.shape
    size = limited((h, w), WORK_PX)
    small = resized(picture, size).astype(np.float32)
    covered = _grown(resized(foreground, size))
    known = np.where(covered < 0.02, 1.0, 0.0).astype(np.float32)
    trend = _light_of_the_wall(small, known)
    filled = trend + _membrane(small - trend, known)
    fill = enlarged(np.clip(filled, small.min((0, 1)), small.max((0, 1))), (h, w))
    hole = resized(covered, (h, w))[..., None]
    return np.clip(picture + hole * (fill - picture), 0, 255).round().astype(np.uint8)


def _grown(mask: FloatArray) -> FloatArray:
    """Reaching past the fringe of hair that the mask only half knows, with a soft edge of its own."""
    reach = max(3, round(0.022 * max(mask.shape))) | 1
    wide = dilated((mask > 0.04).astype(np.float32), reach)
    return np.maximum(wide, blurred(dilated(wide, reach), reach / 4.0))


def _light_of_the_wall(colours: FloatArray, known: FloatArray) -> FloatArray:
    """A quadratic surface through the known colours near the hole, fitted twice: the second time without what
    stands out, so that furniture does not count as light.

    Where (nearly) nothing is known, the darkest colours of the picture: a face seen twice would be worse.
    """
    h, w = known.shape
    size = limited((h, w), TREND_PX)
    weight, values = resized(known, size), resized(colours, size)
    if float(weight.sum()) < 0.01 * weight.size:
        dark = np.percentile(colours.reshape(-1, 3), 15, axis=0).astype(np.float32)
        return np.asarray(np.zeros_like(colours) + dark, np.float32)
    distance = cv2.distanceTransform((weight > 0.99).astype(np.uint8), cv2.DIST_L2, 3)
    weight = weight * np.exp(-np.minimum(np.asarray(distance, np.float32) / (NEAR * max(size)), 4.0))
    surface = _quadratic(values, weight)
    off = np.abs(values - surface).mean(-1)
    typical = float(np.average(off, weights=weight)) + 1.0
    weight = weight / (1.0 + (off / typical) ** 4)
    surface = _believed(_quadratic(values, weight), values, weight)
    seen = values[weight > 0]
    return enlarged(np.clip(surface, seen.min(0), seen.max(0)).astype(np.float32), (h, w))


def _believed(surface: FloatArray, values: FloatArray, weight: FloatArray) -> FloatArray:
    """The surface as far as it explains what it was fitted to; a busy room has no light that could be continued."""
    mean = np.average(values.reshape(-1, 3), axis=0, weights=weight.ravel()).astype(np.float32)
    left_over = float(np.average(((values - surface) ** 2).mean(-1), weights=weight)) + 1.0
    at_first = float(np.average(((values - mean) ** 2).mean(-1), weights=weight)) + 1.0
    explained = 1.0 - left_over / at_first
    belief = smoothstep(np.array([(explained - 0.6) / 0.35]))
    return np.asarray(mean + belief * (surface - mean), np.float32)


def _quadratic(values: FloatArray, weight: FloatArray) -> FloatArray:
    """The weighted least-squares surface of degree two; slope and bend are held back where data is thin."""
    h, w = weight.shape
    y, x = np.meshgrid(np.linspace(-1, 1, h), np.linspace(-1, 1, w), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], -1).reshape(-1, 6)
    share = (weight / weight.sum()).reshape(-1, 1)
    held_back = np.diag([1e-6, 1e-3, 1e-3, 4e-3, 4e-3, 4e-3])
    normal = terms.T @ (share * terms) + held_back
    solution = np.linalg.solve(normal, terms.T @ (share * values.reshape(-1, 3)))
    return np.asarray((terms @ solution).reshape(h, w, 3), np.float32)


def _membrane(values: FloatArray, known: FloatArray) -> FloatArray:
    """Values everywhere: the known ones where known, a smooth span over the rest."""
    levels = [(values * known[..., None], known)]
    while min(levels[-1][1].shape) > FEWEST_PX:
        levels.append((_halved(levels[-1][0]), _halved(levels[-1][1])))
    total = max(float(known.sum()), 1.0)
    mean = (values * known[..., None]).sum((0, 1)) / total
    filled = np.broadcast_to(mean, levels[-1][0].shape)
    for premultiplied, weight in reversed(levels):
        h, w = weight.shape
        grown = np.asarray(cv2.resize(filled, (w, h), interpolation=cv2.INTER_LINEAR), np.float32)
        filled = _relaxed(premultiplied, weight, grown)
    return filled


def _relaxed(premultiplied: FloatArray, weight: FloatArray, start: FloatArray) -> FloatArray:
    """`start` averaged over its neighbours again and again, with this level's own values held in place."""
    sure = np.clip(weight * 2.0, 0.0, 1.0)[..., None]
    held = sure * premultiplied / np.maximum(weight, 1e-4)[..., None]
    free = 1.0 - sure
    filled = np.asarray(held + free * start, np.float32)
    for _ in range(RELAXATIONS):
        filled = held + free * np.asarray(cv2.blur(filled, (3, 3)), np.float32)
    return filled


def _halved(values: FloatArray) -> FloatArray:
    return np.asarray(cv2.pyrDown(values), np.float32)
