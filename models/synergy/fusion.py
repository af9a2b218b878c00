"""Stage 3, CGF: a confidence map decides between the warp and its correction."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.checks import require_shape
from models.layers.conv import conv_block
from models.synergy.config import SynergyConfig


class ConfidenceFusion(nn.Module):
    """Blend the warped and the corrected features, position by position.

    Confidence 1 keeps the warp, 0 takes the correction: `fused = C * warped + (1 - C) * corrected`.

    Shapes:
        warped, corrected: (B, C, H, W). query: (B, C_query, H, W), on the feature grid too.
        features: (B, C, H, W). confidence: (B, 1, H, W), in [0, 1].

    Raises:
        ShapeError: warped and corrected differ in shape.
    """

    def __init__(self, config: SynergyConfig, hidden: int = 48) -> None:
        super().__init__()
        self.channels = config.channels
        self.score = nn.Sequential(
            conv_block(2 * config.channels + config.hourglass_channels[0], hidden, kernel=1),
            nn.Conv2d(hidden, 1, 3, padding=1),
        )

    def forward(self, warped: Tensor, corrected: Tensor, query: Tensor) -> tuple[Tensor, Tensor]:
        sizes = require_shape("warped", warped, "B C H W", C=self.channels)
        require_shape("corrected", corrected, "B C H W", **sizes)
        confidence = torch.sigmoid(self.score(torch.cat([warped, corrected, query], dim=1)))
        return confidence * warped + (1 - confidence) * corrected, confidence
