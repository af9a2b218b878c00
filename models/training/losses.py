"""What the network is told to care about."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from torch import Tensor

from models.layers.encoding import gaussian_map
from models.synergy.config import ANCHORS, EYE_KEYPOINTS, LIP_KEYPOINTS
from models.synergy.field import BROWS, INNER_LIPS, IRISES, LEFT_EYE, LIPS, RIGHT_EYE
from models.synergy.network import SynergyOutput

PARTS = (LIPS + INNER_LIPS, RIGHT_EYE + LEFT_EYE + IRISES, BROWS)


@dataclass(frozen=True)
class LossWeights:
    """How much each term counts. part_gain: extra weight of eyes, brows and lips."""

    pixel: float = 4.0
    structure: float = 1.0
    gradient: float = 2.0
    warped: float = 1.0
    decoded: float = 1.0
    guide: float = 0.2
    prefer_pixels: float = 0.02
    decide: float = 0.01
    part_gain: float = 5.0


@dataclass(frozen=True)
class Losses:
    """The sum to minimise and its terms for the log."""

    total: Tensor
    terms: dict[str, float]


def part_weight(landmarks: Tensor, size: int, gain: float) -> Tensor:
    """A soft map that is 1 everywhere and up to 1 + gain over eyes, brows and lips: (B, 1, size, size)."""
    maps = [gaussian_map(landmarks[:, list(part)], size // 4, 0.05).amax(1, keepdim=True) for part in PARTS]
    soft = torch.stack(maps).amax(0)
    return 1.0 + gain * functional.interpolate(soft, size=(size, size), mode="bilinear", align_corners=False)


def reconstruction(output: SynergyOutput, truth: Tensor, weights: LossWeights) -> Losses:
    """All terms that need no discriminator.

    Shapes:
        truth: (B, 3, S, S) in [0, 1].
    """
    size = truth.shape[-1]
    weight = part_weight(output.driving.landmarks, size, weights.part_gain)
    terms = {
        "pixel": weights.pixel * _weighted_l1(output.image, truth, weight),
        "structure": weights.structure * (1 - ssim(output.image, truth)),
        "gradient": weights.gradient * _gradient_l1(output.image, truth, weight),
        "warped": weights.warped * _weighted_l1(output.warped_pixels, truth, weight),
        "decoded": weights.decoded * _weighted_l1(output.decoded, truth, weight),
        "guide": weights.guide * keypoint_guide(output),
        "prefer_pixels": weights.prefer_pixels * (1 - output.pixel_mask).mean(),
        "decide": weights.decide * (output.pixel_mask * (1 - output.pixel_mask)).mean(),
    }
    total = torch.stack(list(terms.values())).sum()
    return Losses(total, {name: float(term.detach()) for name, term in terms.items()})


def _weighted_l1(picture: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    return (weight * (picture - truth).abs()).mean()


def _gradient_l1(picture: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    difference = picture - truth
    across = (difference[..., 1:] - difference[..., :-1]).abs() * weight[..., 1:]
    down = (difference[..., 1:, :] - difference[..., :-1, :]).abs() * weight[..., 1:, :]
    return across.mean() + down.mean()


def ssim(picture: Tensor, truth: Tensor) -> Tensor:
    """Mean structural similarity (Wang et al., 2004), 7 x 7 box window: the cheap relative for training."""

    def mean(values: Tensor) -> Tensor:
        return functional.avg_pool2d(values, 7, stride=2)

    a, b = picture.float(), truth.float()
    mean_a, mean_b = mean(a), mean(b)
    var_a, var_b = mean(a * a) - mean_a**2, mean(b * b) - mean_b**2
    cov = mean(a * b) - mean_a * mean_b
    return (
        ((2 * mean_a * mean_b + 1e-4) * (2 * cov + 9e-4)) / ((mean_a**2 + mean_b**2 + 1e-4) * (var_a + var_b + 9e-4))
    ).mean()


def keypoint_guide(output: SynergyOutput, width: float = 0.05, curvature: float = 0.01) -> Tensor:
    """Wing loss between implicit keypoints and the eyelids and lips they are named after (LivePortrait eq. 4)."""
    tied = list(EYE_KEYPOINTS + LIP_KEYPOINTS)
    named = output.driving.landmarks[:, [ANCHORS[k] for k in tied], :2]
    distance = (output.driving.keypoints[:, tied, :2] - named).abs()
    offset = width - width * torch.log(torch.tensor(1 + width / curvature))
    near = width * torch.log(1 + distance / curvature)
    return torch.where(distance < width, near, distance - offset).mean()
