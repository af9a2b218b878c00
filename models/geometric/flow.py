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
import torch.nn.functional as functional
from torch import Tensor

from models.geometric.field import ScatterField, even_weights, read_at
from models.geometric.skull import view_skull
from models.motion.canonical import CanonicalFace
from models.motion.rotation import rotation_matrix, rotation_vector
from models.sampling import sample
from models.types import FloatArray, MotionState

GRID = 96
"""Cells a side of the coarse grid."""

RESIDUAL_SIGMAS = (0.30, 0.12, 0.055)
"""Reach of the residuals, coarse to fine, in half widths of the face."""

RESIDUAL_FLOORS = (0.25, 0.15, 0.10)
COARSE_STEP = 4
"""Only every fourth landmark is asked where the answer is smooth anyway."""

DEPTH_SIGMA, DEPTH_FLOOR = 0.12, 0.06
"""Reach of the landmarks' depth, in half widths of the face, and the density below which the skull's depth counts."""

FAR_TURN, FAR_MORE = 0.6, 0.25
"""Radians by which a head turns as a rigid body, and how little more it gets: at a right angle a picture has no width,
and its last column would be drawn over everything. Landmarks still go where the driver has them."""

OUTWARD_FROM = 0.85
"""How far behind the middle of the face lies the point from which its surface is seen from inside."""

SEEN_FROM, SEEN_OVER = -0.45, 0.35
"""Landmarks whose outward direction points away from the viewer by more than this are hidden and not followed."""

SHOWN_FROM, SHOWN_OVER = 0.5, 0.3
"""The same for the portrait, more strictly, where the head has turned into view what the portrait shows edge-on: a thin
line of hair, ear and temple would be drawn out over a whole cheek."""

REVEALED_FROM, REVEALED_OVER = 0.15, 0.25
"""How much more a landmark faces the viewer than in the portrait, before that begins to count."""

LEAST_SEEN = 0.002


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
        """From the pose of `driving` to that of `source`; a turn too far to be shown is not followed to its end."""
        vector = rotation_vector(source.camera_from_head @ driving.camera_from_head.T)
        angle = float(np.linalg.norm(vector))
        if angle > FAR_TURN:
            vector = vector * np.float32((FAR_TURN + FAR_MORE * np.tanh((angle - FAR_TURN) / FAR_MORE)) / angle)
        turn = rotation_matrix(vector) * (source.scale / driving.scale)
        offset = source.translation - turn @ driving.translation
        return cls(turn.astype(np.float32), offset.astype(np.float32))


@dataclass(frozen=True)
class HeadView:
    """The driving head, and what the portrait has of a head.

    Shapes:
        coverage: (1, 1, h, w), 1 where the portrait shows the person.
    """

    state: MotionState
    portrait: MotionState
    coverage: Tensor


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
        self._place = torch.stack(torch.meshgrid(self.field.axis, self.field.axis, indexing="xy"))
        outward = face.mean[:468] - np.array([0.0, 0.0, OUTWARD_FROM], np.float32)
        self.outward = outward / np.linalg.norm(outward, axis=1, keepdims=True)
        mean = torch.from_numpy(face.mean[:468, :2].copy()).to(device)
        self.steps = [COARSE_STEP if sigma > 0.2 else 1 for sigma in RESIDUAL_SIGMAS]
        self.weights = [
            even_weights(mean[::step], sigma) for step, sigma in zip(self.steps, RESIDUAL_SIGMAS, strict=True)
        ]

    def head(self, source: Tensor, driving: Tensor, motion: RigidMotion, view: HeadView) -> HeadFlow:
        """Offsets to where the head, moved back into the portrait, is read.

        Shapes:
            source, driving: (478, 3) landmarks in unit coordinates.
        """
        scale, seen = view.state.scale, self._followed(view, driving.device)
        points, goal = driving[:468], source[:468]
        linear = torch.from_numpy(motion.linear[:2]).to(driving.device)
        offset = torch.from_numpy(motion.offset[:2]).to(driving.device)
        residual = goal[:, :2] - points @ linear.T - offset
        flow = self._rigid(points[::COARSE_STEP], seen[::COARSE_STEP], motion, view)
        face = torch.zeros_like(flow[0])
        for index, (sigma, floor) in enumerate(zip(RESIDUAL_SIGMAS, RESIDUAL_FLOORS, strict=True)):
            some = slice(None, None, self.steps[index])
            *correction, density = self.field.average(
                points[some, :2], residual[some], self.weights[index] * seen[some], sigma * scale, floor
            )
            moved = torch.stack(correction)
            flow = flow + moved
            residual = residual - read_at(moved, points[:, :2])
            face = density if index == 1 else face
        return HeadFlow(flow, face)

    def _followed(self, view: HeadView, device: torch.device) -> Tensor:
        """(468,): 1 where a landmark faces the viewer, near 0 where the head hides it, here or in the portrait."""
        here, there = self._towards(view.state), self._towards(view.portrait)
        visible = np.clip((here - SEEN_FROM) / SEEN_OVER, LEAST_SEEN, 1.0)
        shown = np.clip((there - SHOWN_FROM) / SHOWN_OVER, LEAST_SEEN, 1.0)
        revealed = np.clip((here - there - REVEALED_FROM) / REVEALED_OVER, 0.0, 1.0)
        return torch.from_numpy((visible * (1.0 - revealed * (1.0 - shown))).astype(np.float32)).to(device)

    def _towards(self, state: MotionState) -> FloatArray:
        """(468,): how far each landmark's outward direction points at the viewer; 1 straight, negative away."""
        return np.asarray(-(self.outward @ state.camera_from_head.T)[:, 2], np.float32)

    def _rigid(self, points: Tensor, seen: Tensor, motion: RigidMotion, view: HeadView) -> Tensor:
        """(2, G, G): offsets of the head as a rigid body, whose far parts are an ellipsoid.

        A turn brings the ellipsoid's side into view, which the portrait does not show: reading it there would punch
        a hole into the head. Those cells read a plane through the head instead, which stretches what is visible.
        """
        weights = seen * self.weights[0]
        values = torch.stack([points[:, 2] * weights, weights], 1)
        known = self.field.sums(points[:, :2], values, DEPTH_SIGMA * view.state.scale)
        skull = view_skull(self.field.axis, view.state)
        total = known[1] + DEPTH_FLOOR
        round_head = self._moved((known[0] + DEPTH_FLOOR * skull.depth) / total, motion)
        flat_head = self._moved((known[0] + DEPTH_FLOOR * skull.plain_depth) / total, motion)
        covered = [
            sample(view.coverage, (self._place + flow).permute(1, 2, 0)[None])[0] for flow in (round_head, flat_head)
        ]
        hole = (covered[1] - covered[0]).clamp(0.0, 1.0) * skull.inside
        hole = torch.maximum(hole, skull.hidden_in(view.portrait))[None]
        hole = functional.avg_pool2d(functional.max_pool2d(hole, 7, 1, 3), 5, 1, 2)[0]
        return round_head + hole * (flat_head - round_head)

    def _moved(self, depth: Tensor, motion: RigidMotion) -> Tensor:
        """(2, G, G): offsets by which a surface of this depth (G, G) gets back into the portrait."""
        x, y = self._place
        rows = [
            float(a) * x + float(b) * y + float(c) * depth + float(d)
            for (a, b, c), d in zip(motion.linear[:2], motion.offset[:2], strict=True)
        ]
        return torch.stack(rows) - self._place
