"""Motion states of many landmark sets at once: `LandmarkMotionEncoder` in tensors, for packs, stills and bent faces."""

from __future__ import annotations

import torch
from torch import Tensor

from models.motion.canonical import CanonicalFace, load_canonical
from models.synergy.motion import MotionBatch
from models.training.host import singular_values

CHUNK = 2048
"""Landmark sets at a time; 2048 need about 50 MB."""


class BatchMotionEncoder:
    """The same numbers as `LandmarkMotionEncoder`, B faces at a time and on any device.

    Raises:
        CheckpointError: the canonical face is not installed or is damaged.
    """

    def __init__(self, device: torch.device | None = None, face: CanonicalFace | None = None) -> None:
        face = face or load_canonical()
        device = device or torch.device("cpu")
        self.mean = torch.from_numpy(face.mean).to(device)
        self._share = torch.from_numpy(face.weights / face.weights.sum()).to(device)
        self._mirror = torch.from_numpy(face.mirror).to(device)
        self._encode = torch.from_numpy(face.encode).to(device)
        self._decode = torch.from_numpy(face.decode).to(device)

    def mirrored(self, landmarks: Tensor) -> Tensor:
        """Landmarks of the mirror image: left and right change places. Shape: (B, 478, 3) unit coordinates."""
        swapped = landmarks[:, self._mirror]
        return swapped * swapped.new_tensor([-1.0, 1.0, 1.0])

    @torch.no_grad()
    def encode_all(self, landmarks: Tensor) -> MotionBatch:
        """`encode` in portions, for whole packs."""
        parts = [self.encode(part) for part in torch.split(landmarks, CHUNK)]
        return MotionBatch(*(torch.cat(columns) for columns in zip(*map(columns_of, parts), strict=True)))

    @torch.no_grad()
    def encode(self, landmarks: Tensor) -> MotionBatch:
        """Motion states of (B, 478, 3) landmarks in unit coordinates (weighted similarity fit, Umeyama 1991)."""
        share = self._share[:, None]
        middle_s, middle_t = (share * self.mean).sum(0), (share * landmarks).sum(1, keepdim=True)
        centred_s, centred_t = self.mean - middle_s, landmarks - middle_t
        spread = (share * centred_s**2).sum()
        u, singular, vt = singular_values((share * centred_t).transpose(1, 2) @ centred_s)
        sign = torch.ones_like(singular)
        sign[:, -1] = torch.linalg.det(u @ vt).sign()  # never a reflection
        rotation = (u * sign[:, None]) @ vt
        scale = (singular * sign).sum(1) / spread
        translation = middle_t[:, 0] - scale[:, None] * (rotation @ middle_s)
        shape = (landmarks - translation[:, None]) @ rotation / scale[:, None, None]
        deviation = (shape - self.mean).flatten(1)
        expression = ((deviation @ self._encode.T) @ self._decode.T).reshape(shape.shape)
        return MotionBatch(shape - expression, expression, rotation, scale, translation)


def columns_of(states: MotionBatch) -> tuple[Tensor, ...]:
    """The five tensors of a batch, in the order `MotionBatch` takes them."""
    return states.canonical, states.expression, states.camera_from_head, states.scale, states.translation


def rows_of(states: MotionBatch, index: Tensor) -> MotionBatch:
    """The states at `index`."""
    return MotionBatch(*(column[index] for column in columns_of(states)))
