"""Landmarks as dense maps: the displacement around them, their depth, and where eyes and lips are."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.layers.constants import constant, indices
from models.layers.encoding import axis_positions, gaussian_map
from models.layers.precision import full_precision
from models.synergy.config import SynergyConfig

LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409)
INNER_LIPS = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415)
RIGHT_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173)
LEFT_EYE = (263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398)
BROWS = (70, 63, 105, 66, 107, 336, 296, 334, 293, 300)
IRISES = (468, 473)
IRIS_OUTLINES = tuple(range(468, 478))
OVAL = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152)
OVAL_RIGHT = (148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)

DRAWN = (LIPS, INNER_LIPS, RIGHT_EYE + LEFT_EYE, BROWS, IRISES)
DRAWN_SIGMA = 0.03

NEAR_SIGMA = 0.05
FINE_SIGMA, FINE_WEIGHT = 0.02, 4.0
"""Lids, irises, lips, brows: two lids are closer together than 0.05 and, averaged with each other, would not shut."""
FAR_SIGMA = 0.25
FAR_WEIGHT = 0.003
"""The narrow Gaussians follow each landmark; the wide one only matters where no landmark is near."""


class LandmarkField(nn.Module):
    """A smooth map from values at landmarks, by Gaussian-weighted averaging (Nadaraya-Watson)."""

    chosen: Tensor
    sigma: Tensor
    weight: Tensor

    def __init__(self, config: SynergyConfig) -> None:
        super().__init__()
        fine = set(LIPS + INNER_LIPS + RIGHT_EYE + LEFT_EYE + BROWS + IRIS_OUTLINES)
        chosen = sorted(fine | set(OVAL + OVAL_RIGHT) | set(range(0, 468, config.landmark_step)))
        is_fine = torch.tensor([[index in fine] for index in chosen])
        self.register_buffer("chosen", torch.tensor(chosen), persistent=False)
        self.register_buffer("sigma", torch.where(is_fine, FINE_SIGMA, NEAR_SIGMA), persistent=False)
        self.register_buffer("weight", torch.where(is_fine, FINE_WEIGHT, 1.0), persistent=False)
        self.drawn_channels = len(DRAWN)

    @full_precision
    def forward(self, at: Tensor, values: Tensor, size: int) -> Tensor:
        """Spread `values` given at landmarks over a grid.

        Shapes:
            at: (B, 478, 3) unit coordinates; values: (B, 478, C) -> (B, C, size, size).
        """
        at, values = at[:, self.chosen], values[:, self.chosen]
        weighted = torch.cat([values, torch.ones_like(values[..., :1])], dim=-1)  # (B, J, C + 1)
        near = self._spread(at, self.weight * weighted, size, self.sigma)
        total = near + FAR_WEIGHT * self._spread(at, weighted, size, FAR_SIGMA)
        return total[:, :-1] / total[:, -1:].clamp_min(1e-6)

    def depth(self, landmarks: Tensor, size: int) -> Tensor:
        """Depth of the face's surface: (B, 478, 3) -> (B, 1, size, size), unit coordinates."""
        return self.forward(landmarks, landmarks[..., 2:], size)

    def draw(self, landmarks: Tensor, size: int) -> Tensor:
        """Lips, eyes, brows and irises as soft lines: (B, 478, 3) -> (B, drawn_channels, size, size), in [0, 1]."""
        maps = [gaussian_map(landmarks[:, indices(group, landmarks)], size, DRAWN_SIGMA).amax(1) for group in DRAWN]
        return torch.stack(maps, dim=1)

    @staticmethod
    def _spread(at: Tensor, values: Tensor, size: int, sigma: float | Tensor) -> Tensor:
        axis = axis_positions(size, at)
        along_x = torch.exp(-0.5 * ((axis - at[..., 0:1]) / sigma) ** 2)  # (B, J, size)
        along_y = torch.exp(-0.5 * ((axis - at[..., 1:2]) / sigma) ** 2)
        rows = along_y[:, :, None, :] * values[..., None]  # (B, J, C, size)
        return torch.einsum("bjcy,bjx->bcyx", rows, along_x)


def head_support(landmarks: Tensor, size: int) -> Tensor:
    """A soft ellipse around the head, hair included: (B, 478, 3) -> (B, 1, size, size); 1 inside, 0 far outside."""
    oval = landmarks[:, indices(OVAL + OVAL_RIGHT, landmarks), :2]
    low, high = oval.amin(1), oval.amax(1)  # (B, 2)
    extent = (high - low).amax(1, keepdim=True)
    middle = (low + high) / 2 - extent * constant((0.0, 0.12), extent)
    radius = extent * constant((0.62, 0.78), extent)
    axis = axis_positions(size, landmarks)
    along_x = ((axis - middle[:, 0:1]) / radius[:, 0:1]) ** 2  # (B, size)
    along_y = ((axis - middle[:, 1:2]) / radius[:, 1:2]) ** 2
    distance = (along_y[:, :, None] + along_x[:, None, :]).sqrt()
    return torch.sigmoid((1.0 - distance) / 0.06)[:, None]
