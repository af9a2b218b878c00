from __future__ import annotations

import torch
from torch import nn

from models.layers.folding import fold_batch_norms
from tests.models.synergy.golden import animate_golden
from tests.models.synergy.networks import random_network


def test_folding_changes_no_picture_and_leaves_the_original_as_it_was() -> None:
    network = random_network()
    before = animate_golden(network)

    folded = fold_batch_norms(network)

    for name, values in animate_golden(folded).items():
        torch.testing.assert_close(values, before[name], atol=2e-5, rtol=0, msg=name)
        torch.testing.assert_close(animate_golden(network)[name], before[name], atol=0, rtol=0)


def test_only_the_normalisations_without_a_convolution_before_them_stay() -> None:
    folded = fold_batch_norms(random_network())

    left = {name for name, module in folded.named_modules() if isinstance(module, nn.BatchNorm2d)}
    assert left == {f"decoder.blocks.0.{which}.normalise" for which in ("first", "second")}
