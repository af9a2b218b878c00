"""Blocks that several of the networks are made of. Attribute names are those of the public state dicts."""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor, nn


class ConvNorm(nn.Module):
    """Convolution, BatchNorm and, if there is one, a ReLU that leaks by `leak` below 0. Shapes: (B, C, H, W)."""

    def __init__(self, inputs: int, outputs: int, *, leak: float = 0.0) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm = nn.BatchNorm2d(outputs)
        self._leak = leak

    def forward(self, features: Tensor) -> Tensor:
        return functional.leaky_relu(self.norm(self.conv(features)), self._leak)


class Halving(ConvNorm):
    """`ConvNorm`, then pairs of rows and columns averaged. Shapes: (B, C, H, W) -> (B, C', H / 2, W / 2)."""

    def forward(self, features: Tensor) -> Tensor:
        return functional.avg_pool2d(super().forward(features), 2)


class VolumeConvNorm(nn.Module):
    """Convolution, BatchNorm, ReLU in three dimensions. Shapes: (B, C, D, H, W)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv3d(inputs, outputs, 3, padding=1)
        self.norm = nn.BatchNorm3d(outputs)

    def forward(self, volume: Tensor) -> Tensor:
        return functional.relu(self.norm(self.conv(volume)))


class VolumeResidual(nn.Module):
    """Twice normalise, rectify and convolve, around an identity. Shapes: (B, C, D, H, W) -> the same."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv3d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv3d(channels, channels, 3, padding=1)
        self.norm1 = nn.BatchNorm3d(channels)
        self.norm2 = nn.BatchNorm3d(channels)

    def forward(self, volume: Tensor) -> Tensor:
        inner = self.conv1(functional.relu(self.norm1(volume)))
        change: Tensor = self.conv2(functional.relu(self.norm2(inner)))
        return volume + change


class SpectralConv2d(nn.Module):
    """A convolution whose weight is divided by its largest singular value (Miyato et al., 2018), as stored.

    `weight_u` and `weight_v` are the singular vectors found in training; they are read and never improved here. Once
    `fix` was called the quotient is kept and not computed at every step.
    """

    weight_u: Tensor
    weight_v: Tensor
    fixed: Tensor | None

    def __init__(self, inputs: int, outputs: int, kernel: int, *, bias: bool = True) -> None:
        super().__init__()
        self.weight_orig = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.register_buffer("weight_u", torch.randn(outputs))
        self.register_buffer("weight_v", torch.randn(inputs * kernel * kernel))
        self.register_buffer("fixed", None, persistent=False)
        self._padding = kernel // 2

    def fix(self) -> None:
        """Keep the normalised weight from now on: for inference."""
        self.fixed = self.normalised().detach()

    def normalised(self) -> Tensor:
        """(outputs, inputs, kernel, kernel)."""
        flat = self.weight_orig.flatten(1)
        return self.weight_orig / torch.dot(self.weight_u, torch.mv(flat, self.weight_v))

    def forward(self, features: Tensor) -> Tensor:
        weight = self.normalised() if self.fixed is None else self.fixed
        return functional.conv2d(features, weight, self.bias, padding=self._padding)
