"""The motion that M reads off a picture, and how open eyes and lips are in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.liveportrait.motion import MotionHeads, camera_from_head, expected_degrees
from models.motion.landmark_sets import (
    INNER_LIP_LOWER,
    INNER_LIP_UPPER,
    LEFT_EYE_LOWER,
    LEFT_EYE_UPPER,
    OUTER_LIP_UPPER,
    RIGHT_EYE_LOWER,
    RIGHT_EYE_UPPER,
)
from models.types import FloatArray, MotionState


@dataclass(frozen=True)
class Openness:
    """Gaps over widths, in the picture: of the lids of the person's right and left eye, and of the lips.

    This is what R_eyes and R_lip are told of a face; 0 is shut.
    """

    right_eye: float
    left_eye: float
    lips: float

    @classmethod
    def of(cls, landmarks: FloatArray) -> Openness:
        """Measured on landmarks, (478, 2 or 3), in any unit that is the same in x and y."""
        points = landmarks[:, :2]

        def gap(upper: int, lower: int, corners: tuple[int, int]) -> float:
            width = float(np.linalg.norm(points[corners[1]] - points[corners[0]]))
            return float(np.linalg.norm(points[lower] - points[upper])) / max(width, 1e-6)

        right, left = RIGHT_EYE_UPPER, LEFT_EYE_UPPER
        mouth = (OUTER_LIP_UPPER[0], OUTER_LIP_UPPER[-1])
        return cls(
            right_eye=gap(right[4], RIGHT_EYE_LOWER[4], (right[0], right[-1])),
            left_eye=gap(left[4], LEFT_EYE_LOWER[4], (left[0], left[-1])),
            lips=gap(INNER_LIP_UPPER[5], INNER_LIP_LOWER[5], mouth),
        )


@dataclass(frozen=True)
class ImplicitMotion(MotionState):
    """Motion as LivePortrait has it (eq. 2): the expression is added after the head was turned, in the camera's frame.

    `keypoints = scale * (canonical @ camera_from_head.T + expression) + translation`. K = 21 points that mean nothing
    by themselves; the depth of the translation is always 0. openness: as measured in the face's landmarks.
    """

    openness: Openness = Openness(0.0, 0.0, 0.0)

    def keypoints(self) -> FloatArray:
        """(K, 3) float32 in unit coordinates."""
        placed = self.scale * (self.canonical @ self.camera_from_head.T + self.expression) + self.translation
        return placed.astype(np.float32)


def motion_from_heads(heads: MotionHeads, openness: Openness) -> ImplicitMotion:
    """One face's motion on the host; the heads are those of one picture."""
    angles = (expected_degrees(bins) for bins in (heads.pitch, heads.yaw, heads.roll))
    return ImplicitMotion(
        canonical=_host(heads.canonical[0]).reshape(-1, 3),
        expression=_host(heads.expression[0]).reshape(-1, 3),
        camera_from_head=_host(camera_from_head(*angles)[0]),
        scale=float(heads.scale[0, 0]),
        translation=_host(heads.translation[0]) * np.array([1.0, 1.0, 0.0], np.float32),
        openness=openness,
    )


def _host(values: Tensor) -> FloatArray:
    return np.asarray(values.to(torch.float32).cpu().numpy(), np.float32)
