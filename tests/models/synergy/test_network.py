"""The rules of SynergyWarpNet that hold for any weights, on the `tiny` preset with random ones."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from models.motion.canonical import load_canonical
from models.sampling import unit_grid
from models.synergy.config import TINY, Stages
from models.synergy.fusion import ConfidenceFusion
from models.synergy.motion import MotionBatch
from models.synergy.network import Picture, SynergyOutput, SynergyWarpNet

SIDE = TINY.image_px


def motion(yaw: float = 0.0, shift: float = 0.0) -> MotionBatch:
    """The average face, turned and moved."""
    angle = torch.tensor(yaw)
    rotation = torch.eye(3)
    rotation[0, 0] = rotation[2, 2] = angle.cos()
    rotation[0, 2], rotation[2, 0] = angle.sin(), -angle.sin()
    face = torch.from_numpy(load_canonical().mean)[None]
    return MotionBatch(
        face, torch.zeros_like(face), rotation[None], torch.tensor([0.45]), torch.tensor([[shift, 0.0, 0.0]])
    )


@pytest.fixture
def network() -> SynergyWarpNet:
    torch.manual_seed(3)
    return SynergyWarpNet(TINY).eval()


def picture(network: SynergyWarpNet, seed: int, yaw: float = 0.0) -> Picture:
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, 8, 8, generator=generator)
    pixels = nn.functional.interpolate(coarse, size=(SIDE, SIDE), mode="bilinear", align_corners=False)
    return network.prepare(pixels, motion(yaw))


def run(network: SynergyWarpNet, pictures: list[Picture], driving: MotionBatch, stages: Stages) -> SynergyOutput:
    with torch.no_grad():
        output: SynergyOutput = network(pictures, driving, stages)
    return output


def test_without_motion_the_flow_reads_every_position_from_itself(network: SynergyWarpNet) -> None:
    source = picture(network, 0)

    output = run(network, [source], motion(), Stages.SYNERGY)

    itself = unit_grid((TINY.feature_px, TINY.feature_px), like=output.flow)
    torch.testing.assert_close(output.flow, itself, atol=1e-4, rtol=0)
    torch.testing.assert_close(output.warped_pixels, source.pixels, atol=5e-3, rtol=0)


def test_an_untrained_flow_carries_the_face_along(network: SynergyWarpNet) -> None:
    output = run(network, [picture(network, 0)], motion(shift=0.2), Stages.EXPLICIT)

    middle = TINY.feature_px // 2
    itself = unit_grid((TINY.feature_px, TINY.feature_px), like=output.flow)
    offset = (output.flow - itself)[0]
    assert offset[middle, middle, 0] == pytest.approx(-0.2, abs=0.03)
    assert offset[0, 0].abs().max() < 0.02


def test_the_order_of_further_references_does_not_matter(network: SynergyWarpNet) -> None:
    source, left, right = picture(network, 0), picture(network, 1, 0.4), picture(network, 2, -0.4)

    one_way = run(network, [source, left, right], motion(0.1), Stages.SYNERGY)
    other_way = run(network, [source, right, left], motion(0.1), Stages.SYNERGY)

    torch.testing.assert_close(one_way.image, other_way.image, atol=1e-5, rtol=0)
    torch.testing.assert_close(one_way.choice[:, 1], other_way.choice[:, 2], atol=1e-5, rtol=0)


def test_a_reference_in_the_drivers_pose_is_preferred_before_anything_is_learned(network: SynergyWarpNet) -> None:
    frontal, turned = picture(network, 0, 0.0), picture(network, 0, 0.5)

    output = run(network, [frontal, turned], motion(0.5), Stages.SYNERGY)

    assert output.choice[:, 1].mean() > output.choice[:, 0].mean()


@pytest.mark.parametrize("stages", list(Stages))
def test_each_stage_alone_makes_a_picture_with_maps_in_their_ranges(network: SynergyWarpNet, stages: Stages) -> None:
    output = run(network, [picture(network, 0), picture(network, 1)], motion(0.2), stages)

    assert output.image.shape == (1, 3, SIDE, SIDE)
    for values in (output.image, output.confidence, output.pixel_mask, output.composition.visibility):
        assert 0.0 <= float(values.min()) <= float(values.max()) <= 1.0
    torch.testing.assert_close(output.composition.mask.sum(1), torch.ones_like(output.composition.mask[:, 0]))


@pytest.mark.parametrize(("bias", "chosen"), [(+40.0, "warped"), (-40.0, "corrected")])
def test_full_confidence_passes_one_input_through_untouched(bias: float, chosen: str) -> None:
    fusion = ConfidenceFusion(TINY).eval()
    last = fusion.score[-1]
    assert isinstance(last, nn.Conv2d)
    assert last.bias is not None
    nn.init.zeros_(last.weight)
    nn.init.constant_(last.bias, bias)
    inputs = {name: torch.rand(1, TINY.channels, 16, 16) for name in ("warped", "corrected")}

    features, _ = fusion(inputs["warped"], inputs["corrected"], torch.rand(1, TINY.hourglass_channels[0], 16, 16))

    torch.testing.assert_close(features, inputs[chosen])


def test_gradients_reach_every_parameter(network: SynergyWarpNet) -> None:
    network.train()
    for parameter in network.parameters():  # heads that start at zero would stop the gradient behind them
        if float(parameter.detach().abs().max()) == 0.0:
            nn.init.normal_(parameter, std=0.02)
    pictures = [picture(network, 0), picture(network, 1, 0.3)]
    expressive = replace(motion(0.2), expression=0.02 * torch.randn(1, 478, 3))

    output: SynergyOutput = network(pictures, expressive, Stages.SYNERGY)
    (output.image.square().mean() + output.warped_pixels.mean()).backward()

    untouched = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.abs().max() > 0]
    assert untouched == []
