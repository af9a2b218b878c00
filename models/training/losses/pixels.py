"""How far a picture is from the truth, position by position, with eyes, brows and lips (teeth inside) counting more."""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor

from models.layers.encoding import gaussian_map
from models.synergy.field import BROWS, INNER_LIPS, IRISES, LEFT_EYE, LIPS, RIGHT_EYE

PARTS = (LIPS + INNER_LIPS, RIGHT_EYE + LEFT_EYE + IRISES, BROWS)


def part_weight(landmarks: Tensor, size: int, gain: float) -> Tensor:
    """A soft map that is 1 everywhere and up to 1 + gain over eyes, brows and lips: (B, 1, size, size)."""
    maps = [gaussian_map(landmarks[:, list(part)], size // 4, 0.05).amax(1, keepdim=True) for part in PARTS]
    soft = torch.stack(maps).amax(0)
    return 1.0 + gain * functional.interpolate(soft, size=(size, size), mode="bilinear", align_corners=False)


def weighted_l1(picture: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """Mean absolute difference under a weight. Shapes: (B, 3, S, S) twice, (B, 1, S, S)."""
    return (weight * (picture - truth).abs()).mean()


def gradient_l1(picture: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """The same of the differences between neighbours: edges at their places."""
    difference = picture - truth
    across = (difference[..., 1:] - difference[..., :-1]).abs() * weight[..., 1:]
    down = (difference[..., 1:, :] - difference[..., :-1, :]).abs() * weight[..., 1:, :]
    return across.mean() + down.mean()
