from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.motion.small_weights import SmallWeightsRefused, save_small
from models.synergy.animator import MotionNetworks, SynergyAnimator
from models.synergy.stitching import NECK_FROM, Neck, head_share
from models.synergy.stitching_network import (
    BEGINS_BY,
    FARTHEST,
    FORMAT,
    StitchingNetwork,
    load_stitching,
    spread,
    stitching_shapes,
)
from models.types import StepOptions
from models.weights_manifest import find_weights
from tests.models.faces import face_state, painted_portrait
from tests.models.synergy.networks import random_network

SOURCE = face_state()
MOVED = replace(face_state((0.1, 0.4, 0.1), scale=0.44), translation=np.array([0.25, -0.1, 0.0], np.float32))
CPU = torch.device("cpu")


def random_file(folder: Path) -> Path:
    rng = np.random.default_rng(2)
    arrays = {name: rng.normal(0.0, 0.2, shape).astype(np.float32) for name, shape in stitching_shapes().items()}
    save_small(folder / "stitch-tiny.safetensors", FORMAT, arrays, {})
    return folder / "stitch-tiny.safetensors"


@pytest.fixture
def random_stitching(tmp_path: Path) -> StitchingNetwork:
    return load_stitching(random_file(tmp_path))


def test_a_motion_that_moves_nothing_is_left_alone_exactly(random_stitching: StitchingNetwork) -> None:
    stitched = random_stitching.stitch(SOURCE, SOURCE)

    np.testing.assert_array_equal(stitched.driving.keypoints(), SOURCE.keypoints())
    assert stitched.neck == Neck(NECK_FROM, 1.0)


def test_what_s_changes_is_bounded(random_stitching: StitchingNetwork) -> None:
    stitched = random_stitching.stitch(SOURCE, MOVED)
    moved = np.abs(stitched.driving.keypoints() - MOVED.keypoints())

    assert moved.max() > 1e-3
    assert np.abs(stitched.driving.translation - MOVED.translation).max() <= FARTHEST * SOURCE.scale + 1e-6
    assert moved.max() <= 3.0 * FARTHEST * MOVED.scale
    assert abs(float(stitched.neck.begins) - NECK_FROM) <= BEGINS_BY


def test_every_keypoint_takes_the_landmarks_around_it_along() -> None:
    shares = spread()

    assert shares.shape == (478, 21)
    assert shares.min() >= 0.0
    assert shares.sum(1).max() <= 1.0 + 1e-5


def test_a_neck_that_begins_lower_takes_more_of_the_motion() -> None:
    like = torch.zeros(1, 32, 32, 2)
    high, low = (head_share(SOURCE, MOVED, like, Neck(begins, 1.0)) for begins in (0.5, 1.0))

    assert bool((low >= high).all())
    assert float((low - high).sum()) > 1.0


def test_s_acts_only_where_stitching_is_on(random_stitching: StitchingNetwork) -> None:
    network, portrait = random_network(), painted_portrait(SOURCE)
    plain = SynergyAnimator(network, CPU)
    with_s = SynergyAnimator(network, CPU, motion_networks=MotionNetworks(stitching=random_stitching))
    pictures = {}
    for name, animator in (("plain", plain), ("with", with_s)):
        prepared = animator.prepare(portrait)
        for stitching in (False, True):
            frame = animator.step(prepared, MOVED, StepOptions(stitching=stitching))
            pictures[name, stitching] = frame.image.float()

    assert torch.equal(pictures["plain", False], pictures["with", False])
    assert not torch.equal(pictures["plain", True], pictures["with", True])


def test_the_shipped_network_loads_and_stays_near_what_it_was_asked() -> None:
    found = find_weights(("stitch",), "lite")
    assert found is not None, "stitching weights are part of the release"
    stitched = load_stitching(found.path, found.sha256).stitch(SOURCE, MOVED)

    assert np.abs(stitched.driving.keypoints() - MOVED.keypoints()).max() < 0.1


def test_other_weights_are_refused_by_name_and_reason(tmp_path: Path) -> None:
    path = random_file(tmp_path)
    with pytest.raises(SmallWeightsRefused, match=r"^stitch-tiny\.safetensors is refused: it is not the file that was"):
        load_stitching(path, "1" * 64)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(SmallWeightsRefused, match=r"^stitch-tiny\.safetensors is refused: it is not a whole"):
        load_stitching(path)
