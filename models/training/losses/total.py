"""The sum of all terms that need no other network."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from models.synergy.config import Stages
from models.synergy.network import SynergyOutput
from models.training.losses.choosing import confidence_calibration, selection_entropy, warp_error
from models.training.losses.frequency import edge_energy_l1, laplacian_l1, spectrum_l1
from models.training.losses.keypoints import head_pose, keypoint_guide, keypoint_offset, keypoint_spread
from models.training.losses.pixels import gradient_l1, part_weight, weighted_l1
from models.training.losses.structure import multi_scale_ssim
from models.training.losses.temporal import temporal_difference
from models.training.losses.weights import LossWeights

Terms = dict[str, Tensor]


@dataclass(frozen=True)
class Losses:
    """The sum to minimise and its terms for the log, weighted and detached, still on the device."""

    total: Tensor
    terms: Terms

    @classmethod
    def of(cls, terms: Terms) -> Losses:
        """Add up."""
        return cls(
            torch.stack([term.float() for term in terms.values()]).sum(), {k: t.detach() for k, t in terms.items()}
        )


@dataclass(frozen=True)
class Seen:
    """What a loss may look at beside the output.

    Shapes:
        truth, source: (B, 3, S, S) in [0, 1]; source is the portrait.
        consecutive: the second half of the batch are the frames right after the first half.
    """

    truth: Tensor
    source: Tensor
    stages: Stages = Stages.SYNERGY
    consecutive: bool = False


def all_terms(output: SynergyOutput, seen: Seen, weights: LossWeights) -> Terms:
    """Every term of this folder but equivariance, which needs a second set of landmarks."""
    terms = _picture_terms(output, seen.truth, weights) | _prior_terms(output, weights)
    if seen.stages is not Stages.ATTENTION:  # which has no warped pixels
        terms |= _warp_terms(output, seen.truth, weights)
    if seen.stages is Stages.SYNERGY and weights.calibration:
        error = warp_error(output, seen.source, seen.truth)
        terms["calibration"] = weights.calibration * confidence_calibration(output.confidence, error)
    if seen.stages is not Stages.ATTENTION and weights.choose and output.choice.shape[1] > 1:
        terms["choose"] = weights.choose * selection_entropy(output.choice)
    if seen.consecutive and weights.temporal:
        weight = part_weight(output.driving.landmarks, seen.truth.shape[-1], weights.part_gain)
        terms["temporal"] = weights.temporal * temporal_difference(output.image, seen.truth, weight)
    return terms


def _picture_terms(output: SynergyOutput, truth: Tensor, weights: LossWeights) -> Terms:
    weight = part_weight(output.driving.landmarks, truth.shape[-1], weights.part_gain)
    terms = {
        "pixel": weights.pixel * weighted_l1(output.image, truth, weight),
        "structure": weights.structure * (1 - multi_scale_ssim(output.image, truth)),
        "gradient": weights.gradient * gradient_l1(output.image, truth, weight),
        "decoded": weights.decoded * weighted_l1(output.decoded, truth, weight),
    }
    if weights.frequency:
        terms["frequency"] = weights.frequency * spectrum_l1(output.image, truth)
    if weights.bands:
        terms["bands"] = weights.bands * laplacian_l1(output.image, truth)
    if weights.energy:
        terms["energy"] = weights.energy * edge_energy_l1(output.image, truth)
    return terms


def _warp_terms(output: SynergyOutput, truth: Tensor, weights: LossWeights) -> Terms:
    weight = part_weight(output.driving.landmarks, truth.shape[-1], weights.part_gain)
    return {
        "warped": weights.warped * weighted_l1(output.warped_pixels, truth, weight),
        "prefer_pixels": weights.prefer_pixels * (1 - output.pixel_mask).mean(),
        "decide": weights.decide * (output.pixel_mask * (1 - output.pixel_mask)).mean(),
    }


def _prior_terms(output: SynergyOutput, weights: LossWeights) -> Terms:
    return {
        "guide": weights.guide * keypoint_guide(output.driving),
        "spread": weights.spread * keypoint_spread(output.driving),
        "pose": weights.pose * head_pose(output.driving),
        "offset": weights.offset * keypoint_offset(output.driving),
        "residual": weights.residual * output.composition.residual.abs().mean(),
    }
