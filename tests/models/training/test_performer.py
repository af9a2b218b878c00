from __future__ import annotations

import numpy as np
import pytest
import torch

from models.synergy.config import TINY
from models.synergy.network import SynergyWarpNet
from models.training.corpus import Demand, Sample
from models.training.motions import BatchMotionEncoder
from models.training.performer import Average, Performer, SizedNetworks, held_still, twice, without_parts
from tests.models.training.packs import corpora


@pytest.fixture
def network() -> SynergyWarpNet:
    torch.manual_seed(0)
    return SynergyWarpNet(TINY)


def drawn(*, consecutive: bool = False, pictures: int = 2) -> Sample:
    return corpora()[0].draw(Demand(4, pictures, 64, consecutive=consecutive), np.random.default_rng(0))


def test_one_set_of_weights_serves_every_size(network: SynergyWarpNet) -> None:
    sizes = SizedNetworks(network)
    large = sizes.at(96)
    with torch.no_grad():
        next(network.parameters()).add_(1.0)

    assert large.config.image_px == 96
    assert all(a is b for a, b in zip(network.parameters(), large.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b in zip(network.buffers(), large.buffers(), strict=True))
    assert sizes.at(96) is large


def test_statistics_gathered_at_one_size_are_those_of_all(network: SynergyWarpNet) -> None:
    performer = Performer(network.train(), BatchMotionEncoder())
    sample = corpora()[0].draw(Demand(4, 1, 96), np.random.default_rng(0))
    before = network.appearance.stem[0][1].running_mean.clone()
    performer(sample, 96)

    assert not torch.equal(before, network.appearance.stem[0][1].running_mean)


def test_two_frames_in_a_row_cost_one_preparation_of_the_people(network: SynergyWarpNet) -> None:
    sample = drawn(consecutive=True)
    performance = Performer(network.eval(), BatchMotionEncoder())(sample, 64)

    assert performance.output.image.shape == sample.truth.shape
    alone = network.prepare(sample.pictures[0], sample.motions[0])
    both = twice(alone)
    assert both.pixels.shape[0] == both.view.motion.scale.shape[0] == both.appearance.keys.shape[0] == 4


def test_a_hidden_part_is_wiped_from_tokens_and_pixels_of_that_person_only(network: SynergyWarpNet) -> None:
    sample = drawn(pictures=1)
    picture = network.eval().prepare(sample.pictures[0], sample.motions[0])
    hidden = torch.zeros(4, 3, dtype=torch.bool)
    hidden[1, 0] = True  # the lips of the second person

    changed = without_parts(picture, hidden)

    differs = (changed.appearance.tokens != picture.appearance.tokens).flatten(1).any(1)
    assert differs.tolist() == [False, True, False, False]
    assert torch.equal(changed.appearance.features, picture.appearance.features)
    share = (changed.small[1] == 0.5).float().mean()
    assert 0.0 < float(share) < 0.6


def test_the_average_forgets_the_start_and_follows_slowly_later(network: SynergyWarpNet) -> None:
    average = Average(network, decay=0.9)
    weight, mean = network.unfold[0].weight, average.network.unfold[0].weight
    with torch.no_grad():
        weight.fill_(1.0)
    for step in range(1, 40):
        average.update(step)
    assert float(mean.mean()) > 0.99  # early values weigh little

    with torch.no_grad():
        weight.fill_(2.0)
    average.update(10_000)
    assert float(mean.mean()) == pytest.approx(1.1, abs=0.02)
    assert not any(parameter.requires_grad for parameter in average.network.parameters())


def test_a_network_held_still_gets_no_gradient_and_is_free_again_afterwards() -> None:
    layer = torch.nn.Linear(2, 1)
    values = torch.ones(1, 2, requires_grad=True)
    with held_still(layer):
        out = layer(values)
    out.sum().backward()

    assert layer.weight.grad is None
    assert values.grad is not None
    assert layer.weight.requires_grad
