"""Small networks with random but telling weights, and people for them."""

from __future__ import annotations

import torch
from torch import nn

from models.synergy.config import TINY
from models.synergy.network import SynergyWarpNet


def random_network(seed: int = 5) -> SynergyWarpNet:
    """A `tiny` network in which also the parts act that start at zero, and BatchNorm has seen something."""
    torch.manual_seed(seed)
    network = SynergyWarpNet(TINY)
    for parameter in network.parameters():
        if float(parameter.detach().abs().max()) == 0.0:
            nn.init.normal_(parameter, std=0.02)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None
            assert module.running_var is not None
            nn.init.normal_(module.running_mean, std=0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    return network.eval()


def showing_only_warped_pixels(network: SynergyWarpNet) -> SynergyWarpNet:
    """The same with the pixel mask saturated at 1: what is seen is the pictures' own pixels."""
    last = network.decoder.head[0]
    assert isinstance(last, nn.Conv2d)
    assert last.bias is not None
    cells = last.out_channels // 4
    nn.init.zeros_(last.weight)
    nn.init.constant_(last.bias[3 * cells :], 40.0)
    return network
