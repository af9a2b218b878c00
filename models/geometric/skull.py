"""An ellipsoid for the parts of a head that have no landmarks: depth of hair and sides, and the head's outline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.types import MotionState

CENTRE = np.array([0.0, -0.25, 1.1], np.float32)
RADII = np.array([1.2, 1.6, 1.3], np.float32)
"""In the frame of the canonical face, half widths of the face; chosen on the training clips."""

PLAIN_DEPTH = 0.7
"""Depth behind the middle of the face of the plane that stands for a head when the ellipsoid shows too much."""

HIDDEN_FROM, HIDDEN_OVER = 0.30, 0.30
"""Cosine between surface and view below which the portrait shows too little of a surface, and where it shows none."""


@dataclass(frozen=True)
class SkullView:
    """The ellipsoid as seen in one picture.

    Shapes:
        depth: (G, G), where lines of sight meet it; past its outline, where they come nearest to it.
        inside: (G, G), 1 well inside its outline, 0 on it and outside.
        outward: (3, G, G), direction of its surface in the frame of the head.
        plain_depth: depth of a plane through the head.
    """

    depth: Tensor
    inside: Tensor
    outward: Tensor
    plain_depth: float

    def hidden_in(self, portrait: MotionState) -> Tensor:
        """(G, G): 1 where the surface seen here is turned away from the viewer in another picture of the head."""
        away = portrait.camera_from_head[2]
        towards = -sum((float(away[i]) * self.outward[i] for i in range(3)), torch.zeros_like(self.inside))
        return ((HIDDEN_FROM - towards) / HIDDEN_OVER).clamp(0.0, 1.0) * self.inside


def view_skull(axis: Tensor, state: MotionState) -> SkullView:
    """Look along z at the head of a motion state.

    Shapes:
        axis: (G,), cell centres of the grid, in x and y.
    """
    back = state.camera_from_head.T / RADII[:, None]  # columns: the camera's axes in the unit sphere's frame
    x = (axis[None, :] - float(state.translation[0])) / state.scale
    y = (axis[:, None] - float(state.translation[1])) / state.scale
    start = [float(back[i, 0]) * x + float(back[i, 1]) * y - float(CENTRE[i] / RADII[i]) for i in range(3)]
    a = float((back[:, 2] ** 2).sum())
    b = sum((float(back[i, 2]) * start[i] for i in range(3)), torch.zeros_like(start[0]))
    inner = b * b - a * (start[0] ** 2 + start[1] ** 2 + start[2] ** 2 - 1.0)
    depth = (-b - inner.clamp_min(0.0).sqrt()) / a
    surface = torch.stack([(start[i] + depth * float(back[i, 2])) / float(RADII[i]) for i in range(3)])
    plain = float(state.camera_from_head[2, 2]) * PLAIN_DEPTH
    return SkullView(
        depth=depth * state.scale + float(state.translation[2]),
        inside=(inner * (4.0 / a)).clamp(0.0, 1.0),
        outward=surface / surface.square().sum(0).sqrt().clamp_min(1e-6),  # `norm` takes ten times as long
        plain_depth=plain * state.scale + float(state.translation[2]),
    )
