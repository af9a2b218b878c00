"""Stage 1, DOFW: the dense 3D flow, composed from sparse motions by a learned soft mask.

Every position of the driving picture is explained by one of K + 2 motions: it stands still (background), it moves with
the landmarks around it (the landmark field, a Gaussian-weighted average of landmark displacements), or it moves with
one of the K implicit keypoints. All but the first also turn with the head. The mask starts from geometry - still
outside the head, the landmark field inside - so that an untrained network already animates (DESIGN section 2).

After LivePortrait (arXiv 2407.03168) and face vid2vid (arXiv 2011.15126); the landmark field, the head rotation inside
every sparse motion and the geometric start of the mask are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from models.layers.constants import constant
from models.layers.conv import Hourglass
from models.layers.encoding import axis_positions, gaussian_map
from models.layers.precision import full_precision
from models.sampling import sample, unit_grid
from models.synergy.config import SynergyConfig
from models.synergy.field import LandmarkField, head_support
from models.synergy.motion import MotionBatch

DENSITY_SIGMA = 0.1
COMPRESSED_CHANNELS = 2
SURFACE_SIGMA = 0.12
"""How far from the landmarks' depth the surface is expected, unit coordinates."""


@dataclass(frozen=True)
class View:
    """One picture of the person, portrait or reference, as far as motion is concerned.

    Shapes:
        keypoints: (B, K, 3) and landmarks: (B, 478, 3), unit coordinates.
    """

    motion: MotionBatch
    keypoints: Tensor
    landmarks: Tensor

    @classmethod
    def stack(cls, views: Sequence[View]) -> View:
        """Several views one behind the other in the batch."""
        motions = MotionBatch.stack([view.motion for view in views])
        return cls(motions, torch.cat([v.keypoints for v in views]), torch.cat([v.landmarks for v in views]))


@dataclass(frozen=True)
class Composition:
    """What the driving frame looks like in terms of motions; holds for the portrait and for every reference.

    Shapes:
        mask: (B, K + 2, D, h, w), sums to 1 over the second axis.
        surface: (B, D, h, w), how likely the visible surface lies in each depth slice, sums to 1 over D.
        residual: (B, 2, H, W), small correction of the flow on the feature grid, in the driving picture's frame.
        visibility: (B, 1, H, W), 1 where the warp can be right, 0 where the portrait shows nothing of it.
        query: (B, C, h, w), what the hourglass knows; later stages read it.
    """

    mask: Tensor
    surface: Tensor
    residual: Tensor
    visibility: Tensor
    query: Tensor


@dataclass(frozen=True)
class Displacement:
    """How the face in every view, portrait and references, differs from the driving frame.

    Shapes:
        rigid: (R, B, 3, 3), turns and scales the driving frame's displacements into the view's.
        offsets: (R, B, K, 3), of the keypoints beyond that turn.
        field: (R, B, 3, H, W), of the landmarks, spread out.
    """

    rigid: Tensor
    offsets: Tensor
    field: Tensor


@full_precision
def turn_points(points: Tensor, rigid: Tensor) -> Tensor:
    """(..., N, 3) points turned and scaled by (..., 3, 3)."""
    return points @ rigid.transpose(-1, -2)


