"""The inside of the mouth: what the portrait shows of it, and darkness where it shows nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.geometric.opening import Edges, OpeningField
from models.motion.landmark_sets import OUTER_LIP_LOWER, OUTER_LIP_UPPER
from models.types import FloatArray, ImageArray

CAVITY = np.array([0.34, 0.20, 0.19], np.float32)
"""Colour of an open mouth, as shares of the brightness of the lips' surroundings."""

DEAD_ZONE_PX = 0.8
"""Opening wider than the portrait's by less than this shows no darkness: it would flicker with tracking noise."""


@dataclass(frozen=True)
class MouthReading:
    """Where the inside of the mouth is read in the portrait, and how much of it is dark instead.

    Shapes:
        along, height, dark: (h, w); dark 1 is nothing but darkness.
    """

    along: Tensor
    height: Tensor
    dark: Tensor


def mouth_reading(field: OpeningField) -> MouthReading:
    """Upper teeth keep to the upper lip, lower ones to the lower lip; between them is dark. Shut lips cover both."""
    from_upper = (field.height - field.upper).clamp_min(0.0)
    from_lower = (field.lower - field.height).clamp_min(0.0)
    half = field.source_gap / 2.0
    lower_part = (from_lower < from_upper) & (field.gap > field.source_gap)
    height = torch.where(
        lower_part,
        field.source_lower - torch.minimum(from_lower, half),
        field.source_upper + torch.where(field.gap > field.source_gap, torch.minimum(from_upper, half), from_upper),
    )
    missing = torch.minimum(from_upper, from_lower) - half - DEAD_ZONE_PX * field.pixel
    dark = (missing / (2.5 * field.pixel)).clamp(0.0, 1.0)
    return MouthReading(field.source_along, torch.minimum(height, field.source_lower), dark)


def cavity_colour(image: ImageArray, landmarks: FloatArray, edges: Edges) -> FloatArray:
    """(3,) in [0, 255]: the portrait's own darkness inside the mouth if it is open, else a guess from its light."""
    side = image.shape[0]

    def colours(points: FloatArray) -> FloatArray:
        at = np.clip((points + 1.0) * side / 2.0, 0, side - 1).astype(int)
        return np.asarray(image[at[:, 1], at[:, 0]], np.float32)

    around = landmarks[OUTER_LIP_UPPER + OUTER_LIP_LOWER, :2]
    skin = colours(around + 0.25 * (around - around.mean(0)))
    guess = CAVITY * float(np.median(skin.max(1)))
    gap = float(np.linalg.norm(edges.lower - edges.upper, axis=1).mean()) / edges.scale
    own_share = float(np.clip((gap - 0.06) / 0.1, 0.0, 1.0))
    shares = np.linspace(0.3, 0.7, 5, dtype=np.float32)[:, None, None]
    inside = colours((edges.upper[2:-2] + shares * (edges.lower - edges.upper)[2:-2]).reshape(-1, 2))
    darkest = inside[np.argsort(inside.sum(1))[: max(1, len(inside) // 4)]].mean(0)
    own = np.minimum(darkest, 1.5 * guess)
    return np.asarray(guess + own_share * (own - guess), np.float32)
