"""The eyeball behind the lids: it moves for the gaze and is covered, not squashed, when the lids close."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from models.geometric.opening import Edges, OpeningField
from models.types import FloatArray

STRETCH_FROM, STRETCH_OVER = 1.0, 0.35
"""Lids that open wider than the portrait's show what the portrait does not: then the eye is stretched instead."""

TOUCHES_TO, TOUCHES_OVER = 0.12, 0.25
"""Share of the portrait's openness up to which lids touch, and over which they come apart."""

LOWER_RIM, UPPER_RIM = 0.03, 0.01
"""Breadths of what a shut eye hides beside the trackers' edges, half widths of the face: the wet rim of the lower lid,
and the eyeball above the edge of the upper one. If that were wider, the dark line of the lashes would go too."""


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


def open_part(there: Edges, here: Edges) -> float:
    """How far the driving eye is open, of what the portrait's is."""
    return _gap(here) / max(_gap(there), 1e-4)


def met_lids(there: Edges, here: Edges, part: float) -> tuple[Edges, Edges]:
    """Both eyes, the driving one with lids that touch where they nearly do, the portrait's with its rims left out.

    The trackers' edges of a shut eye stay a little apart, and the eyeball begins right at them in the portrait: either
    would let a thin line of white shine through. The lower lid stays where it is.

    part: share of the portrait's openness.
    """
    apart = float(np.clip((part - TOUCHES_TO) / TOUCHES_OVER, 0.0, 1.0))
    if apart >= 1.0:
        return there, here
    upper = here.lower + apart * (here.upper - here.lower)
    return _rims(there, 1.0 - apart), replace(here, upper=upper.astype(np.float32))


def _rims(edges: Edges, share: float) -> Edges:
    """The portrait's eye with so much of the rims of both lids left out of the skin."""
    down = np.array([-edges.axis[1], edges.axis[0]]) / np.linalg.norm(edges.axis) * edges.scale * share
    between = np.ones((len(edges.upper), 1))
    between[[0, -1]] = 0.0  # corners stay
    upper, lower = edges.upper - UPPER_RIM * between * down, edges.lower + LOWER_RIM * between * down
    return replace(edges, upper=upper.astype(np.float32), lower=lower.astype(np.float32))


def _gap(edges: Edges) -> float:
    """Mean height of the opening, half widths of the face."""
    return float((edges.local(edges.lower)[:, 1] - edges.local(edges.upper)[:, 1])[1:-1].mean())
