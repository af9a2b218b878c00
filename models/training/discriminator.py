"""Critics of the whole picture, the face and the lips: small patch discriminators with spectral normalisation."""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from models.sampling import sample, unit_grid
from models.synergy.field import INNER_LIPS, LIPS
from models.training.losses.adversarial import Verdict

WIDTHS = (32, 64, 128)


class PatchCritic(nn.Module):
    """Scores patches of about 30 px. Shapes: (B, 3, S, S) in [0, 1] -> features and, last, (B, 1, S / 8, S / 8)."""

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        inputs = (3, *widths[:-1])
        self.layers = nn.ModuleList(
            [spectral_norm(nn.Conv2d(a, b, 4, 2, 1)) for a, b in zip(inputs, widths, strict=True)]
        )
        self.score = spectral_norm(nn.Conv2d(widths[-1], 1, 3, 1, 1))

    def forward(self, picture: Tensor) -> Verdict:
        features, seen = picture * 2 - 1, []
        for layer in self.layers:
            features = functional.leaky_relu(layer(features), 0.2)
            seen.append(features)
        return [*seen, self.score(features)]


class Critics(nn.Module):
    """The cascade: whole picture, face, lips, each region seen by a critic of its own at a size of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.whole, self.face, self.lips = PatchCritic(), PatchCritic(), PatchCritic()

    def forward(self, picture: Tensor, landmarks: Tensor) -> list[Verdict]:
        """Judge.

        Shapes:
            picture: (B, 3, S, S); landmarks: (B, 478, 3) unit coordinates.
        """
        size = picture.shape[-1]
        lips = landmarks[:, list(LIPS + INNER_LIPS)]
        return [
            self.whole(picture),
            self.face(region(picture, landmarks, max(32, size // 2), 0.6)),
            self.lips(region(picture, lips, max(32, size // 4), 0.75)),
        ]


def region(picture: Tensor, points: Tensor, size: int, margin: float) -> Tensor:
    """The square around points, with gradient: (B, 3, S, S), (B, N, 3) -> (B, 3, size, size).

    margin: half the square's side over the larger extent of the points.
    """
    low, high = points[..., :2].amin(1), points[..., :2].amax(1)
    half = (high - low).amax(1, keepdim=True) * margin
    here = unit_grid((size, size), like=points)
    grid = (low + high)[:, None, None] / 2 + here * half[:, None, None]
    return sample(picture.float(), grid.float())


def judge_both(critics: nn.Module, real: Tensor, fake: Tensor, landmarks: Tensor) -> list[tuple[Verdict, Verdict]]:
    """Verdicts on the truth and the picture, in one pass."""
    verdicts: list[Verdict] = critics(torch.cat([real, fake]), torch.cat([landmarks, landmarks]))
    half = len(real)
    return [([v[:half] for v in verdict], [v[half:] for v in verdict]) for verdict in verdicts]
