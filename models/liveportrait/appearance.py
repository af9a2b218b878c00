"""F, the appearance feature extractor: a picture as a volume of features (LivePortrait Sec. 3.1)."""

from __future__ import annotations

from collections import OrderedDict
from itertools import pairwise

import torch
from torch import Tensor, nn

from models.liveportrait.config import LivePortraitConfig
from models.liveportrait.layers import ConvNorm, Halving, VolumeResidual


class AppearanceExtractor(nn.Module):
    """Two halvings, then channels become depth, then residual blocks in three dimensions.

    Shapes:
        picture: (B, 3, S, S) in [0, 1] -> (B, C, D, S / 4, S / 4).
    """

    def __init__(self, config: LivePortraitConfig) -> None:
        super().__init__()
        widths, channels = config.appearance_widths, config.volume_channels
        self.first = ConvNorm(3, widths[0])
        self.down_blocks = nn.ModuleList([Halving(a, b) for a, b in pairwise(widths)])
        self.second = nn.Conv2d(widths[-1], channels * config.volume_depth, 1)
        blocks = ((f"3dr{index}", VolumeResidual(channels)) for index in range(config.volume_blocks))
        self.resblocks_3d = nn.Sequential(OrderedDict(blocks))
        self._channels = channels

    def forward(self, picture: Tensor) -> Tensor:
        features = self.first(picture)
        for down in self.down_blocks:
            features = down(features)
        volume: Tensor = self.resblocks_3d(torch.unflatten(self.second(features), 1, (self._channels, -1)))
        return volume
