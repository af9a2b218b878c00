"""Weighted similarity fit between two sets of points (Umeyama 1991), the base of head pose from landmarks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.checks import require_shape
from models.types import FloatArray


@dataclass(frozen=True)
class Similarity:
    """`target = scale * source @ rotation.T + translation`, rows being points.

    Shapes:
        rotation: (D, D) float32, right-handed, target_from_source.
        translation: (D,) float32.
    """

    rotation: FloatArray
    scale: float
    translation: FloatArray

    def apply(self, points: FloatArray) -> FloatArray:
        """Source points (N, D) in the target's frame."""
        return (self.scale * points @ self.rotation.T + self.translation).astype(np.float32)

    def undo(self, points: FloatArray) -> FloatArray:
        """Target points (N, D) in the source's frame."""
        return ((points - self.translation) @ self.rotation / self.scale).astype(np.float32)


def fit_similarity(source: FloatArray, target: FloatArray, weights: FloatArray) -> Similarity:
    """The similarity that brings `source` to `target` with the least weighted squared error.

    Shapes:
        source, target: (N, D). weights: (N,), not negative, with at least D points that count.

    Raises:
        ShapeError: on other shapes.
        ValueError: where the points that count all lie on one spot, so that no scale exists.
    """
    sizes = require_shape("source", source, "N D")
    require_shape("target", target, "N D", **sizes)
    require_shape("weights", weights, "N", N=sizes["N"])
    share = weights.astype(np.float64) / weights.sum()
    middle_s, middle_t = share @ source, share @ target
    centred_s, centred_t = source - middle_s, target - middle_t
    spread = float((share[:, None] * centred_s**2).sum())
    if not spread > 1e-12 or not np.isfinite(centred_t).all():
        raise ValueError("the points to fit lie on one spot or are not finite")
    u, singular, vt = np.linalg.svd((centred_t * share[:, None]).T @ centred_s)
    sign = np.ones(len(singular))
    sign[-1] = np.sign(np.linalg.det(u @ vt))  # never a reflection
    rotation = (u * sign) @ vt
    scale = float((singular * sign).sum() / spread)
    translation = middle_t - scale * rotation @ middle_s
    return Similarity(rotation.astype(np.float32), scale, translation.astype(np.float32))
