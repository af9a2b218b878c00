"""The eyeball behind the lids: it moves for the gaze and is covered, not squashed, when the lids close."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from models.geometric.opening import Edges, OpeningField
from models.types import FloatArray

STRETCH_FROM, STRETCH_OVER = 1.0, 0.35
"""Lids that open wider than the portrait's show what the portrait does not: then the eye is stretched instead."""


def eyeball_coordinates(
    field: OpeningField, source: Edges, driving: Edges, source_iris: FloatArray, driving_iris: FloatArray
) -> tuple[Tensor, Tensor]:
    """Where in the portrait's eye (along, height) every pixel of the driving eye is read.

    Shapes:
        source_iris, driving_iris: (2,) centre of the iris, unit coordinates.
    """
    shift = driving.local(driving_iris[None])[0] - source.local(source_iris[None])[0]
    held = 1.0 - (2.0 * field.along.clamp(0.0, 1.0) - 1.0) ** 4  # corners stay, the iris goes as a whole
    along = field.source_along - held * float(np.clip(shift[0], -0.35, 0.35))
    turned = field.height - held * float(np.clip(shift[1], -0.12, 0.12))
    low, high = field.source_upper, torch.maximum(field.source_lower, field.source_upper)
    covered = torch.minimum(torch.maximum(turned, low), high)
    share = ((field.height - field.upper) / field.gap.clamp_min(field.pixel)).clamp(0.0, 1.0)
    stretched = low + share * (high - low)
    wider = field.gap / field.source_gap.clamp_min(field.pixel)
    blend = ((wider - STRETCH_FROM) / STRETCH_OVER).clamp(0.0, 1.0)
    return along, torch.lerp(covered, stretched, blend)
