"""Structural similarity, at one scale and over several."""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor

SCALE_WEIGHTS = (0.5, 0.3, 0.2)
"""Finest first. The original weights favour coarse scales; what a small network lacks is texture."""


def ssim(picture: Tensor, truth: Tensor) -> Tensor:
    """Mean structural similarity (Wang et al., 2004), 7 x 7 box window: the cheap relative for training."""
    # pooling three channels that lie side by side takes more than twice the time of pooling planes
    a, b = picture.float().contiguous(), truth.float().contiguous()
    mean_a, mean_b = _box(a), _box(b)
    var_a, var_b = _box(a * a) - mean_a**2, _box(b * b) - mean_b**2
    cov = _box(a * b) - mean_a * mean_b
    return (
        ((2 * mean_a * mean_b + 1e-4) * (2 * cov + 9e-4)) / ((mean_a**2 + mean_b**2 + 1e-4) * (var_a + var_b + 9e-4))
    ).mean()


def _box(values: Tensor) -> Tensor:
    """Means over 7 x 7 windows, every second one."""
    return functional.avg_pool2d(values, 7, stride=2)


def multi_scale_ssim(picture: Tensor, truth: Tensor) -> Tensor:
    """`ssim` of the pictures and of their halves and quarters, averaged by `SCALE_WEIGHTS`.

    A weighted mean, not the product of Wang et al. (2003): the product has no gradient where one scale is negative,
    which is where training starts.
    """
    a, b = picture.float().contiguous(), truth.float().contiguous()
    scores = []
    for _ in SCALE_WEIGHTS:
        if min(a.shape[-2:]) < 7:
            break
        scores.append(ssim(a, b))
        a, b = functional.avg_pool2d(a, 2), functional.avg_pool2d(b, 2)
    weights = torch.tensor(SCALE_WEIGHTS[: len(scores)], device=picture.device)
    return (torch.stack(scores) * weights).sum() / weights.sum()
