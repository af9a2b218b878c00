"""The SPADE decoder with PixelShuffle, and the mask that lets it paint only where the warped pixels cannot serve."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from models.layers.conv import conv_block
from models.layers.spade import SpadeBlock
from models.synergy.config import SynergyConfig


@dataclass(frozen=True)
class Decoded:
    """Shapes: image (B, 3, S, S) in [0, 1]; pixel_mask (B, 1, S, S), 1 = trust the warped pixels."""

    image: Tensor
    pixel_mask: Tensor


class SpadeDecoder(nn.Module):
    """Fused features to a picture, at the feature grid's resolution until the very end."""

    def __init__(self, config: SynergyConfig) -> None:
        super().__init__()
        width, hidden = config.decoder_channels, config.spade_hidden
        half = width // 2
        self.fold = config.feature_stride * config.output_scale // 2  # pixels out per cell of the finer grid
        condition = config.hourglass_channels[0] + config.channels
        self.condition = conv_block(condition, hidden * 2, kernel=1)
        widens = width != config.channels
        self.widen = nn.Conv2d(config.channels, width, 1) if widens else nn.Identity()
        self.blocks = nn.ModuleList([SpadeBlock(width, hidden * 2, hidden) for _ in range(config.decoder_blocks)])
        self.up = nn.Sequential(nn.Conv2d(width, half * 4, 3, padding=1), nn.PixelShuffle(2), nn.ReLU(inplace=True))
        self.upper = nn.ModuleList([SpadeBlock(half, hidden * 2, hidden) for _ in range(config.upper_blocks)])
        self.merge = conv_block(half + 3 * self.fold**2, half * 3 // 4)
        self.head = nn.Sequential(nn.Conv2d(half * 3 // 4, 4 * self.fold**2, 3, padding=1), nn.PixelShuffle(self.fold))

    def forward(self, fused: Tensor, query: Tensor, pixels: Tensor) -> Decoded:
        """Paint.

        Shapes:
            fused: (B, C, H, W); query: (B, C_query, H, W); pixels: (B, 3, S, S), the warped pixels at output size.
        """
        condition = self.condition(torch.cat([fused, query], dim=1))
        features = self.widen(fused)
        for block in self.blocks:
            features = block(features, condition)
        features = self.up(features)
        if self.upper:
            condition = functional.interpolate(condition, scale_factor=2.0, mode="bilinear", align_corners=False)
        for block in self.upper:
            features = block(features, condition)
        folded = functional.pixel_unshuffle(pixels - 0.5, self.fold)
        features = self.merge(torch.cat([features, folded], dim=1))
        painted = self.head(features)
        return Decoded(torch.sigmoid(painted[:, :3]), torch.sigmoid(painted[:, 3:] + 1.0))
