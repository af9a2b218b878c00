"""Stage 1, DOFW: the dense 3D flow, composed from sparse motions by a learned soft mask.

Every position of the driving picture is explained by one of K + 2 motions: it stands still (background), it moves with
the landmarks around it (the landmark field, a Gaussian-weighted average of landmark displacements), or it moves with
one of the K implicit keypoints. All but the first also turn with the head. The mask starts from geometry - still
outside the head, the landmark field inside - so that an untrained network already animates (DESIGN section 2).

After LivePortrait (arXiv 2407.03168) and face vid2vid (arXiv 2011.15126); the landmark field, the head rotation inside
every sparse motion and the geometric start of the mask are ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

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
    """How the face in one view, portrait or reference, differs from the driving frame.

    Shapes:
        rigid: (B, 3, 3), turns and scales the driving frame's displacements into the view's.
        offsets: (B, K, 3), of the keypoints beyond that turn. field: (B, 3, H, W), of the landmarks, spread out.
    """

    rigid: Tensor
    offsets: Tensor
    field: Tensor


@full_precision
def turn_points(points: Tensor, rigid: Tensor) -> Tensor:
    """(B, N, 3) points turned and scaled by (B, 3, 3)."""
    return points @ rigid.transpose(1, 2)


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

    def displacements(self, views: list[View], driving: View) -> list[Displacement]:
        """How the face differs between the driving frame and each view; all views share one pass over the landmarks."""
        rigid = [view.motion.rigid_from(driving.motion) for view in views]
        moved = [view.landmarks - turn_points(driving.landmarks, turn) for view, turn in zip(views, rigid, strict=True)]
        fields = self.field(driving.landmarks, torch.cat(moved, dim=-1), self.config.feature_px).split(3, dim=1)
        return [
            Displacement(turn, view.keypoints - turn_points(driving.keypoints, turn), field)
            for view, turn, field in zip(views, rigid, fields, strict=True)
        ]

    def compose(self, source: View, driving: View, source_features: Tensor, displacement: Displacement) -> Composition:
        """Explain the driving frame.

        Shapes:
            source_features: (B, C, H, W), the portrait's features. displacement: of the portrait.
        """
        config = self.config
        size = config.volume_px
        support = head_support(driving.landmarks, size)  # (B, 1, h, w)
        depth = self.field.depth(driving.landmarks, size)  # (B, 1, h, w)
        prior_mask = self._prior_mask(driving, support)  # (B, K + 2, h, w)
        prior_surface = self._prior_surface(depth)
        compressed = functional.adaptive_avg_pool2d(self.compress(source_features), size)
        seen = self._by_each_motion(displacement, compressed.float(), depth)
        densities = self._densities(source, driving, size)
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
        """Where the driving frame reads the view's appearance volume: (B, D, h, w, 3) unit coordinates."""
        config = self.config
        rigid, offsets = displacement.rigid, displacement.offsets
        field = functional.avg_pool2d(displacement.field, self.scale)
        mask = composition.mask
        here = unit_grid((config.volume_depth, config.volume_px, config.volume_px), like=offsets)
        here = here * here.new_tensor([1.0, 1.0, config.depth_extent])
        still = mask[:, 0, ..., None]
        turned = here @ rigid.transpose(1, 2)[:, None, None]
        moved = mask[:, 1, ..., None] * field.permute(0, 2, 3, 1)[:, None]
        moved = moved + torch.einsum("bkdhw,bkc->bdhwc", mask[:, 2:], offsets)
        grid = still * here + (1 - still) * turned + moved
        return grid / grid.new_tensor([1.0, 1.0, config.depth_extent])

    @full_precision
    def feature_grid(self, composition: Composition, displacement: Displacement) -> Tensor:
        """The same composition seen from the front, averaged over the depth of the visible surface: (B, H, W, 2)."""
        config = self.config
        rigid, offsets, field = displacement.rigid, displacement.offsets, displacement.field
        size = config.feature_px
        surface = composition.surface[:, None]
        weights = (composition.mask * surface).sum(2)  # (B, K + 2, h, w)
        slices = axis_positions(config.volume_depth, offsets) * config.depth_extent
        depth = ((1 - composition.mask[:, 0]) * composition.surface * slices[:, None, None]).sum(1, keepdim=True)
        both = functional.interpolate(
            torch.cat([weights, depth], 1), size=(size, size), mode="bilinear", align_corners=False
        )
        weights, depth = both[:, :-1], both[:, -1:]
        here = unit_grid((size, size), like=offsets).permute(0, 3, 1, 2)  # (1, 2, H, W)
        turned = torch.einsum("bij,bjhw->bihw", rigid[:, :2, :2], (1 - weights[:, :1]) * here)
        turned = turned + rigid[:, :2, 2, None, None] * depth
        moved = weights[:, 1:2] * field[:, :2] + torch.einsum("bkhw,bkc->bchw", weights[:, 2:], offsets[..., :2])
        residual = torch.einsum("bij,bjhw->bihw", rigid[:, :2, :2], composition.residual)
        return (weights[:, :1] * here + turned + moved + residual).permute(0, 2, 3, 1)

    def _prior_mask(self, driving: View, support: Tensor) -> Tensor:
        inside = torch.logit(support.clamp(0.02, 0.98))
        near = gaussian_map(driving.keypoints, support.shape[-1], 2 * DENSITY_SIGMA)
        return torch.cat([torch.zeros_like(inside), inside, inside - 4.0 + 2.0 * near], dim=1)

    def _prior_surface(self, depth: Tensor) -> Tensor:
        slices = axis_positions(self.config.volume_depth, depth) * self.config.depth_extent
        return -0.5 * ((slices[:, None, None] - depth) / SURFACE_SIGMA) ** 2

    def _densities(self, source: View, driving: View, size: int) -> Tensor:
        strength = torch.sigmoid(self.strength)[:, None, None]
        there = strength * gaussian_map(driving.keypoints, size, DENSITY_SIGMA)
        return torch.cat([there, strength * gaussian_map(source.keypoints, size, DENSITY_SIGMA) - there], dim=1)

    @full_precision
    def _by_each_motion(self, displacement: Displacement, compressed: Tensor, depth: Tensor) -> Tensor:
        """The compressed features as each of the K + 2 motions alone would show them: (B, 2 (K + 2), h, w)."""
        size = self.config.volume_px
        rigid, offsets = displacement.rigid, displacement.offsets
        here = unit_grid((size, size), like=depth).permute(0, 3, 1, 2).expand(depth.shape[0], -1, -1, -1)
        turned = torch.einsum("bij,bjhw->bihw", rigid[:, :2], torch.cat([here, depth], dim=1))
        field = turned + functional.avg_pool2d(displacement.field, self.scale)[:, :2]
        grids = torch.cat(
            [here[:, None], field[:, None], turned[:, None] + offsets[:, :, :2, None, None]], dim=1
        )  # (B, K + 2, 2, h, w)
        count = grids.shape[1]
        repeated = compressed[:, None].expand(-1, count, -1, -1, -1).flatten(0, 1)
        seen = sample(repeated, grids.flatten(0, 1).permute(0, 2, 3, 1))
        return seen.reshape(len(depth), -1, size, size)
