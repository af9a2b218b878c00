"""Small networks with weights made by the rule."""

from __future__ import annotations

import torch

from models.liveportrait.animator import LivePortraitAnimator
from models.liveportrait.config import TINY, LivePortraitConfig
from models.liveportrait.network import LivePortraitNetwork
from tests.models.liveportrait.public_set import SEED
from tests.models.liveportrait.weight_rule import fill_by_rule

CPU = torch.device("cpu")


def ruled_network(config: LivePortraitConfig = TINY, seed: int = SEED) -> LivePortraitNetwork:
    network = LivePortraitNetwork(config).eval()
    fill_by_rule(network, seed)
    network.fix()
    return network.requires_grad_(requires_grad=False)


def ruled_animator(config: LivePortraitConfig = TINY) -> LivePortraitAnimator:
    return LivePortraitAnimator(ruled_network(config), CPU)
