"""M, the motion extractor: ConvNeXt V2 (Woo et al., 2023) with a head for every part of the motion (Sec. 3.2)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from models.layers.precision import full_precision
from models.liveportrait.config import LivePortraitConfig

NORM_EPSILON = 1e-6
DEGREES_PER_BIN, FIRST_BIN_DEGREES = 3.0, -97.5
"""The bins of an angle cover -97.5 to +97.5 degrees in 66 steps."""


@dataclass(frozen=True)
class MotionHeads:
    """What the heads say, as they say it.

    Shapes:
        pitch, yaw, roll: (B, bins), logits. translation: (B, 3). expression, canonical: (B, 3 K). scale: (B, 1).
    """

    pitch: Tensor
    yaw: Tensor
    roll: Tensor
    translation: Tensor
    expression: Tensor
    scale: Tensor
    canonical: Tensor


class ChannelNorm(nn.LayerNorm):
    """LayerNorm over the channels of a picture. Shapes: (B, C, H, W) -> the same."""

    def forward(self, features: Tensor) -> Tensor:
        normal: Tensor = super().forward(features.permute(0, 2, 3, 1))
        return normal.permute(0, 3, 1, 2)


class ResponseNorm(nn.Module):
    """Global response normalisation: channels compete by their energy over the whole picture.

    Shapes:
        features: (B, H, W, C) -> the same.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(1, 1, 1, channels))
        self.beta = nn.Parameter(torch.zeros(1, 1, 1, channels))

    def forward(self, features: Tensor) -> Tensor:
        energy = features.norm(p=2, dim=(1, 2), keepdim=True)
        share: Tensor = energy / (energy.mean(dim=-1, keepdim=True) + NORM_EPSILON)
        answer: Tensor = self.gamma * (features * share) + self.beta + features
        return answer


class NextBlock(nn.Module):
    """One block of ConvNeXt V2. Shapes: (B, C, H, W) -> the same."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=NORM_EPSILON)
        self.pwconv1 = nn.Linear(channels, 4 * channels)
        self.grn = ResponseNorm(4 * channels)
        self.pwconv2 = nn.Linear(4 * channels, channels)

    def forward(self, features: Tensor) -> Tensor:
        inner = self.norm(self.dwconv(features).permute(0, 2, 3, 1))
        inner = self.pwconv2(self.grn(functional.gelu(self.pwconv1(inner))))
        change: Tensor = inner.permute(0, 3, 1, 2)
        return features + change


class NextDetector(nn.Module):
    """The backbone and its heads."""

    def __init__(self, config: LivePortraitConfig) -> None:
        super().__init__()
        widths = config.motion_widths
        norms = [ChannelNorm(width, eps=NORM_EPSILON) for width in widths]
        steps = [nn.Sequential(nn.Conv2d(3, widths[0], 4, stride=4), norms[0])]
        for index in range(1, len(widths)):
            conv = nn.Conv2d(widths[index - 1], widths[index], 2, stride=2)
            steps.append(nn.Sequential(ChannelNorm(widths[index - 1], eps=NORM_EPSILON), conv))
        self.downsample_layers = nn.ModuleList(steps)
        stages = zip(widths, config.motion_depths, strict=True)
        self.stages = nn.ModuleList([nn.Sequential(*(NextBlock(width) for _ in range(n))) for width, n in stages])
        self.norm = nn.LayerNorm(widths[-1], eps=NORM_EPSILON)
        last, numbers, bins = widths[-1], 3 * config.keypoints, config.angle_bins
        self.fc_kp = nn.Linear(last, numbers)
        self.fc_scale = nn.Linear(last, 1)
        self.fc_pitch = nn.Linear(last, bins)
        self.fc_yaw = nn.Linear(last, bins)
        self.fc_roll = nn.Linear(last, bins)
        self.fc_t = nn.Linear(last, 3)
        self.fc_exp = nn.Linear(last, numbers)

    def forward(self, picture: Tensor) -> MotionHeads:
        features = picture
        for down, stage in zip(self.downsample_layers, self.stages, strict=True):
            features = stage(down(features))
        seen = self.norm(features.mean(dim=(-2, -1)))
        return MotionHeads(
            pitch=self.fc_pitch(seen),
            yaw=self.fc_yaw(seen),
            roll=self.fc_roll(seen),
            translation=self.fc_t(seen),
            expression=self.fc_exp(seen),
            scale=self.fc_scale(seen),
            canonical=self.fc_kp(seen),
        )


class MotionExtractor(nn.Module):
    """M.

    Shapes:
        picture: (B, 3, S, S) in [0, 1].
    """

    def __init__(self, config: LivePortraitConfig) -> None:
        super().__init__()
        self.detector = NextDetector(config)

    def forward(self, picture: Tensor) -> MotionHeads:
        heads: MotionHeads = self.detector(picture)
        return heads


def expected_degrees(bins: Tensor) -> Tensor:
    """The angle that logits over bins stand for, the mean of their distribution: (B, bins) -> (B,)."""
    places = torch.arange(bins.shape[1], device=bins.device, dtype=torch.float32)
    return (bins.float().softmax(dim=1) * places).sum(dim=1) * DEGREES_PER_BIN + FIRST_BIN_DEGREES


@full_precision
def camera_from_head(pitch: Tensor, yaw: Tensor, roll: Tensor) -> Tensor:
    """The rotation of three angles in degrees, acting on columns; the paper's row form R is its transpose.

    Shapes:
        pitch, yaw, roll: (B,) -> (B, 3, 3).
    """
    x, y, z = (torch.deg2rad(angle) for angle in (pitch, yaw, roll))
    return _turn(z, 2) @ _turn(y, 1) @ _turn(x, 0)


def _turn(angle: Tensor, axis: int) -> Tensor:
    """Right-handed rotations about one axis: (B,) -> (B, 3, 3)."""
    first, second = (axis + 1) % 3, (axis + 2) % 3
    matrix = torch.eye(3, device=angle.device, dtype=angle.dtype).repeat(len(angle), 1, 1)
    matrix[:, first, first] = matrix[:, second, second] = angle.cos()
    matrix[:, second, first] = angle.sin()
    matrix[:, first, second] = -angle.sin()
    return matrix


@full_precision
def place_keypoints(
    canonical: Tensor, rotation: Tensor, expression: Tensor, scale: Tensor, translation: Tensor
) -> Tensor:
    """Eq. 2: `scale * (canonical @ R + expression) + translation`, whose depth is left out.

    Shapes:
        canonical, expression: (B, K, 3). rotation: (B, 3, 3), row form. scale: (B, 1). translation: (B, 3).
    """
    placed = scale[:, None] * (canonical @ rotation + expression)
    flat = torch.cat([translation[:, :2], torch.zeros_like(translation[:, 2:])], dim=1)
    return placed + flat[:, None]
