"""The rules of the animator that hold for any weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch

from models.motion.landmark import LandmarkMotionEncoder
from models.synergy.animator import SynergyAnimator
from models.synergy.config import TINY, Stages
from models.synergy.runtime import EagerRuntime, RuntimeFrame
from models.types import FaceView, MotionState, PortraitView, StepOptions
from tests.models.faces import face_state, painted_portrait
from tests.models.synergy.networks import random_network, showing_only_warped_pixels

CPU = torch.device("cpu")
FREE = StepOptions(stitching=False)


def animator(stages: Stages = Stages.SYNERGY, *, pixels_only: bool = False) -> SynergyAnimator:
    network = random_network()
    if pixels_only:
        showing_only_warped_pixels(network)
    return SynergyAnimator(network, CPU, stages, EagerRuntime(network, stages, CPU, torch.float32))


def portrait(turn: float = 0.0, side: int = TINY.image_px) -> PortraitView:
    return painted_portrait(face_state((0.0, turn, 0.0)), side)


def moved(state: MotionState) -> MotionState:
    """The same face, turned and carried to the right."""
    turned = LandmarkMotionEncoder().encode(face_state((0.05, 0.3, 0.0)).keypoints() + np.float32([0.1, 0, 0]))
    return MotionState(state.canonical, state.expression, turned.camera_from_head, turned.scale, turned.translation)


def step(made: SynergyAnimator, prepared: Any, driving: MotionState, options: StepOptions = FREE) -> np.ndarray:
    return made.step(prepared, driving, options).image.numpy().astype(np.int16)


@pytest.mark.parametrize("side", [64, 128])
def test_without_motion_the_portraits_own_pixels_are_reproduced(side: int) -> None:
    made, view = animator(pixels_only=True), portrait(side=side)
    network = made.network
    torch.nn.init.zeros_(network.warp.detail_head.weight)  # type: ignore[union-attr, arg-type]
    torch.nn.init.zeros_(network.warp.detail_head.bias)  # type: ignore[union-attr, arg-type]
    made = SynergyAnimator(network, CPU, Stages.SYNERGY, EagerRuntime(network, Stages.SYNERGY, CPU, torch.float32))  # type: ignore[arg-type]
    prepared = made.prepare(view)

    image = step(made, prepared, made.motion_of(prepared))

    assert image.shape == (side, side, 3)
    inside = slice(side // 16, -side // 16)
    assert np.abs(image - view.image)[inside, inside].max() <= 6


def test_the_order_of_references_does_not_matter() -> None:
    made, view, left, right = animator(), portrait(), portrait(0.4), portrait(-0.4)
    driving = moved(made.motion_of(made.prepare(view)))

    one_way, other_way = (step(made, made.prepare(view, order), driving) for order in ((left, right), (right, left)))

    assert np.abs(one_way - other_way).max() <= 1


@pytest.mark.parametrize(("stages", "least"), [(Stages.EXPLICIT, 0), (Stages.SYNERGY, 20)])
def test_a_reference_changes_the_picture_except_for_stage_one_alone(stages: Stages, least: int) -> None:
    made, other = animator(stages), portrait(0.4)
    negative = PortraitView(255 - other.image, other.landmarks)
    driving = moved(made.motion_of(made.prepare(portrait())))

    alone, helped = (step(made, made.prepare(portrait(), r), driving) for r in ((), (negative,)))

    difference = int(np.abs(alone - helped).max())
    assert (difference > least) if least else (difference == 0)


def test_stitching_keeps_the_border_and_what_is_below_the_neck_as_the_portrait_has_them() -> None:
    made, view = animator(), portrait(side=TINY.image_px)
    prepared = made.prepare(view)
    driving = moved(prepared.state)

    stitched, free = (step(made, prepared, driving, StepOptions(stitching=on)) for on in (True, False))

    changed, unheld = np.abs(stitched - view.image).max(-1), np.abs(free - view.image).max(-1)
    for border in (changed[0], changed[-1], changed[:, 0], changed[:, -1], changed[-4:]):
        assert border.max() <= 1
    assert unheld[-4:].max() > 10
    assert changed[20:44, 20:44].mean() > 5  # the face itself moves


def test_the_persons_mask_moves_with_the_picture() -> None:
    made = animator(pixels_only=True)
    prepared = made.prepare(portrait())
    options = StepOptions(stitching=False, want_foreground=True)

    frame = made.step(prepared, moved(prepared.state), options)

    assert frame.foreground is not None
    assert frame.foreground.shape == frame.image.shape[:2]
    assert 0.0 <= float(frame.foreground.min()) <= float(frame.foreground.max()) <= 1.0
    assert prepared.foreground is not None
    assert float((frame.foreground - prepared.foreground[0, 0]).abs().max()) > 0.3
    assert made.step(prepared, prepared.state, FREE).foreground is None


def test_a_finer_portrait_gives_a_finer_picture_with_its_detail_where_nothing_moves() -> None:
    made = animator(pixels_only=True)
    view = portrait(side=256)
    rng = np.random.default_rng(0)
    rough = (view.image + rng.integers(-30, 30, view.image.shape)).clip(0, 255).astype(np.uint8)
    prepared = made.prepare(PortraitView(rough, view.landmarks))

    image = step(made, prepared, moved(prepared.state), StepOptions(stitching=True))

    assert image.shape == (256, 256, 3)
    assert np.abs(image[-8:] - rough[-8:]).max() <= 2


def test_maps_and_times_come_when_they_are_asked_for() -> None:
    made = animator()
    prepared = made.prepare(portrait(), (portrait(0.4), portrait(-0.4)))

    frame = made.step(prepared, moved(prepared.state), StepOptions(want_maps=True))

    side = TINY.feature_px
    assert frame.maps is not None
    assert frame.maps.flow.shape == (side, side, 2)
    assert frame.maps.confidence.shape == frame.maps.visibility.shape == frame.maps.picture.shape == (side, side)
    assert set(np.unique(frame.maps.picture)) <= {0, 1, 2}
    assert frame.confidence == pytest.approx(float(frame.maps.confidence.mean()), abs=1e-5)
    assert set(frame.stage_ms) == {"network", "stitch", "finish"}
    assert made.step(prepared, prepared.state, FREE).maps is None


@pytest.mark.parametrize(("stages", "confidence"), [(Stages.EXPLICIT, 1.0), (Stages.ATTENTION, 0.0)])
def test_a_stage_alone_is_trusted_wholly(stages: Stages, confidence: float) -> None:
    made = animator(stages)
    prepared = made.prepare(portrait())

    assert made.step(prepared, moved(prepared.state), FREE).confidence == confidence


def test_names_references_and_sizes_are_those_of_the_stages_and_the_network() -> None:
    made = {stages: animator(stages) for stages in Stages}

    assert {a.name: a.uses_references for a in made.values()} == {
        "synergy": True,
        "explicit": False,
        "attention": True,
        "explicit-multi": True,
    }
    assert {(a.input_size, a.framed_size, a.needs_pixels, a.dtype) for a in made.values()} == {
        (64, 64, False, "float32")
    }


def test_a_driver_is_seen_through_landmarks_only() -> None:
    state = face_state((0.0, 0.2, 0.0))

    seen = animator().observe(FaceView(state.keypoints()))

    np.testing.assert_allclose(seen.camera_from_head, state.camera_from_head, atol=1e-3)


class Recorded:
    """A runtime of another make: keeps what it was given and shows the portrait as it is."""

    name, dtype = "recorded", "int8"

    def prepare_bank(self, pictures: Sequence[torch.Tensor], states: Sequence[MotionState]) -> torch.Tensor:
        assert len(pictures) == len(states) == 2
        return pictures[0]

    def run(self, bank: torch.Tensor, driving: MotionState) -> RuntimeFrame:
        del driving
        ones, side = torch.ones(1, 1, 16, 16), TINY.image_px
        flow = torch.zeros(1, 16, 16, 2)
        return RuntimeFrame(bank, torch.ones(1, 1, side, side), flow, 0.25 * ones, ones, ones)


def test_another_runtime_takes_the_place_of_pytorch() -> None:
    made = SynergyAnimator(random_network(), CPU, runtime=Recorded())
    prepared = made.prepare(portrait(), (portrait(0.4),))

    frame = made.step(prepared, prepared.state, FREE)

    assert made.dtype == "int8"
    assert frame.confidence == 0.25
    assert np.abs(frame.image.numpy().astype(int) - portrait().image).max() <= 1
