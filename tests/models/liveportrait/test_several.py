from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from models.liveportrait.animator import LivePortraitAnimator
from models.liveportrait.config import TINY
from models.liveportrait.several import SeveralAnimator, shares
from models.liveportrait.warp import DenseMotion
from models.types import PortraitView, StepOptions
from tests.models.faces import face_state, painted_portrait
from tests.models.liveportrait.networks import CPU, ruled_network

FREE = StepOptions(stitching=False)
SIDE = TINY.input_px


@pytest.fixture(scope="module")
def views() -> list[PortraitView]:
    """A person, and two pictures that are as different from it as can be."""
    first = replace(painted_portrait(face_state(), SIDE), framed=True)
    rng = np.random.default_rng(5)
    return [first, *(replace(first, image=rng.integers(0, 256, (SIDE, SIDE, 3), np.uint8)) for _ in range(2))]


@pytest.fixture(scope="module")
def several() -> SeveralAnimator:
    return SeveralAnimator(ruled_network(), CPU)


def motion(occlusion: float, shift: float = 0.0, size: int = 4) -> DenseMotion:
    """A flow that reads everything `shift` beside itself."""
    axis = torch.linspace(-1.0, 1.0, size)
    here = torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1) + torch.tensor([shift, 0.0])
    deformation = torch.cat([here, torch.zeros(size, size, 1)], -1)[None, None]
    return DenseMotion(deformation, torch.full((1, 1, size, size), occlusion))


def test_with_one_picture_it_makes_what_liveportrait_makes(several: SeveralAnimator, views: list[PortraitView]) -> None:
    alone = LivePortraitAnimator(ruled_network(), CPU)
    prepared = alone.prepare(views[0])
    driving = replace(prepared.state, translation=prepared.state.translation + np.float32(0.1))

    expected = alone.step(prepared, driving, FREE).image

    assert bool((several.step(several.prepare(views[0]), driving, FREE).image == expected).all())


def test_the_same_picture_again_changes_nothing(several: SeveralAnimator, views: list[PortraitView]) -> None:
    once, twice = several.prepare(views[0]), several.prepare(views[0], [views[0]])
    driving = replace(once.state, translation=once.state.translation + np.float32(0.1))

    difference = several.step(twice, driving, FREE).image.int() - several.step(once, driving, FREE).image.int()

    assert int(difference.abs().max()) <= 1


def test_every_further_picture_is_warped_by_its_own_keypoints(
    several: SeveralAnimator, views: list[PortraitView]
) -> None:
    prepared = several.prepare(views[0], views[1:])
    alone = [several.prepare(view) for view in views[1:]]

    for sight, single in zip(prepared.others, alone, strict=True):
        torch.testing.assert_close(sight.keypoints, single.keypoints)
        torch.testing.assert_close(sight.volume, single.volume)
    driving = alone[0].state
    with_others, without = (several.step(p, driving, FREE).image.int() for p in (prepared, several.prepare(views[0])))
    assert float((with_others - without).abs().float().mean()) > 0.1


@pytest.mark.parametrize(
    ("motions", "angles"),
    [
        ([motion(0.9), motion(0.1)], [0.0, 0.0]),  # what is seen counts more than what is hidden
        ([motion(0.5), motion(0.5, 0.6)], [0.0, 0.0]),  # what is near more than what is far
        ([motion(0.5), motion(0.5)], [0.1, 0.8]),  # and a small turn more than a large one
    ],
)
def test_pictures_count_by_occlusion_and_by_the_distance_of_their_pose(
    motions: list[DenseMotion], angles: list[float]
) -> None:
    share = shares(motions, angles)

    torch.testing.assert_close(share.sum(0), torch.ones(1, 4, 4))
    assert bool((share[0] > 0.7).all())
