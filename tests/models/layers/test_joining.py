"""Joined convolutions make the numbers of the separate ones, and keep nothing."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from models.errors import ModelError
from models.layers.joining import JoinedConvolution, join_convolutions, join_spades
from models.layers.spade import SpadeBlock
from models.synergy.config import BASE
from models.synergy.decoder import SpadeDecoder


def blocks(seed: int = 2) -> nn.Module:
    torch.manual_seed(seed)
    owner = nn.Module()
    owner.add_module("blocks", nn.ModuleList([SpadeBlock(12, 8, 6) for _ in range(3)]))
    for module in owner.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None
            nn.init.normal_(module.running_mean)
    return owner.eval()


def through(owner: nn.Module, features: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
    for block in owner.get_submodule("blocks").children():
        features = block(features, condition)
    return features


def test_spade_blocks_make_the_same_numbers_when_their_first_convolutions_are_one() -> None:
    apart = blocks()
    together = copy.deepcopy(apart)
    join_spades(together, "blocks")
    features, condition = torch.randn(2, 12, 9, 7), torch.randn(2, 8, 9, 7)

    with torch.no_grad():
        for scale in (1.0, 0.5):  # a second frame must not see anything of the first
            torch.testing.assert_close(
                through(together, features, scale * condition), through(apart, features, scale * condition)
            )

    assert sum(isinstance(m, nn.Conv2d) and m.in_channels == 8 for m in together.modules()) == 1
    assert sum(p.numel() for p in together.parameters()) == sum(p.numel() for p in apart.parameters())


def test_nothing_of_a_frame_is_kept() -> None:
    owner = blocks()
    join_spades(owner, "blocks")

    with torch.no_grad():
        through(owner, torch.randn(1, 12, 5, 5), torch.randn(1, 8, 5, 5))

    joined = owner.get_submodule("blocks_reading")
    assert isinstance(joined, JoinedConvolution)
    assert joined._input is None
    assert joined._parts == {}


def test_a_part_that_is_asked_again_before_the_others_reads_its_input_anew() -> None:
    convs = [nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(3, 5, 3, padding=1)]
    joined, picture = JoinedConvolution(convs), torch.randn(1, 3, 6, 6)

    with torch.no_grad():
        for part in (0, 0, 1, 1, 0):
            torch.testing.assert_close(joined.take(picture, part), convs[part](picture))


def test_the_twelve_branches_of_the_base_decoder_are_one_convolution() -> None:
    with torch.device("meta"):
        decoder = SpadeDecoder(BASE)
        join_spades(decoder, "blocks")
        join_spades(decoder, "upper")

    middle, upper = (decoder.get_submodule(f"{name}_reading") for name in ("blocks", "upper"))
    assert isinstance(middle, JoinedConvolution)
    assert isinstance(upper, JoinedConvolution)
    assert (len(middle.widths), middle.conv.out_channels) == (12, 12 * BASE.spade_hidden)
    assert (len(upper.widths), upper.conv.out_channels) == (8, 8 * BASE.spade_hidden)


@pytest.mark.parametrize("other", [nn.Conv2d(3, 4, 1), nn.Conv2d(2, 4, 3), nn.Conv2d(3, 4, 3, bias=False)])
def test_convolutions_that_read_differently_are_not_joined(other: nn.Conv2d) -> None:
    owner = nn.Sequential(nn.Conv2d(3, 4, 3), other)

    with pytest.raises(ModelError, match="only convolutions of one kind can be joined"):
        join_convolutions(owner, "joined", ["0", "1"])
