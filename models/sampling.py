"""Grids and sampling on tensors, in the unit coordinates of `models.coords`."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as functional
from torch import Tensor


def unit_grid(size: Sequence[int], *, like: Tensor) -> Tensor:
    """The grid that reads every position from itself.

    Args:
        size: (h, w) or (d, h, w).
        like: gives device and dtype.

    Returns:
        (1, h, w, 2) with last axis x, y; or (1, d, h, w, 3) with last axis x, y, z.
    """
    axes = [(torch.arange(n, device=like.device, dtype=like.dtype) + 0.5) * (2.0 / n) - 1.0 for n in size]
    mesh = torch.meshgrid(*axes, indexing="ij")
    return torch.stack(mesh[::-1], dim=-1)[None]


def sample(features: Tensor, grid: Tensor, *, padding: str = "border") -> Tensor:
    """Read `features` at the positions of `grid` (bilinear or trilinear).

    Shapes:
        features: (B, C, H, W) with grid (B, h, w, 2); or (B, C, D, H, W) with grid (B, d, h, w, 3).
    """
    return functional.grid_sample(features, grid, mode="bilinear", padding_mode=padding, align_corners=False)
