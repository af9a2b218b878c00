"""Steadiness: between two consecutive frames the output may change as the truth changes, and not otherwise."""

from __future__ import annotations

from torch import Tensor


def temporal_difference(output: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """L1 between the change of the output and the change of the truth.

    Shapes:
        output, truth: (2 B, 3, S, S), the B first frames and then the B frames after them. weight: (2 B, 1, S, S).
    """
    half = len(truth) // 2
    change = (output[half:] - output[:half]) - (truth[half:] - truth[:half])
    return (weight[half:] * change.abs()).mean()
