"""Spatially-adaptive normalisation (Park et al., "Semantic image synthesis with SPADE", 2019)."""

from __future__ import annotations

import torch.nn.functional as functional
from torch import Tensor, nn

MOST = 8.0
"""How many standard deviations, and how much gain, a position can have at most. A flat, saturated background lies far
outside of what the running statistics were learned from; unbounded, 80 deviations met a gain of 230, and single pixels
turned black."""


class Spade(nn.Module):
    """Normalise, then scale and shift every position by what the condition says there, within bounds.

    Shapes:
        features: (B, C, H, W); condition: (B, S, H, W) -> (B, C, H, W).
    """

    def __init__(self, channels: int, condition_channels: int, hidden: int) -> None:
        super().__init__()
        self.normalise = nn.BatchNorm2d(channels, affine=False)
        self.read = nn.Sequential(nn.Conv2d(condition_channels, hidden, 3, padding=1), nn.ReLU(inplace=True))
        self.modulation = nn.Conv2d(hidden, 2 * channels, 1)

    def forward(self, features: Tensor, condition: Tensor) -> Tensor:
        gain, shift = self.modulation(self.read(condition)).chunk(2, dim=1)
        normal = self.normalise(features).clamp(-MOST, MOST)
        modulated: Tensor = normal * (1 + gain.clamp(-MOST, MOST)) + shift.clamp(-MOST, MOST)
        return modulated


class SpadeBlock(nn.Module):
    """A residual block whose normalisations are `Spade`. Shapes as there."""

    def __init__(self, channels: int, condition_channels: int, hidden: int) -> None:
        super().__init__()
        self.first = Spade(channels, condition_channels, hidden)
        self.second = Spade(channels, condition_channels, hidden)
        self.conv_first = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv_second = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, features: Tensor, condition: Tensor) -> Tensor:
        inner = self.conv_first(functional.leaky_relu(self.first(features, condition), 0.2))
        change: Tensor = self.conv_second(functional.leaky_relu(self.second(inner, condition), 0.2))
        return features + change
