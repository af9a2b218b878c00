"""Motion states as batches of tensors, and the implicit 3D keypoints of the landmark encoder.

`x = s (x_c + d) R^T + t` as in `models.types.MotionState`; the keypoints start from 21 landmarks of the face and a
small network moves them to where they serve the warp best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from models.layers.precision import full_precision
from models.synergy.config import ANCHORS, SynergyConfig
from models.types import LANDMARK_COUNT, FloatArray, MotionState


@dataclass(frozen=True)
class MotionBatch:
    """Motion states side by side.

    Shapes:
        canonical, expression: (B, 478, 3); camera_from_head: (B, 3, 3); scale: (B,); translation: (B, 3).
    """

    canonical: Tensor
    expression: Tensor
    camera_from_head: Tensor
    scale: Tensor
    translation: Tensor

    @classmethod
    def of(cls, states: Sequence[MotionState], device: torch.device) -> MotionBatch:
        """Put host states on a device."""

        def stack(arrays: list[FloatArray]) -> Tensor:
            return torch.from_numpy(np.stack(arrays).astype(np.float32)).to(device)

        return cls(
            stack([state.canonical for state in states]),
            stack([state.expression for state in states]),
            stack([state.camera_from_head for state in states]),
            torch.tensor([state.scale for state in states], dtype=torch.float32, device=device),
            stack([state.translation for state in states]),
        )

    @classmethod
    def stack(cls, motions: Sequence[MotionBatch]) -> MotionBatch:
        """Several batches as one, one behind the other."""
        return cls(
            torch.cat([motion.canonical for motion in motions]),
            torch.cat([motion.expression for motion in motions]),
            torch.cat([motion.camera_from_head for motion in motions]),
            torch.cat([motion.scale for motion in motions]),
            torch.cat([motion.translation for motion in motions]),
        )

    @full_precision
    def place(self, points: Tensor) -> Tensor:
        """Points of the head's frame in the picture: (B, K, 3) -> (B, K, 3) unit coordinates."""
        turned = points @ self.camera_from_head.transpose(1, 2)
        return self.scale[:, None, None] * turned + self.translation[:, None]

    def landmarks(self) -> Tensor:
        """(B, 478, 3) unit coordinates."""
        return self.place(self.canonical + self.expression)

    @full_precision
    def rigid_from(self, other: MotionBatch) -> Tensor:
        """What turns and scales displacements of `other`'s B pictures into those of these R * B: (R, B, 3, 3)."""
        batch = len(other.scale)
        ratio = (torch.unflatten(self.scale, 0, (-1, batch)) / other.scale)[..., None, None]
        rotation = torch.unflatten(self.camera_from_head, 0, (-1, batch))
        return ratio * rotation @ other.camera_from_head.transpose(1, 2)


class KeypointEncoder(nn.Module):
    """x_c and d of K implicit keypoints from canonicalised landmarks.

    Shapes:
        canonical, expression of a `MotionBatch`: (B, 478, 3) -> keypoints (B, K, 3) in unit coordinates.
    """

    mean: Tensor
    anchors: Tensor

    def __init__(self, config: SynergyConfig) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(LANDMARK_COUNT, 3))
        self.register_buffer("anchors", torch.tensor(ANCHORS), persistent=False)
        self.identity = _offsets(config)
        self.expression = _offsets(config)

    def forward(self, motion: MotionBatch) -> Tensor:
        shape = self._head(self.identity, motion.canonical - self.mean) * 0.1 + motion.canonical[:, self.anchors]
        moved = self._head(self.expression, motion.expression) * 0.1 + motion.expression[:, self.anchors]
        return motion.place(shape + moved)

    @staticmethod
    def _head(head: nn.Sequential, points: Tensor) -> Tensor:
        offsets: Tensor = head(points.flatten(1) * 10.0)
        return offsets.reshape(len(offsets), -1, 3)


def _offsets(config: SynergyConfig) -> nn.Sequential:
    """A small perceptron that starts at zero: the keypoints begin as the landmarks they are named after."""
    last = nn.Linear(config.keypoint_hidden, 3 * config.keypoints)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(nn.Linear(3 * LANDMARK_COUNT, config.keypoint_hidden), nn.SiLU(), last)
