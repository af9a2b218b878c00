from __future__ import annotations

import torch

from models.layers.spade import MOST, Spade


def spade() -> Spade:
    torch.manual_seed(0)
    return Spade(4, 3, 5).eval()


def test_ordinary_features_are_scaled_and_shifted_by_what_the_condition_says() -> None:
    layer, features, condition = spade(), torch.randn(1, 4, 6, 6), torch.randn(1, 3, 6, 6)
    gain, shift = layer.modulation(layer.read(condition)).chunk(2, dim=1)

    torch.testing.assert_close(layer(features, condition), layer.normalise(features) * (1 + gain) + shift)


def test_features_and_conditions_far_from_all_that_was_learned_stay_within_bounds() -> None:
    features, condition = 80.0 * torch.randn(1, 4, 6, 6), 1e4 * torch.randn(1, 3, 6, 6)

    assert float(spade()(features, condition).detach().abs().max()) <= MOST * (1 + MOST) + MOST
