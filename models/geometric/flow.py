"""The backward flow of the whole square: where every pixel of the animated picture reads the portrait.

Three analytic candidates (DESIGN section 2): the still background, the head's motion from the 3D fit, and that plus a
Gaussian-weighted average of the landmarks' residuals. Ours: the head's motion looks at depth, taken from the driving
landmarks and carried on smoothly over hair and ears, and the residuals are refined from coarse to fine (successive
corrections, Barnes 1964), so that lids and lips arrive where they belong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.geometric.field import ScatterField, even_weights, read_at
from models.motion.canonical import CanonicalFace
from models.types import FloatArray, MotionState

GRID = 96
"""Cells a side of the coarse grid."""

RESIDUAL_SIGMAS = (0.30, 0.12, 0.055)
"""Reach of the residuals, coarse to fine, in half widths of the face."""

RESIDUAL_FLOORS = (0.25, 0.15, 0.10)
COARSE_STEP = 4
"""Only every fourth landmark is asked where the answer is smooth anyway."""

DEPTH_SIGMAS = ((0.20, 1.0), (0.8, 0.02))
"""Reach and weight of the two Gaussians that carry depth on beyond the face."""


@dataclass(frozen=True)
class RigidMotion:
    """How the head as a rigid body gets from the driving picture back into the portrait: `linear @ p + offset`.

    Shapes:
        linear: (3, 3). offset: (3,). Both in unit coordinates, source_from_driving.
    """

    linear: FloatArray
    offset: FloatArray

    @classmethod
    def between(cls, source: MotionState, driving: MotionState) -> RigidMotion:
        """From the pose of `driving` to that of `source`."""
        turn = source.camera_from_head @ driving.camera_from_head.T * (source.scale / driving.scale)
        offset = source.translation - turn @ driving.translation
        return cls(turn.astype(np.float32), offset.astype(np.float32))


@dataclass(frozen=True)
class HeadFlow:
    """Where the head is read, and where the face itself is.

    Shapes:
        offsets: (2, G, G). face: (G, G), about 1 on the face and falling to 0 around it.
    """

    offsets: Tensor
    face: Tensor


class FaceFlow:
    """Flow of the head, on the coarse grid, for any pair of motion states of 478 landmarks."""

    def __init__(self, face: CanonicalFace, device: torch.device) -> None:
        self.field = ScatterField(GRID, device)
        mean = torch.from_numpy(face.mean[:468, :2].copy()).to(device)
        self.steps = [COARSE_STEP if sigma > 0.2 else 1 for sigma in RESIDUAL_SIGMAS]
        self.weights = [
            even_weights(mean[::step], sigma) for step, sigma in zip(self.steps, RESIDUAL_SIGMAS, strict=True)
        ]

    def head(self, source: Tensor, driving: Tensor, motion: RigidMotion, scale: float) -> HeadFlow:
        """Offsets to where the head, moved back into the portrait, is read.

        Shapes:
            source, driving: (478, 3) landmarks in unit coordinates. scale: half width of the driving face.
        """
        linear = torch.from_numpy(motion.linear).to(driving.device)
        offset = torch.from_numpy(motion.offset).to(driving.device)
        points, goal = driving[:468], source[:468]
        residual = (goal - points @ linear.T - offset)[:, :2]
        flow = self._rigid(points[::COARSE_STEP], linear, offset, scale)
        face = torch.zeros_like(flow[0])
        for index, (sigma, floor) in enumerate(zip(RESIDUAL_SIGMAS, RESIDUAL_FLOORS, strict=True)):
            some = slice(None, None, self.steps[index])
            *correction, density = self.field.average(
                points[some, :2], residual[some], self.weights[index], sigma * scale, floor
            )
            moved = torch.stack(correction)
            flow = flow + moved
            residual = residual - read_at(moved, points[:, :2])
            face = density if index == 1 else face
        return HeadFlow(flow, face)

    def _rigid(self, points: Tensor, linear: Tensor, offset: Tensor, scale: float) -> Tensor:
        depth = self._depth(points, scale)
        x, y = self.field.axis[None, :], self.field.axis[:, None]
        rows = [linear[i, 0] * x + linear[i, 1] * y + linear[i, 2] * depth + offset[i] for i in range(2)]
        return torch.stack([rows[0] - x, rows[1] - y])

    def _depth(self, points: Tensor, scale: float) -> Tensor:
        """(G, G): depth of the surface seen at each cell; far from the face that of the nearest part of it."""
        values = torch.stack([points[:, 2], torch.ones_like(points[:, 2])], 1)
        sums = sum(weight * self.field.sums(points[:, :2], values, sigma * scale) for sigma, weight in DEPTH_SIGMAS)
        assert isinstance(sums, Tensor)
        return sums[0] / sums[1].clamp_min(1e-30)
