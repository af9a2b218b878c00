"""Which part of the square moves with the head, which with the shoulders, and which stays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.geometric.flow import HeadFlow
from models.types import MotionState

JAW = 0.3
"""Height, in half widths of the face below its middle, down to which all around the face moves with the head."""

NECK = 0.9
"""Length over which a neck hands over from head to shoulders, in half widths of the face."""

HALO = (1.25, 2.1)
"""Where no foreground mask exists: up to which radius all moves with the head, and from which nothing does."""

BORDER = 0.12
"""Width of the still rim when the square is pasted back, in half sides."""

FOLLOW, FOLLOW_FROM = 0.25, 1.2
"""How far shoulders go along with a head that moves a little when nothing holds them, and the travel (in half widths
of the face) beyond which they go along with most of it: a neck is only so long."""


@dataclass(frozen=True)
class Support:
    """Shares of motion on the coarse grid.

    Shapes:
        head: (G, G) in [0, 1]; 1 moves with the head, 0 with the body.
        body: (2, G, G), offsets of the body.
    """

    head: Tensor
    body: Tensor

    def mixed(self, flow: HeadFlow) -> Tensor:
        """(2, G, G): the flow of the whole person; the face itself always moves with the head."""
        head = torch.maximum(self.head, _smoothstep(flow.face * 1.6))
        return self.body + head * (flow.offsets - self.body)


def make_support(source: MotionState, driving: MotionState, axis: Tensor, *, stitching: bool, masked: bool) -> Support:
    """Shares for one frame.

    Shapes:
        axis: (G,) cell centres of the grid in unit coordinates.
        masked: whether a foreground mask keeps the background from moving.
    """
    x, y = _head_coordinates(driving, axis)
    shift = driving.translation[:2] - source.translation[:2]
    travel = float(np.linalg.norm(shift)) / driving.scale
    share = 1.0 - _smoothstep((y - JAW) / (NECK + 0.8 * travel))
    if not masked:
        radius = torch.sqrt(x * x + (y * 0.8) ** 2)
        share = share * (1.0 - _smoothstep((radius - HALO[0]) / (HALO[1] + 0.8 * travel - HALO[0])))
    body = torch.zeros(2, len(axis), len(axis), device=axis.device)
    if stitching:
        share = share * _inside(axis)
    else:
        far = travel**2 / (travel**2 + FOLLOW_FROM**2)
        follow = torch.from_numpy(-(FOLLOW + (1.0 - FOLLOW) * far) * shift).to(axis.device)
        held = 1.0 if masked else share
        body = body + follow[:, None, None] * held
    return Support(share, body)


def _head_coordinates(state: MotionState, axis: Tensor) -> tuple[Tensor, Tensor]:
    """(G, G) each: x and y in half widths of the face from its middle, turned with the head's roll."""
    up = state.camera_from_head[:2, 1] / max(float(np.linalg.norm(state.camera_from_head[:2, 1])), 1e-6)
    centre = state.translation
    x, y = (axis[None, :] - float(centre[0])) / state.scale, (axis[:, None] - float(centre[1])) / state.scale
    return x * float(up[1]) - y * float(up[0]), x * float(up[0]) + y * float(up[1])


def _inside(axis: Tensor) -> Tensor:
    """(G, G): 0 on the border of the square, 1 beyond a rim."""
    line = _smoothstep((1.0 - axis.abs()) / BORDER - 0.3)
    return line[None, :] * line[:, None]


def _smoothstep(x: Tensor) -> Tensor:
    x = x.clamp(0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)
