"""G, the generator: a SPADE decoder (Park et al., 2019) that reads the warped features at every step (Sec. 3.2)."""

from __future__ import annotations

import torch.nn.functional as functional
from torch import Tensor, nn

from models.liveportrait.config import LivePortraitConfig
from models.liveportrait.layers import SpectralConv2d

LEAK = 0.2
NORM_EPSILON = 1e-5


class SpadeNorm(nn.Module):
    """Normalise each channel of each picture, then scale and shift every position by what the condition says there.

    Shapes:
        features: (B, C, H, W). condition: (B, S, h, w), brought to H x W by repeating.
    """

    def __init__(self, channels: int, condition: int, hidden: int) -> None:
        super().__init__()
        self.mlp_shared = nn.Sequential(nn.Conv2d(condition, hidden, 3, padding=1), nn.ReLU())
        self.mlp_gamma = nn.Conv2d(hidden, channels, 3, padding=1)
        self.mlp_beta = nn.Conv2d(hidden, channels, 3, padding=1)

    def forward(self, features: Tensor, condition: Tensor) -> Tensor:
        size = (features.shape[2], features.shape[3])
        if tuple(condition.shape[2:]) != size:
            condition = functional.interpolate(condition, size=size, mode="nearest")
        seen = self.mlp_shared(condition)
        normal = functional.instance_norm(features, eps=NORM_EPSILON)
        modulated: Tensor = normal * (1 + self.mlp_gamma(seen)) + self.mlp_beta(seen)
        return modulated


class SpadeResidual(nn.Module):
    """A residual block with `SpadeNorm`; where the channels change, the short way has a layer of its own."""

    def __init__(self, inputs: int, outputs: int, condition: int, hidden: int) -> None:
        super().__init__()
        middle = min(inputs, outputs)
        self.conv_0 = SpectralConv2d(inputs, middle, 3)
        self.conv_1 = SpectralConv2d(middle, outputs, 3)
        self.norm_0 = SpadeNorm(inputs, condition, hidden)
        self.norm_1 = SpadeNorm(middle, condition, hidden)
        self.changes_channels = inputs != outputs
        if self.changes_channels:
            self.conv_s = SpectralConv2d(inputs, outputs, 1, bias=False)
            self.norm_s = SpadeNorm(inputs, condition, hidden)

    def forward(self, features: Tensor, condition: Tensor) -> Tensor:
        short = self.conv_s(self.norm_s(features, condition)) if self.changes_channels else features
        inner = self.conv_0(functional.leaky_relu(self.norm_0(features, condition), LEAK))
        change: Tensor = self.conv_1(functional.leaky_relu(self.norm_1(inner, condition), LEAK))
        return short + change


class SpadeGenerator(nn.Module):
    """G.

    Shapes:
        warped: (B, C, H, W) -> (B, 3, 8 H, 8 W) in [0, 1].
    """

    def __init__(self, config: LivePortraitConfig) -> None:
        super().__init__()
        wide, half, narrow = config.generator_widths
        condition, hidden = config.warped_channels, config.spade_hidden
        self.fc = nn.Conv2d(condition, wide, 3, padding=1)
        self._middle = [f"G_middle_{index}" for index in range(config.middle_blocks)]
        for name in self._middle:
            self.add_module(name, SpadeResidual(wide, wide, condition, hidden))
        self.up_0 = SpadeResidual(wide, half, condition, hidden)
        self.up_1 = SpadeResidual(half, narrow, condition, hidden)
        self.conv_img = nn.Sequential(nn.Conv2d(narrow, 12, 3, padding=1), nn.PixelShuffle(2))

    def forward(self, warped: Tensor) -> Tensor:
        features = self.fc(warped)
        for name in self._middle:
            features = self.get_submodule(name)(features, warped)
        features = self.up_0(functional.interpolate(features, scale_factor=2), warped)
        features = self.up_1(functional.interpolate(features, scale_factor=2), warped)
        picture: Tensor = self.conv_img(functional.leaky_relu(features, LEAK)).sigmoid()
        return picture
