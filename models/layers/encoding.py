"""Keypoints as pictures: Gaussian densities, separable, so that they cost one outer product."""

from __future__ import annotations

import torch
from torch import Tensor


def axis_positions(size: int, like: Tensor) -> Tensor:
    """(size,) unit coordinates of the cell centres along one axis."""
    return (torch.arange(size, device=like.device, dtype=like.dtype) + 0.5) * (2.0 / size) - 1.0


def gaussian_map(points: Tensor, size: int, sigma: float) -> Tensor:
    """One Gaussian per point, peak 1.

    Shapes:
        points: (B, K, 2 or 3) unit coordinates, x and y are used -> (B, K, size, size).
    """
    axis = axis_positions(size, points)
    along_x = torch.exp(-0.5 * ((axis - points[..., 0:1]) / sigma) ** 2)  # (B, K, size)
    along_y = torch.exp(-0.5 * ((axis - points[..., 1:2]) / sigma) ** 2)
    return along_y[..., :, None] * along_x[..., None, :]
