"""Small convolution blocks. BatchNorm, because it folds into the convolution and costs nothing live."""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as functional
from torch import Tensor, nn


def conv_block(inputs: int, outputs: int, *, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """Convolution, BatchNorm, ReLU.

    Shapes: (B, inputs, H, W) -> (B, outputs, H / stride, W / stride).
    """
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class ResidualBlock(nn.Module):
    """Two convolutions around an identity. Shapes: (B, C, H, W) -> the same."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            conv_block(channels, channels),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, features: Tensor) -> Tensor:
        return functional.relu(features + self.body(features))


class Hourglass(nn.Module):
    """An encoder-decoder with skip connections; sees far and answers at full resolution.

    Shapes: (B, inputs, H, W) -> (B, widths[0], H, W); H and W divisible by 2 ** (len(widths) - 1).
    """

    def __init__(self, inputs: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.first = conv_block(inputs, widths[0])
        pairs = list(pairwise(widths))
        self.down = nn.ModuleList([nn.Sequential(conv_block(a, b, stride=2), ResidualBlock(b)) for a, b in pairs])
        self.up = nn.ModuleList([conv_block(b + a, a) for a, b in reversed(pairs)])

    def forward(self, features: Tensor) -> Tensor:
        features = self.first(features)
        skips = []
        for down in self.down:
            skips.append(features)
            features = down(features)
        for up in self.up:
            skip = skips.pop()
            wide = functional.interpolate(features, size=skip.shape[-2:], mode="bilinear", align_corners=False)
            features = up(torch.cat([wide, skip], dim=1))
        return features
