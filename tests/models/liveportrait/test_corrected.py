from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from models.liveportrait.config import TINY
from models.liveportrait.corrected import CorrectedNet
from tests.models.liveportrait.networks import ruled_network

SIDE = TINY.input_px


@pytest.fixture
def network() -> CorrectedNet:
    torch.manual_seed(3)
    return CorrectedNet(ruled_network()).eval()


@pytest.fixture(scope="module")
def pictures() -> list[Tensor]:
    rng = np.random.default_rng(4)
    return [torch.from_numpy(rng.random((2, 3, SIDE, SIDE), np.float32)) for _ in range(3)]


@torch.inference_mode()
def test_untrained_it_makes_of_one_picture_what_liveportrait_makes(
    network: CorrectedNet, pictures: list[Tensor]
) -> None:
    portrait, driver = network.motion(pictures[0]), network.motion(pictures[2])
    goal, own = driver.keypoints(portrait.canonical), portrait.keypoints(portrait.canonical)
    warped = network.base.warping_module(network.base.appearance_feature_extractor(pictures[0]), goal, own)

    made = network(pictures[:1], pictures[2])

    torch.testing.assert_close(made.picture, network.base.spade_generator(warped.features), atol=1e-5, rtol=1e-4)


@torch.inference_mode()
def test_shares_of_the_pictures_add_up_to_one_and_confidence_is_a_share(
    network: CorrectedNet, pictures: list[Tensor]
) -> None:
    made = network(pictures, pictures[2])

    assert made.choice.shape[:2] == (2, 3)
    torch.testing.assert_close(made.choice.sum(1), torch.ones_like(made.choice[:, 0]))
    assert bool(((made.confidence >= 0) & (made.confidence <= 1)).all())


def test_what_is_learnt_gets_gradients_and_the_imported_networks_none(
    network: CorrectedNet, pictures: list[Tensor]
) -> None:
    for silent in (network.correction.offer, network.correction.lift[-1], network.correction.trust[-1]):
        torch.nn.init.normal_(silent.weight, std=0.1)  # type: ignore[arg-type]  # a convolution

    network(pictures[:2], pictures[2]).picture.mean().backward()  # type: ignore[no-untyped-call]

    learnt = dict(network.correction.named_parameters())
    assert all(value.grad is not None and bool(value.grad.abs().sum() > 0) for value in learnt.values()), [
        name for name, value in learnt.items() if value.grad is None or not bool(value.grad.abs().sum() > 0)
    ]
    assert all(value.grad is None for value in network.base.parameters())