class DenseWarp(nn.Module):
    """Predicts the composition once per frame and turns it into a flow for any view of the person."""

    def __init__(self, config: SynergyConfig) -> None:
        super().__init__()
        self.config = config
        self.field = LandmarkField(config)
        motions = config.keypoints + 2
        inputs = 2 * config.keypoints + COMPRESSED_CHANNELS * motions + self.field.drawn_channels + 2
        widths = config.hourglass_channels
        self.compress = nn.Conv2d(config.channels, COMPRESSED_CHANNELS, 1)
        self.hourglass = Hourglass(inputs, widths)
        self.mask_head = nn.Conv2d(widths[0], motions * config.volume_depth, 3, padding=1)
        self.surface_head = nn.Conv2d(widths[0], config.volume_depth, 3, padding=1)
        self.scale = config.volume_stride // config.feature_stride
        self.detail_head = nn.Conv2d(widths[0], 3 * self.scale**2, 3, padding=1)
        self.strength = nn.Parameter(torch.full((config.keypoints,), 2.0))
        for head in (self.mask_head, self.surface_head, self.detail_head):
            nn.init.zeros_(head.weight)
            assert head.bias is not None
            nn.init.zeros_(head.bias)

    def displacements(self, views: View, driving: View) -> Displacement:
        """How the face differs between the driving frame and each view; all views share one pass over the landmarks.

        Shapes:
            views: R * B states, those of the first view first; driving: B states.
        """
        batch = len(driving.keypoints)
        rigid = views.motion.rigid_from(driving.motion)
        offsets = torch.unflatten(views.keypoints, 0, (-1, batch)) - turn_points(driving.keypoints, rigid)
        moved = torch.unflatten(views.landmarks, 0, (-1, batch)) - turn_points(driving.landmarks, rigid)
        values = moved.permute(1, 2, 0, 3).flatten(2)  # (B, 478, 3 R)
        field = self.field(driving.landmarks, values, self.config.feature_px)
        return Displacement(rigid, offsets, torch.unflatten(field, 1, (-1, 3)).transpose(0, 1))

    def compress_features(self, features: Tensor) -> Tensor:
        """What of the portrait each sparse motion shows the hourglass: (B, C, H, W) -> (B, 2, h, w)."""
        return functional.adaptive_avg_pool2d(self.compress(features), self.config.volume_px).float()

    def compose(self, source: Tensor, driving: View, compressed: Tensor, displacement: Displacement) -> Composition:
        """Explain the driving frame.

        Shapes:
            source: (B, K, 3), keypoints of the portrait. compressed: (B, 2, h, w), of `compress_features`.
            displacement: of the portrait first.
        """
        config = self.config
        size = config.volume_px
        support = head_support(driving.landmarks, size)  # (B, 1, h, w)
        depth = self.field.depth(driving.landmarks, size)  # (B, 1, h, w)
        prior_mask = self._prior_mask(driving, support)  # (B, K + 2, h, w)
        prior_surface = self._prior_surface(depth)
        seen = self._by_each_motion(displacement, compressed, depth)
        densities = self._densities(source, driving.keypoints, size)
        drawn = self.field.draw(driving.landmarks, size)
        query = self.hourglass(torch.cat([densities, seen, drawn, support, depth], dim=1))
        learned = self.mask_head(query).unflatten(1, (config.keypoints + 2, config.volume_depth))
        mask = (prior_mask[:, :, None] + learned.float()).softmax(dim=1)
        surface = (prior_surface + self.surface_head(query).float()).softmax(dim=1)
        detail = functional.pixel_shuffle(self.detail_head(query).float(), self.scale)
        residual = 0.1 * torch.tanh(detail[:, :2])
        return Composition(mask, surface, residual, torch.sigmoid(detail[:, 2:] + 2.0), query)

    @full_precision
    def volume_grid(self, composition: Composition, displacement: Displacement) -> Tensor:
        """Where the driving frame reads the portrait's appearance volume: (B, 3, D, h, w) unit coordinates."""
        config = self.config
        rigid, offsets = displacement.rigid[0], displacement.offsets[0]
        field = functional.avg_pool2d(displacement.field[0], self.scale)
        mask = composition.mask
        here = unit_grid((config.volume_depth, config.volume_px, config.volume_px), like=offsets)
        extent = constant((1.0, 1.0, config.depth_extent), here)
        here = (here * extent).permute(0, 4, 1, 2, 3)  # (1, 3, D, h, w)
        still = mask[:, :1]
        parts = torch.cat([(1 - still) * here, mask[:, 2:]], dim=1).flatten(2)
        moved = torch.cat([rigid, offsets.transpose(1, 2)], dim=2) @ parts  # (B, 3, D h w)
        grid = still * here + torch.unflatten(moved, 2, here.shape[2:]) + mask[:, 1:2] * field[:, :, None]
        return grid / extent[:, None, None, None]

    @full_precision
    def feature_grids(self, composition: Composition, displacement: Displacement) -> Tensor:
        """The same composition seen from the front, averaged over the depth of the visible surface.

        Returns:
            (R, B, 2, H, W): where the driving frame reads each view.
        """
        config = self.config
        rigid, offsets, field = displacement.rigid, displacement.offsets, displacement.field
        size = config.feature_px
        surface = composition.surface
        weights = (composition.mask * surface[:, None]).sum(2)  # (B, K + 2, h, w)
        slices = axis_positions(config.volume_depth, offsets) * config.depth_extent
        depth = ((1 - composition.mask[:, 0]) * surface * slices[:, None, None]).sum(1, keepdim=True)
        both = functional.interpolate(
            torch.cat([weights, depth], 1), size=(size, size), mode="bilinear", align_corners=False
        )
        still = both[:, :1]
        here = unit_grid((size, size), like=offsets).permute(0, 3, 1, 2)  # (1, 2, H, W)
        turning = (1 - still) * here + composition.residual
        parts = torch.cat([turning, both[:, -1:], both[:, 2:-1]], dim=1).flatten(2)  # (B, 3 + K, H W)
        factors = torch.cat([rigid[..., :2, :], offsets[..., :2].transpose(-1, -2)], dim=-1)  # (R, B, 2, 3 + K)
        moved = torch.unflatten(factors @ parts, -1, (size, size))
        return still * here + moved + both[:, 1:2] * field[:, :, :2]

    def _prior_mask(self, driving: View, support: Tensor) -> Tensor:
        share = support.clamp(0.02, 0.98)
        inside = share.log() - (1 - share).log()
        near = gaussian_map(driving.keypoints, support.shape[-1], 2 * DENSITY_SIGMA)
        return torch.cat([torch.zeros_like(inside), inside, inside - 4.0 + 2.0 * near], dim=1)

    def _prior_surface(self, depth: Tensor) -> Tensor:
        slices = axis_positions(self.config.volume_depth, depth) * self.config.depth_extent
        return -0.5 * ((slices[:, None, None] - depth) / SURFACE_SIGMA) ** 2

    def _densities(self, source: Tensor, driving: Tensor, size: int) -> Tensor:
        strength = torch.sigmoid(self.strength)[:, None, None]
        there = strength * gaussian_map(driving, size, DENSITY_SIGMA)
        return torch.cat([there, strength * gaussian_map(source, size, DENSITY_SIGMA) - there], dim=1)

    @full_precision
    def _by_each_motion(self, displacement: Displacement, compressed: Tensor, depth: Tensor) -> Tensor:
        """The compressed features as each of the K + 2 motions alone would show them: (B, 2 (K + 2), h, w)."""
        size = self.config.volume_px
        rigid, offsets = displacement.rigid[0], displacement.offsets[0]
        here = unit_grid((size, size), like=depth).permute(0, 3, 1, 2).expand(depth.shape[0], -1, -1, -1)
        turned = torch.unflatten(rigid[:, :2] @ torch.cat([here, depth], dim=1).flatten(2), 2, (size, size))
        field = turned + functional.avg_pool2d(displacement.field[0], self.scale)[:, :2]
        grids = torch.cat(
            [here[:, None], field[:, None], turned[:, None] + offsets[:, :, :2, None, None]], dim=1
        )  # (B, K + 2, 2, h, w)
        seen = sample(compressed, grids.permute(0, 1, 3, 4, 2).flatten(1, 2))  # (B, 2, (K + 2) h, w)
        return torch.unflatten(seen, 2, (-1, size)).transpose(1, 2).flatten(1, 2)
