"""Whether a network's confidence tells where its warp is wrong: rank correlation with the warp's own error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as functional
from torch import Tensor

from models.sampling import sample, unit_grid
from models.types import FloatArray, ImageArray, StageMaps

Values = npt.NDArray[np.floating[Any]]


@dataclass
class ConfidenceRecord:
    """What was seen of one model on one clip, a number per frame.

    within: rank correlation over the positions of a frame, of the warp's error with the lack of confidence: 1 where
        every worse position is less trusted, 0 where confidence says nothing.
    means, errors: mean confidence and mean error of the frame.
    """

    within: list[float] = field(default_factory=list)
    means: list[float] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)

    def add(self, maps: StageMaps, portrait: ImageArray, truth: ImageArray) -> None:
        """Take in one frame; a confidence that is the same everywhere says nothing and is left out."""
        error = warp_error(maps, portrait, truth)
        correlation = rank_correlation(error, 1.0 - maps.confidence)
        if correlation is not None:
            self.within.append(correlation)
            self.means.append(float(maps.confidence.mean()))
            self.errors.append(float(error.mean()))


def between_frames(records: Sequence[ConfidenceRecord]) -> float | None:
    """The same rank correlation over the means of all frames of all clips."""
    errors = np.array([error for record in records for error in record.errors])
    means = np.array([mean for record in records for mean in record.means])
    return rank_correlation(errors, 1.0 - means)


def warp_error(maps: StageMaps, portrait: ImageArray, truth: ImageArray) -> FloatArray:
    """Mean absolute difference of the portrait's pixels, moved by stage 1's flow, from the truth: (H, W) in [0, 1].

    Shapes:
        portrait, truth: (S, S, 3) uint8, S a multiple of the maps' size H x W.
    """
    flow = torch.from_numpy(maps.flow)[None]
    still = unit_grid(flow.shape[1:3], like=flow)
    offsets = functional.interpolate((flow - still).permute(0, 3, 1, 2), size=truth.shape[:2], mode="bilinear")
    grid = unit_grid(truth.shape[:2], like=flow) + offsets.permute(0, 2, 3, 1)
    h, w = maps.confidence.shape
    away = (sample(_planes(portrait), grid) - _planes(truth)).abs().mean(1, keepdim=True)
    cells: FloatArray = functional.adaptive_avg_pool2d(away, (h, w))[0, 0].numpy()
    return cells


def rank_correlation(first: Values, second: Values) -> float | None:
    """Spearman's: 1 where both grow together, -1 where one falls as the other grows; None if one does not vary."""
    a, b = _ranks(first.ravel()), _ranks(second.ravel())
    if a.size < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return float(np.corrcoef(a, b)[0, 1])


def _ranks(values: Values) -> npt.NDArray[np.float64]:
    """Places from the least up; equal values share the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2.0)[place], np.float64)


def _planes(image: ImageArray) -> Tensor:
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 255.0
