"""Frames of one person as training samples: pictures that are shown, and one that is the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.synergy.motion import MotionBatch
from models.types import FloatArray, ImageArray


@dataclass(frozen=True)
class MotionTable:
    """Motion states of many frames, as arrays.

    Shapes:
        canonical, expression: (N, 478, 3); camera_from_head: (N, 3, 3); scale: (N,); translation: (N, 3); all float32.
    """

    canonical: FloatArray
    expression: FloatArray
    camera_from_head: FloatArray
    scale: FloatArray
    translation: FloatArray

    def rows(self, index: npt.NDArray[np.int64], canonical_of: npt.NDArray[np.int64] | None = None) -> MotionBatch:
        """The states at `index`, wearing the face shape of the frames at `canonical_of` (absolute motion)."""
        shape = self.canonical[index if canonical_of is None else canonical_of]
        arrays = (
            shape,
            self.expression[index],
            self.camera_from_head[index],
            self.scale[index],
            self.translation[index],
        )
        return MotionBatch(*(torch.from_numpy(array) for array in arrays))


@dataclass(frozen=True)
class Sample:
    """One batch. Shapes: pictures: R times (B, 3, S, S) in [0, 1]; truth: (B, 3, S, S)."""

    pictures: list[Tensor]
    motions: list[MotionBatch]
    truth: Tensor
    driving: MotionBatch


class FrameBank:
    """All frames of all clips in memory, with their motion and the motion of their mirror image.

    Shapes:
        frames: (N, S, S, 3) uint8 RGB. clip: (N,), which clip a frame belongs to; clips are contiguous.
    """

    def __init__(
        self, frames: ImageArray, clip: npt.NDArray[np.int32], motion: MotionTable, mirrored: MotionTable
    ) -> None:
        self._frames, self._motion, self._mirrored = frames, motion, mirrored
        self._rows = [np.flatnonzero(clip == c) for c in np.unique(clip)]
        lengths = np.array([len(rows) for rows in self._rows], float)
        self._chance = np.sqrt(lengths) / np.sqrt(lengths).sum()

    def draw(self, batch: int, pictures: int, size: int, rng: np.random.Generator) -> Sample:
        """A random batch: per sample one clip, `pictures` frames that are shown and one that is the truth."""
        chosen = [self._rows[c] for c in rng.choice(len(self._rows), batch, p=self._chance)]
        index = np.stack([rng.choice(rows, pictures + 1, replace=len(rows) <= pictures) for rows in chosen])
        flip = bool(rng.random() < 0.5)
        table = self._mirrored if flip else self._motion
        gain = torch.from_numpy(rng.uniform(0.8, 1.2, (batch, 3, 1, 1)).astype(np.float32))
        images = [self._images(index[:, k], size, flip, gain) for k in range(pictures + 1)]
        motions = [table.rows(index[:, k]) for k in range(pictures)]
        driving = table.rows(index[:, -1], canonical_of=index[:, 0])
        return Sample(images[:-1], motions, images[-1], driving)

    def _images(self, index: npt.NDArray[np.int64], size: int, flip: bool, gain: Tensor) -> Tensor:
        pictures = torch.from_numpy(self._frames[index]).permute(0, 3, 1, 2).float() / 255.0
        if flip:
            pictures = pictures.flip(-1)
        if size != pictures.shape[-1]:
            pictures = torch.nn.functional.interpolate(pictures, size=(size, size), mode="area")
        return (pictures * gain).clamp(0, 1).contiguous(memory_format=torch.channels_last)
