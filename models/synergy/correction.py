"""Stage 2, RAC: what several pictures of the person say about every position of the driving frame.

Two ways at once. *Aligned*: each picture is first brought over by its own flow (the composition describes the driving
frame, so it holds for every picture), then a score per picture and position chooses between them. *Global*: one
cross-attention over the tokens of all pictures, with learned spare keys and values for what no picture shows
(Implicit Warping, arXiv 2210.01794). The abstract of SynergyWarpNet does not give the inside of RAC; this is our
reconstruction, and the aligned path is ours (DESIGN section 2 tells why).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from models.layers.conv import conv_block
from models.layers.encoding import gaussian_map
from models.session.lanes import ONE_LANE, Lane, Lanes
from models.synergy.config import SynergyConfig

POSE_CHANNELS = 4

SHARPNESS = 40.0
"""How much more decided pixels are chosen than features: an average of two pictures is a blurred picture."""


@dataclass(frozen=True)
class AlignedReferences:
    """The pictures brought over to the driving frame.

    Shapes:
        features: (R, B, C, H, W). keys: (R, B, A, H, W).
        moved: (R, B, 1, H, W), how far the face had to deform there, unit coordinates.
        turned: (R, B, 3, 3), rotation from the driving frame to the picture.
    """

    features: Tensor
    keys: Tensor
    moved: Tensor
    turned: Tensor


@dataclass(frozen=True)
class Correction:
    """Shapes: features (B, C, H, W); attention_pixels (B, 3, T, T); choice (B, R, H, W), of pixels, sum 1 over R."""

    features: Tensor
    choice: Tensor
    attention_pixels: Tensor


class AlignedSelection(nn.Module):
    """Scores every aligned picture at every position and blends their features by the softmax of the scores."""

    def __init__(self, config: SynergyConfig) -> None:
        super().__init__()
        width, inner = config.channels, config.attention_channels
        self.query = nn.Conv2d(config.hourglass_channels[0] + width, inner + POSE_CHANNELS, 1)
        self.closeness = nn.Parameter(torch.tensor([8.0, 1.0]))

    def forward(self, query: Tensor, references: AlignedReferences) -> tuple[Tensor, Tensor]:
        """Blend.

        Shapes:
            query: (B, C_query + C, H, W) -> features (B, C, H, W), choice (B, R, H, W).
        """
        scores = self._scores(query, references)
        blended = (scores.softmax(dim=0)[:, :, None] * references.features).sum(0)
        return blended, (SHARPNESS * scores).softmax(dim=0).transpose(0, 1)

    def _scores(self, query: Tensor, references: AlignedReferences) -> Tensor:
        """(R, B, H, W): the product of query and key, where the key ends with how far and by what turn it came."""
        inner, (weight, bias) = references.keys.shape[2], (self.query.weight, self.query.bias)
        assert bias is not None
        asked = functional.conv2d(query, weight[:inner], bias[:inner])
        pose = functional.conv2d(query, weight[inner:], bias[inner:])  # apart: slices of channels are copied slowly
        turn = _rotation_vector(references.turned)  # (R, B, 3)
        moved = references.moved[:, :, 0]
        learned = (asked * references.keys).sum(2) + pose[:, 0] * moved + (pose[:, 1:] * turn[..., None, None]).sum(2)
        far = self.closeness[0] * moved + self.closeness[1] * turn.norm(dim=2)[..., None, None]
        scores: Tensor = learned / self.query.out_channels**0.5 - far
        return scores


class GlobalAttention(nn.Module):
    """One cross-attention over the tokens of all pictures at once."""

    def __init__(self, config: SynergyConfig) -> None:
        super().__init__()
        inner, width = config.attention_channels, config.channels
        self.token_px = config.image_px // config.token_stride
        self.inner = inner
        self.ask = nn.Conv2d(config.hourglass_channels[0] + config.keypoints, inner, 1)
        self.key = nn.Conv2d(width + config.keypoints, inner, 1)
        self.value = nn.Conv2d(width, inner, 1)
        self.spare_key = nn.Parameter(torch.randn(1, config.spare_tokens, inner) * 0.02)
        self.spare_value = nn.Parameter(torch.zeros(1, config.spare_tokens, inner + 3))
        self.strength = nn.Parameter(torch.full((config.keypoints,), 2.0))

    def remember(self, tokens: Tensor, keypoints: Tensor, pixels: Tensor, batch: int) -> Tensor:
        """What the driver's queries will look through, the same for every frame.

        Shapes:
            tokens: (R * B, C, T, T), keypoints: (R * B, K, 3) and pixels: (R * B, 3, T, T) of the pictures.

        Returns:
            (B, R T T + spare tokens, 2 inner + 3): keys, values, pixels.
        """
        keys = self.key(torch.cat([tokens, self._where(keypoints)], dim=1))
        found = torch.cat([keys, self.value(tokens), pixels.to(keys.dtype)], dim=1)
        memory = torch.unflatten(found.flatten(2), 0, (-1, batch)).permute(1, 0, 3, 2).flatten(1, 2)
        spare = torch.cat([self.spare_key, self.spare_value], dim=-1).expand(batch, -1, -1)
        return torch.cat([memory, spare.to(memory.dtype)], dim=1)

    def forward(self, query: Tensor, keypoints: Tensor, memory: Tensor) -> Tensor:
        """Attend.

        Shapes:
            query: (B, C_query, h, w); keypoints: (B, K, 3) of the driver; memory: of `remember`.

        Returns:
            (B, 2 inner + 3, T, T): attended keys, values, pixels.
        """
        size = self.token_px
        pooled = functional.adaptive_avg_pool2d(query, size)
        asked = self.ask(torch.cat([pooled, self._where(keypoints)], dim=1)).flatten(2)  # (B, inner, T T)
        keys = memory[..., : self.inner]
        weights = (keys @ asked * self.inner**-0.5).softmax(dim=1)  # (B, tokens, T T)
        attended = memory.transpose(1, 2) @ weights
        return torch.unflatten(attended, 2, (size, size))

    def _where(self, keypoints: Tensor) -> Tensor:
        return torch.sigmoid(self.strength)[:, None, None] * gaussian_map(keypoints, self.token_px, 0.15)


class ReferenceCorrection(nn.Module):
    """Both ways together, on a residual path; `aligned=False` leaves only the global one (ablation)."""

    def __init__(self, config: SynergyConfig) -> None:
        super().__init__()
        width, inner = config.channels, config.attention_channels
        self.selection = AlignedSelection(config)
        self.attention = GlobalAttention(config)
        self.lift = nn.Sequential(conv_block(2 * inner + 3, width), nn.Conv2d(width, width, 1))
        self.mix = nn.Sequential(conv_block(2 * width, width, kernel=1), nn.Conv2d(width, width, 3, padding=1))

    def forward(
        self,
        asked: tuple[Tensor, Tensor, Tensor, Tensor],
        references: AlignedReferences,
        memory: Tensor,
        *,
        aligned: bool,
        lanes: Lanes = ONE_LANE,
    ) -> Correction:
        """Correct.

        Shapes:
            asked: query (B, C_query, h, w), the same on the feature grid (B, C_query, H, W), the driver's keypoints
                (B, K, 3), stage 1's features (B, C, H, W).
            references, memory: as in `AlignedSelection` and `GlobalAttention`.
        """
        query, wide, keypoints, warped = asked
        with lanes.on(Lane.ATTENTION, "global attention"):
            found = self.attention(query, keypoints, memory)
            lifted = self.lift(found)
            lifted = functional.interpolate(lifted, size=warped.shape[-2:], mode="bilinear", align_corners=False)
        blended, choice = self.selection(torch.cat([wide, warped], dim=1), references)
        if not aligned:
            blended = torch.zeros_like(blended)
            choice = torch.zeros_like(choice)
        lanes.join(Lane.ATTENTION)
        return Correction(blended + self.mix(torch.cat([blended, lifted], dim=1)), choice, found[:, -3:])


def _rotation_vector(rotation: Tensor) -> Tensor:
    """(..., 3, 3) -> (..., 3): the sine of the angle times the axis; enough to tell turns apart below 90 degrees."""
    return 0.5 * torch.stack(
        [
            rotation[..., 2, 1] - rotation[..., 1, 2],
            rotation[..., 0, 2] - rotation[..., 2, 0],
            rotation[..., 1, 0] - rotation[..., 0, 1],
        ],
        dim=-1,
    )
