"""Grids and sampling on tensors, in the unit coordinates of `models.coords`."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as functional
from torch import Tensor

from models.layers.precision import full_precision


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


def sample(features: Tensor, grid: Tensor, *, padding: str = "border", mode: str = "bilinear") -> Tensor:
    """Read `features` at the positions of `grid` (bilinear or trilinear; bicubic keeps pictures sharp but overshoots).

    Shapes:
        features: (B, C, H, W) with grid (B, h, w, 2); or (B, C, D, H, W) with grid (B, d, h, w, 3).
    """
    return functional.grid_sample(features, grid, mode=mode, padding_mode=padding, align_corners=False)


@full_precision
def enlarge(maps: Tensor, size: int) -> Tensor:
    """Square maps with a side that divides `size`, bilinearly: `interpolate` as two products with a constant matrix.

    On a CPU this takes a fifth of the time where there are few channels.

    Shapes:
        maps: (..., h, h) -> (..., size, size).
    """
    cells = maps.shape[-1]
    places = ((torch.arange(size, device=maps.device) + 0.5) * (cells / size) - 0.5).clamp(0.0, cells - 1.0)
    distance = (places[:, None] - torch.arange(cells, device=maps.device)).abs()
    weights = (1.0 - distance).clamp_min(0.0).to(maps.dtype)  # (size, h): how much of each cell each position shows
    return weights @ maps @ weights.T


def sample_volume(volume: Tensor, grid: Tensor) -> Tensor:
    """`sample` with border padding in three dimensions, as two readings of a picture of all depth slices.

    The slices are put below each other; every position reads the slice before it and the one behind it. The result is
    that of the trilinear `grid_sample`, which some runtimes lack.

    Shapes:
        volume: (B, C, D, H, W); grid: (B, 3, d, h, w), x, y, z in the second axis -> (B, C, d, h, w).
    """
    slices, height = volume.shape[2:4]
    x, y, z = grid.flatten(3).unbind(1)  # (B, d, h w) each
    depth = ((z + 1.0) * (0.5 * slices) - 0.5).clamp(0.0, slices - 1.0)
    before = depth.floor().clamp(max=slices - 2.0) if slices > 1 else torch.zeros_like(depth)
    behind = (depth - before)[:, None]
    row = ((y + 1.0) * (0.5 * height)).clamp(0.5, height - 0.5)  # never between two slices
    rows = (row + before * height) * (2.0 / (slices * height)) - 1.0
    step = 2.0 / slices if slices > 1 else 0.0
    places = torch.stack([torch.cat([x, x], dim=1), torch.cat([rows, rows + step], dim=1)], dim=-1)
    near, far = sample(volume.flatten(2, 3), places).chunk(2, dim=2)  # (B, C, d, h w) each
    return torch.unflatten(torch.lerp(near, far, behind), 3, grid.shape[3:])
