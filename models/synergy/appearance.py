"""What is known of one picture of the person: texture features, the 3D appearance volume, attention tokens."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from models.layers.conv import ResidualBlock, conv_block
from models.synergy.config import SynergyConfig


@dataclass(frozen=True)
class Appearance:
    """Cached once per picture.

    Shapes:
        features: (B, C, H, W) on the feature grid. volume: (B, Cv, D, h, w).
        tokens: (B, C, T, T), what global attention reads. keys: (B, A, H, W), what the choice between pictures reads.
    """

    features: Tensor
    volume: Tensor
    tokens: Tensor
    keys: Tensor


class AppearanceEncoder(nn.Module):
    """F: the picture as features (after LivePortrait's F, far smaller).

    Shapes: image (B, 3, S, S) in [0, 1].
    """

    def __init__(self, config: SynergyConfig) -> None:
        super().__init__()
        width = config.channels
        self.config = config
        self.stem = nn.Sequential(
            conv_block(3, width * 3 // 8, kernel=5, stride=2),
            conv_block(width * 3 // 8, width * 3 // 4),
            conv_block(width * 3 // 4, width, stride=2),
            ResidualBlock(width),
        )
        self.to_volume = nn.Sequential(
            conv_block(width, width, stride=config.volume_stride // config.feature_stride),
            ResidualBlock(width),
            nn.Conv2d(width, config.volume_channels * config.volume_depth, 1),
        )
        self.to_tokens = nn.Sequential(
            conv_block(width, width, stride=2), conv_block(width, width, stride=config.token_stride // 8)
        )
        inner = config.attention_channels
        self.to_keys = nn.Sequential(conv_block(width, inner), nn.Conv2d(inner, inner, 1))

    def forward(self, image: Tensor) -> Appearance:
        features = self.stem(image - 0.5)
        volume = self.to_volume(features).unflatten(1, (self.config.volume_channels, self.config.volume_depth))
        return Appearance(features, volume, self.to_tokens(features), self.to_keys(features))
