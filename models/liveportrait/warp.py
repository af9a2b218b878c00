"""W, the warping module: where every place of the moved volume reads the still one (face vid2vid; LivePortrait 3.1)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from models.layers.precision import full_precision
from models.liveportrait.config import LivePortraitConfig
from models.liveportrait.layers import ConvNorm, VolumeConvNorm
from models.sampling import sample, unit_grid

DENSITY_VARIANCE = 0.01
LEAK = 0.01


@dataclass(frozen=True)
class DenseMotion:
    """Shapes: deformation: (B, D, H, W, 3), positions to read from, x, y, z. occlusion: (B, 1, H, W), 1 = visible."""

    deformation: Tensor
    occlusion: Tensor


@dataclass(frozen=True)
class Warped:
    """Shapes: features: (B, C, H, W), for the generator. motion: see `DenseMotion`."""

    features: Tensor
    motion: DenseMotion


class VolumeHalving(VolumeConvNorm):
    """Depth stays. Shapes: (B, C, D, H, W) -> (B, C', D, H / 2, W / 2)."""

    def forward(self, volume: Tensor) -> Tensor:
        return functional.avg_pool3d(super().forward(volume), (1, 2, 2))


class VolumeDoubling(VolumeConvNorm):
    """Depth stays. Shapes: (B, C, D, H, W) -> (B, C', D, 2 H, 2 W)."""

    def forward(self, volume: Tensor) -> Tensor:
        return super().forward(functional.interpolate(volume, scale_factor=(1, 2, 2)))


class HourglassEncoder(nn.Module):
    def __init__(self, inputs: int, widths: list[int]) -> None:
        super().__init__()
        pairs = zip([inputs, *widths[1:]], widths[1:], strict=False)
        self.down_blocks = nn.ModuleList([VolumeHalving(a, b) for a, b in pairs])

    def forward(self, volume: Tensor) -> list[Tensor]:
        """The input and what every halving made of it, finest first."""
        seen = [volume]
        for down in self.down_blocks:
            seen.append(down(seen[-1]))
        return seen


class HourglassDecoder(nn.Module):
    def __init__(self, inputs: int, widths: list[int]) -> None:
        super().__init__()
        blocks = []
        for index in reversed(range(len(widths) - 1)):
            joined = 1 if index == len(widths) - 2 else 2  # every block but the first reads what was skipped as well
            blocks.append(VolumeDoubling(joined * widths[index + 1], widths[index]))
        self.up_blocks = nn.ModuleList(blocks)
        outputs = widths[0] + inputs
        self.conv = nn.Conv3d(outputs, outputs, 3, padding=1)
        self.norm = nn.BatchNorm3d(outputs)

    def forward(self, seen: list[Tensor]) -> Tensor:
        *skips, volume = seen
        for up in self.up_blocks:
            volume = torch.cat([up(volume), skips.pop()], dim=1)
        return functional.relu(self.norm(self.conv(volume)))


class VolumeHourglass(nn.Module):
    """Sees far and answers at full resolution. Shapes: (B, inputs, D, H, W) -> (B, widths[0] + inputs, D, H, W)."""

    def __init__(self, inputs: int, widths: list[int]) -> None:
        super().__init__()
        self.encoder = HourglassEncoder(inputs, widths)
        self.decoder = HourglassDecoder(inputs, widths)

    def forward(self, volume: Tensor) -> Tensor:
        made: Tensor = self.decoder(self.encoder(volume))
        return made


class DenseMotionNetwork(nn.Module):
    """Composes one motion per keypoint, and one that stays, into a dense one.

    Shapes:
        volume: (B, C, D, H, W). driving, source: (B, K, 3).
    """

    def __init__(self, config: LivePortraitConfig) -> None:
        super().__init__()
        motions = config.keypoints + 1
        inputs = motions * (config.compressed + 1)
        blocks = range(config.hourglass_blocks + 1)
        widths = [min(config.hourglass_most, config.hourglass_width << index) for index in blocks]
        self.hourglass = VolumeHourglass(inputs, widths)
        answers = widths[0] + inputs
        self.mask = nn.Conv3d(answers, motions, 7, padding=3)
        self.compress = nn.Conv3d(config.volume_channels, config.compressed, 1)
        self.norm = nn.BatchNorm3d(config.compressed)
        self.occlusion = nn.Conv2d(answers * config.volume_depth, 1, 7, padding=3)
        self._corners = config.corner_grid

    def forward(self, volume: Tensor, driving: Tensor, source: Tensor) -> DenseMotion:
        size = volume.shape[2:]
        compressed = functional.relu(self.norm(self.compress(volume)))
        grid = self._grid(size, driving)
        motions = sparse_motions(grid, driving, source)  # (B, K + 1, D, H, W, 3)
        moved = _moved(compressed, motions)  # (B, K + 1, C', D, H, W)
        change = density_change(grid, driving, source)[:, :, None]
        answers = self.hourglass(torch.cat([change.to(moved.dtype), moved], dim=2).flatten(1, 2))
        share = self.mask(answers).float().softmax(dim=1)
        deformation = (share[..., None] * motions).sum(dim=1)
        occlusion = self.occlusion(answers.flatten(1, 2)).sigmoid()
        return DenseMotion(deformation, occlusion)

    def _grid(self, size: torch.Size, like: Tensor) -> Tensor:
        """(1, D, H, W, 3)."""
        if not self._corners:
            return unit_grid(size, like=like)
        axes = [torch.linspace(-1.0, 1.0, n, device=like.device, dtype=like.dtype) for n in size]
        return torch.stack(torch.meshgrid(*axes, indexing="ij")[::-1], dim=-1)[None]


class WarpingModule(nn.Module):
    """W. Shapes: volume: (B, C, D, H, W). driving, source: (B, K, 3)."""

    def __init__(self, config: LivePortraitConfig) -> None:
        super().__init__()
        self.dense_motion_network = DenseMotionNetwork(config)
        self.third = ConvNorm(config.volume_channels * config.volume_depth, config.warped_channels, leak=LEAK)
        self.fourth = nn.Conv2d(config.warped_channels, config.warped_channels, 1)

    def forward(self, volume: Tensor, driving: Tensor, source: Tensor) -> Warped:
        motion: DenseMotion = self.dense_motion_network(volume, driving, source)
        return Warped(self.flattened(read(volume, motion.deformation), motion.occlusion), motion)

    def flattened(self, volume: Tensor, occlusion: Tensor) -> Tensor:
        """A warped volume as the generator wants it: depth becomes channels, what is hidden fades."""
        features: Tensor = self.fourth(self.third(volume.flatten(1, 2)))
        return features * occlusion


@full_precision
def read(volume: Tensor, positions: Tensor) -> Tensor:
    """The volume at the given positions; outside of it there is nothing (0).

    Shapes:
        volume: (B, C, D, H, W). positions: (B, d, h, w, 3).
    """
    return sample(volume.float(), positions.float(), padding="zeros").to(volume.dtype)


@full_precision
def sparse_motions(grid: Tensor, driving: Tensor, source: Tensor) -> Tensor:
    """Where each position comes from if it moves as one keypoint does; the first motion is none at all.

    Shapes:
        grid: (1, D, H, W, 3). driving, source: (B, K, 3) -> (B, K + 1, D, H, W, 3).
    """
    shift = functional.pad(source.float() - driving.float(), (0, 0, 1, 0))  # (B, K + 1, 3)
    return grid[None] + shift[:, :, None, None, None]


@full_precision
def density_change(grid: Tensor, driving: Tensor, source: Tensor) -> Tensor:
    """How much closer to a keypoint each position gets: (B, K + 1, D, H, W), 0 for the motion that is none."""
    change = _density(grid, driving.float()) - _density(grid, source.float())
    return functional.pad(change, (0, 0, 0, 0, 0, 0, 1, 0))


def _density(grid: Tensor, points: Tensor) -> Tensor:
    """Gaussians around points: (B, K, 3) -> (B, K, D, H, W); a product of one factor for each axis."""
    axes = (grid[0, 0, 0, :, 0], grid[0, 0, :, 0, 1], grid[0, :, 0, 0, 2])
    x, y, z = (
        torch.exp((points[..., index, None] - axis) ** 2 * (-0.5 / DENSITY_VARIANCE)) for index, axis in enumerate(axes)
    )
    return z[:, :, :, None, None] * y[:, :, None, :, None] * x[:, :, None, None, :]


def _moved(volume: Tensor, motions: Tensor) -> Tensor:
    """The volume moved by every motion: (B, C, D, H, W), (B, M, D, H, W, 3) -> (B, M, C, D, H, W)."""
    count = motions.shape[1]
    copies = volume[:, None].expand(-1, count, -1, -1, -1, -1).flatten(0, 1)
    return torch.unflatten(read(copies, motions.flatten(0, 1)), 0, (-1, count))
