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
from models.synergy.config import SynergyConfig

POSE_CHANNELS = 4


@dataclass(frozen=True)
class AlignedReference:
    """One picture brought over to the driving frame.

    Shapes:
        features: (B, C, H, W). keys: (B, A, H, W).
        moved: (B, 1, H, W), how far the face had to deform there, unit coordinates.
        turned: (B, 3, 3), rotation from the driving frame to the picture.
    """

    features: Tensor
    keys: Tensor
    moved: Tensor
    turned: Tensor


@dataclass(frozen=True)
class Correction:
    """Shapes: features (B, C, H, W); choice (B, R, H, W), sums to 1 over R; attention_pixels (B, 3, T, T)."""

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

    def forward(self, query: Tensor, references: list[AlignedReference]) -> tuple[Tensor, Tensor]:
        """Blend.

        Shapes:
            query: (B, C_query + C, H, W) -> features (B, C, H, W), choice (B, R, H, W).
        """
        asked = self.query(query)
        scores = [self._score(asked, reference) for reference in references]
        choice = torch.stack(scores, dim=1).softmax(dim=1)
        blended = sum(choice[:, r : r + 1] * reference.features for r, reference in enumerate(references))
        assert isinstance(blended, Tensor)
        return blended, choice

    def _score(self, asked: Tensor, reference: AlignedReference) -> Tensor:
        h, w = asked.shape[-2:]
        turn = _rotation_vector(reference.turned)
        pose = torch.cat([reference.moved, turn[..., None, None].expand(-1, -1, h, w)], dim=1)
        key = torch.cat([reference.keys, pose], dim=1)
        learned: Tensor = (asked * key).sum(1) / asked.shape[1] ** 0.5
        far = self.closeness[0] * reference.moved[:, 0] + self.closeness[1] * turn.norm(dim=1)[:, None, None]
        score: Tensor = learned - far
        return score


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

    def forward(self, query: Tensor, keypoints: Tensor, pictures: list[tuple[Tensor, Tensor, Tensor]]) -> Tensor:
        """Attend.

        Shapes:
            query: (B, C_query, h, w); keypoints: (B, K, 3) of the driver.
            pictures: for each picture its tokens (B, C, T, T), keypoints (B, K, 3) and pixels (B, 3, T, T).

        Returns:
            (B, 2 inner + 3, T, T): attended keys, values, pixels.
        """
        size = self.token_px
        asked = self.ask(torch.cat([functional.adaptive_avg_pool2d(query, size), self._where(keypoints)], dim=1))
        keys = torch.cat([_flat(self.key(torch.cat([t, self._where(k)], dim=1))) for t, k, _ in pictures], dim=1)
        values = torch.cat([torch.cat([_flat(self.value(t)), _flat(p)], dim=-1) for t, _, p in pictures], dim=1)
        batch = keys.shape[0]
        keys = torch.cat([keys, self.spare_key.expand(batch, -1, -1)], dim=1)
        values = torch.cat([values, self.spare_value.expand(batch, -1, -1)], dim=1)
        weights = (_flat(asked) @ keys.transpose(1, 2) * self.inner**-0.5).softmax(dim=-1)  # (B, T T, tokens)
        attended: Tensor = weights @ torch.cat([keys, values], dim=-1)
        return attended.transpose(1, 2).reshape(batch, -1, size, size)

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
        asked: tuple[Tensor, Tensor, Tensor],
        references: list[AlignedReference],
        pictures: list[tuple[Tensor, Tensor, Tensor]],
        *,
        aligned: bool,
    ) -> Correction:
        """Correct.

        Shapes:
            asked: query (B, C_query, h, w), the driver's keypoints (B, K, 3), stage 1's features (B, C, H, W).
            references, pictures: as in `AlignedSelection` and `GlobalAttention`, in the same order.
        """
        query, keypoints, warped = asked
        size = warped.shape[-2:]
        found = self.attention(query, keypoints, pictures)
        lifted = functional.interpolate(self.lift(found), size=size, mode="bilinear", align_corners=False)
        wide = functional.interpolate(query, size=size, mode="bilinear", align_corners=False)
        blended, choice = self.selection(torch.cat([wide, warped], dim=1), references)
        if not aligned:
            blended = torch.zeros_like(blended)
            choice = torch.zeros_like(choice)
        return Correction(blended + self.mix(torch.cat([blended, lifted], dim=1)), choice, found[:, -3:])


def _rotation_vector(rotation: Tensor) -> Tensor:
    """(B, 3, 3) -> (B, 3): the sine of the angle times the axis; enough to tell turns apart below 90 degrees."""
    return 0.5 * torch.stack(
        [
            rotation[:, 2, 1] - rotation[:, 1, 2],
            rotation[:, 0, 2] - rotation[:, 2, 0],
            rotation[:, 1, 0] - rotation[:, 0, 1],
        ],
        dim=1,
    )


def _flat(features: Tensor) -> Tensor:
    return features.flatten(2).transpose(1, 2)  # (B, T T, C)
