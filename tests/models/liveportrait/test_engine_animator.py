"""LivePortrait on the engine makes the pictures it makes without, and asks the host for nothing on the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from models.liveportrait.animator import LivePortraitAnimator
from models.liveportrait.config import TINY
from models.liveportrait.engine_animator import EngineLivePortraitAnimator
from models.motion.controls import MotionControls
from models.session.engine import Engine
from models.session.lanes import ONE_LANE
from models.session.plan import Way
from models.types import FaceView, MotionState, PortraitView, StepOptions
from tests.models.faces import face_state, painted_portrait
from tests.models.liveportrait.networks import ruled_animator, ruled_network
from tests.models.session.rehearsal import Rehearsal
from tests.models.synergy.test_engine_animator import asked_of_the_host

WIDE = replace(TINY, middle_blocks=2)


def both(engine: Engine | None = None) -> tuple[LivePortraitAnimator, EngineLivePortraitAnimator]:
    used = engine or Engine(Rehearsal())
    return ruled_animator(WIDE), EngineLivePortraitAnimator(ruled_network(WIDE), used, torch.float32)


def portrait(framed: bool) -> PortraitView:
    return replace(painted_portrait(face_state(), TINY.input_px), framed=framed)


def driven(animator: LivePortraitAnimator, prepared: object) -> MotionState:
    picture = painted_portrait(face_state((0.1, 0.3, 0.0)), TINY.input_px).image
    driver = animator.observe(FaceView(face_state().keypoints(), picture, framed=True))
    source = animator.motion_of(prepared)  # type: ignore[arg-type]
    return animator.transfer(driver).drive(source, driver, MotionControls(relative=False))


@pytest.mark.parametrize("framed", [True, False])
@pytest.mark.parametrize("stitching", [True, False])
def test_the_pictures_are_those_of_the_plain_way(framed: bool, stitching: bool) -> None:
    options = StepOptions(stitching=stitching, want_foreground=True)
    plain, device = both()
    frames = []
    for animator in (plain, device):
        prepared = animator.prepare(portrait(framed))
        frames.append(animator.step(prepared, driven(animator, prepared), options))
    wanted, got = frames

    assert int((got.image.int() - wanted.image.int()).abs().max()) <= 1
    assert got.foreground is not None
    assert wanted.foreground is not None
    torch.testing.assert_close(got.foreground, wanted.foreground, atol=1e-3, rtol=0)


def test_it_is_recorded_like_any_other_and_stays_right() -> None:
    plain, device = both()
    prepared, known = device.prepare(portrait(True)), plain.prepare(portrait(True))
    wanted = plain.step(known, driven(plain, known), StepOptions()).image.int()
    driving = driven(device, prepared)
    device.step(prepared, driving, StepOptions())
    while device.improve():
        pass

    before = device.engine.transfers
    got = device.step(prepared, driving, StepOptions()).image.int()

    found = device.engine.transfers.per_frame(before)
    assert int((got - wanted).abs().max()) <= 1
    assert device.runtime == Way.RECORDED.value
    assert (found["uploads"], found["read_backs"], found["waits"]) == (1, 1, 1)


def test_a_frame_asks_the_host_for_nothing() -> None:
    _, device = both()
    prepared = device.prepare(portrait(False))
    person = device._person(prepared, StepOptions(want_foreground=True))
    row = torch.from_numpy(np.ascontiguousarray(prepared.state.keypoints(), np.float32).reshape(-1))
    with torch.inference_mode():
        person.program.run(row, person.kept, ONE_LANE)

    with asked_of_the_host() as asked:
        person.program.run(row, person.kept, ONE_LANE)

    assert asked == []


def test_all_spade_layers_of_the_middle_read_the_warped_features_in_one_convolution() -> None:
    state = both()[1].network.spade_generator.state_dict()

    assert state["middle_reading.conv.weight"].shape[0] == 4 * WIDE.spade_hidden
    assert "G_middle_0.norm_0.mlp_shared.0.weight" not in state
