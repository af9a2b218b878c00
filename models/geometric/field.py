"""Smooth fields on a coarse grid from values at scattered points: separable Gaussians, so a grid costs one matmul.

`exp(-|p - k|^2 / 2 s^2)` is a product of a factor in x and one in y; the sum over points of values times such weights
is therefore `(G_y * values) @ G_x.T`, without a table of every pixel by every point.
"""

from __future__ import annotations

import torch
from torch import Tensor

from models.sampling import sample

SMALLEST_POWER = -30.0
"""Of e: far less than anything that counts, and far enough from the numbers too small to be normal, which are slow."""


class ScatterField:
    """Gaussian-weighted averages of values at points, on one grid of the unit square.

    Shapes:
        axis: (G,) the grid's cell centres, the same in x and y.
    """

    def __init__(self, side: int, device: torch.device) -> None:
        self.axis = (torch.arange(side, device=device, dtype=torch.float32) + 0.5) * (2.0 / side) - 1.0

    def sums(self, points: Tensor, values: Tensor, sigma: float) -> Tensor:
        """Sum over the points of value times Gaussian weight.

        Shapes:
            points: (K, 2) unit coordinates. values: (K, C). result: (C, G, G).
        """
        distance = self.axis[None, :, None] - points.T.contiguous()[:, None]
        x, y = distance.square_().mul_(-0.5 / sigma**2).clamp_min_(SMALLEST_POWER).exp_()  # (G, K) each
        total: Tensor = (y * values.T.contiguous()[:, None]) @ x.T
        return total

    def average(self, points: Tensor, values: Tensor, weights: Tensor, sigma: float, floor: float) -> Tensor:
        """Weighted mean of the values nearby, fading to 0 where the points' density sinks below `floor`; and density.

        Shapes:
            points: (K, 2). values: (K, C). weights: (K,). result: (C + 1, G, G), the density last.
        """
        sums = self.sums(points, torch.cat([values * weights[:, None], weights[:, None]], 1), sigma)
        sums[:-1] /= sums[-1:] + floor
        return sums


def read_at(field: Tensor, points: Tensor) -> Tensor:
    """(K, C): a field (C, G, G) at points (K, 2) in unit coordinates."""
    return sample(field[None], points[None, None])[0, :, 0].T


def even_weights(points: Tensor, sigma: float) -> Tensor:
    """(K,): weights with which the Gaussian density of these points is about 1 among them, however they crowd.

    Shapes:
        points: (K, 2).
    """
    near = torch.exp(torch.cdist(points, points).square() * (-0.5 / sigma**2))
    weights = 1.0 / near.sum(1)
    return weights / (near @ weights).clamp_min(1e-6)
