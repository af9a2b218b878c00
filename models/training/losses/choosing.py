"""The soft decisions of the network: which picture, warp or paint, how sure. Averages blur; decisions do not."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as functional
from torch import Tensor

from models.sampling import sample
from models.synergy.network import SynergyOutput

ERROR_OF_DOUBT = 0.06
"""Mean absolute error around a position at which confidence should be 1 / e."""
NEIGHBOURHOOD_CELLS = 5


def selection_entropy(choice: Tensor) -> Tensor:
    """0 where one picture is chosen, 1 where all count alike; 0 with a single picture. Shape: (B, R, H, W)."""
    if choice.shape[1] < 2:
        return choice.new_zeros(())
    share = choice.float().clamp_min(1e-6)
    return -(share * share.log()).sum(1).mean() / math.log(choice.shape[1])


def warp_error(output: SynergyOutput, source: Tensor, truth: Tensor) -> Tensor:
    """Mean absolute error of stage 1's warp around every position of the feature grid: (B, 1, H, W), no gradient.

    Shapes:
        source, truth: (B, 3, S, S), the portrait and what it should have become.
    """
    size = output.confidence.shape[-1]
    with torch.no_grad():
        warped = sample(functional.adaptive_avg_pool2d(source.float(), size), output.flow.float())
        error = (warped - functional.adaptive_avg_pool2d(truth.float(), size)).abs().mean(1, keepdim=True)
        reach = NEIGHBOURHOOD_CELLS // 2
        around = functional.avg_pool2d(error, NEIGHBOURHOOD_CELLS, 1, reach, count_include_pad=False)
    return around


def confidence_calibration(confidence: Tensor, error: Tensor) -> Tensor:
    """Cross-entropy between confidence and how right the warp was; least where confidence = exp(-error / doubt).

    Its own entropy is taken off, so that 0 is a perfect map.
    """
    wanted = (-error / ERROR_OF_DOUBT).exp().clamp(1e-3, 1 - 1e-3)
    sure = confidence.float().clamp(1e-3, 1 - 1e-3)
    entropy = functional.binary_cross_entropy(wanted, wanted)
    return functional.binary_cross_entropy(sure, wanted) - entropy
