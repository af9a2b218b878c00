from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from models.errors import ModelError
from models.liveportrait.animator import LivePortraitAnimator
from models.liveportrait.config import TINY
from models.liveportrait.state import ImplicitMotion, Openness
from models.motion.controls import MotionControls
from models.types import FaceView, ImageArray, PortraitView, StepOptions
from tests.models.faces import face_state, painted_portrait, with_openness
from tests.models.liveportrait.networks import CPU, ruled_animator, ruled_network

FREE, HELD = StepOptions(stitching=False), StepOptions(stitching=True)
SIDE = TINY.input_px


@pytest.fixture(scope="module")
def animator() -> LivePortraitAnimator:
    return ruled_animator()


@pytest.fixture(scope="module")
def framed() -> PortraitView:
    return replace(painted_portrait(face_state(), SIDE), framed=True)


@pytest.fixture(scope="module")
def driver_picture() -> ImageArray:
    return painted_portrait(face_state((0.1, 0.3, 0.0)), SIDE).image


def planes(image: ImageArray) -> Tensor:
    return torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float() / 255.0


@torch.inference_mode()
def by_hand(portrait: PortraitView, driver: ImageArray, *, stitched: bool) -> Tensor:
    """Algorithm 1 with absolute motion, from the networks alone."""
    network = ruled_network()
    source = motion_by_hand(network.motion_extractor(planes(portrait.image)))
    moved = motion_by_hand(network.motion_extractor(planes(driver)))
    x_s = source["scale"] * (source["kp"] @ source["R"] + source["exp"]) + source["t"]
    x_d = moved["scale"] * (source["kp"] @ moved["R"] + moved["exp"]) + moved["t"]
    if stitched:
        answer = network.retarget_shoulder(torch.cat([x_s.flatten(1), x_d.flatten(1)], 1))
        x_d = x_d + answer[:, :-2].view(1, -1, 3) + torch.cat([answer[:, -2:], torch.zeros(1, 1)], 1)[:, None]
    warped = network.warping_module(network.appearance_feature_extractor(planes(portrait.image)), x_d, x_s)
    picture: Tensor = network.spade_generator(warped.features)[0].permute(1, 2, 0)
    return (picture * 255.0 + 0.5).to(torch.uint8)


def motion_by_hand(heads: object) -> dict[str, Tensor]:
    def angle(name: str) -> Tensor:
        bins = getattr(heads, name).softmax(1)
        return torch.deg2rad((bins * torch.arange(66)).sum(1) * 3 - 97.5)[0]

    x, y, z = angle("pitch"), angle("yaw"), angle("roll")
    o, one = torch.zeros(()), torch.ones(())
    turns = (
        torch.stack([one, o, o, o, x.cos(), -x.sin(), o, x.sin(), x.cos()]).view(3, 3),
        torch.stack([y.cos(), o, y.sin(), o, one, o, -y.sin(), o, y.cos()]).view(3, 3),
        torch.stack([z.cos(), -z.sin(), o, z.sin(), z.cos(), o, o, o, one]).view(3, 3),
    )
    shift = heads.translation.clone()
    shift[:, 2] = 0.0
    return {
        "R": (turns[2] @ turns[1] @ turns[0]).T,
        "kp": heads.canonical.view(1, -1, 3),
        "exp": heads.expression.view(1, -1, 3),
        "scale": heads.scale,
        "t": shift[:, None],
    }


@pytest.mark.parametrize("stitched", [False, True])
def test_a_frame_is_what_the_networks_called_by_hand_make(
    animator: LivePortraitAnimator, framed: PortraitView, driver_picture: ImageArray, stitched: bool
) -> None:
    prepared = animator.prepare(framed)
    driver = animator.observe(FaceView(framed.landmarks, driver_picture, framed=True))
    driving = animator.transfer(driver).drive(animator.motion_of(prepared), driver, MotionControls(relative=False))

    image = animator.step(prepared, driving, HELD if stitched else FREE).image

    expected = by_hand(framed, driver_picture, stitched=stitched)
    assert image.shape == (2 * SIDE, 2 * SIDE, 3)
    assert int((image.int() - expected.int()).abs().max()) <= 1


def test_a_driver_at_rest_moves_nothing(
    animator: LivePortraitAnimator, framed: PortraitView, driver_picture: ImageArray
) -> None:
    prepared = animator.prepare(framed)
    driver = animator.observe(FaceView(framed.landmarks, driver_picture, framed=True))

    driven = animator.transfer(driver).drive(animator.motion_of(prepared), driver, MotionControls())

    np.testing.assert_allclose(driven.keypoints(), prepared.state.keypoints(), atol=1e-6)


def test_a_square_laid_by_the_program_is_animated_in_its_middle_and_stays_at_its_rim(
    animator: LivePortraitAnimator, driver_picture: ImageArray
) -> None:
    portrait = painted_portrait(face_state(scale=0.3), 200)
    prepared = animator.prepare(portrait)
    driver = animator.observe(FaceView(portrait.landmarks, driver_picture))

    image = animator.step(prepared, replace(prepared.state, translation=driver.translation), HELD).image.numpy()

    assert image.shape == portrait.image.shape
    changed = np.abs(image.astype(int) - portrait.image.astype(int)).max(-1)
    assert changed[60:140, 60:140].mean() > 5
    assert changed[:4].max() <= 1
    assert changed[:, :4].max() <= 1


def test_motion_without_a_picture_is_read_off_the_portrait_made_to_follow_the_landmarks() -> None:
    animator = ruled_animator()
    state = face_state(scale=0.3)
    landmarks = with_openness(face_state((0.0, 0.4, 0.0), scale=0.3), lips=0.9).keypoints()
    with pytest.raises(ModelError, match="a portrait has to be prepared before motion is observed"):
        animator.observe(FaceView(landmarks))
    animator.prepare(painted_portrait(state, 200))

    still, moved = (animator.observe(FaceView(points)) for points in (state.keypoints(), landmarks))

    assert np.abs(moved.keypoints() - still.keypoints()).max() > 1e-3
    again = animator.observe(FaceView(landmarks))
    np.testing.assert_array_equal(again.keypoints(), moved.keypoints())


def test_the_puppet_stays_the_first_portrait() -> None:
    animator = ruled_animator()
    state = face_state(scale=0.3)
    animator.prepare(painted_portrait(state, 200))
    before = animator.observe(FaceView(state.keypoints()))

    animator.prepare(replace(painted_portrait(state, 200), image=np.zeros((200, 200, 3), np.uint8)))

    np.testing.assert_array_equal(animator.observe(FaceView(state.keypoints())).keypoints(), before.keypoints())


def test_eyes_and_lips_are_asked_of_the_networks_with_what_is_seen_in_the_portrait(
    animator: LivePortraitAnimator, framed: PortraitView
) -> None:
    prepared = animator.prepare(framed)
    network, source = ruled_network(), prepared.state
    own = source.openness

    moved = animator.transfer(source).drive(source, source, MotionControls(retarget_eyes=0.0, retarget_lips=1.0))

    keypoints = torch.from_numpy(source.keypoints()).view(1, -1)
    with torch.inference_mode():
        eyes = network.retarget_eye(torch.cat([keypoints, torch.tensor([[own.right_eye, own.left_eye, 0.0]])], 1))
        lips = network.retarget_mouth(torch.cat([keypoints, torch.tensor([[own.lips, 0.55]])], 1))
    expected = source.keypoints() + (eyes + lips).view(-1, 3).numpy()
    np.testing.assert_allclose(moved.keypoints(), expected, atol=1e-5)


def test_the_animals_networks_for_stitching_are_not_used_because_they_were_never_trained(framed: PortraitView) -> None:
    network = ruled_network()
    network.config = replace(TINY, name="animals")
    animator = LivePortraitAnimator(network, CPU)
    prepared = animator.prepare(framed)
    driving = replace(prepared.state, translation=prepared.state.translation + np.float32(0.1))

    held, free = (animator.step(prepared, driving, options).image for options in (HELD, FREE))

    assert bool((held == free).all())


def test_the_persons_mask_moves_with_the_picture(animator: LivePortraitAnimator, framed: PortraitView) -> None:
    prepared = animator.prepare(framed)
    wanted = StepOptions(stitching=False, want_foreground=True)

    frame = animator.step(prepared, prepared.state, wanted)

    assert frame.foreground is not None
    assert frame.foreground.shape == frame.image.shape[:2]
    assert 0.0 <= float(frame.foreground.min()) <= float(frame.foreground.max()) <= 1.0
    assert animator.step(prepared, prepared.state, FREE).foreground is None


def test_openness_is_measured_as_gap_over_width() -> None:
    shut, wide = (with_openness(face_state(), eyes=share, lips=share).keypoints() for share in (0.0, 1.0))

    low, high = Openness.of(shut), Openness.of(wide)

    assert low.right_eye < 0.12 < high.right_eye
    assert low.left_eye < 0.12 < high.left_eye
    assert low.lips < 0.05
    assert high.lips > 0.35


def test_states_keep_their_kind_when_they_are_changed(animator: LivePortraitAnimator, framed: PortraitView) -> None:
    source = animator.prepare(framed).state

    driven = animator.transfer(source).drive(source, source, MotionControls(gain=0.5))

    assert isinstance(driven, ImplicitMotion)
    assert driven.openness == source.openness


@torch.inference_mode()
def test_in_half_precision_the_picture_is_nearly_the_same(framed: PortraitView) -> None:
    """On a GPU everything runs under autocast; here bfloat16 stands in for float16."""
    network = ruled_network()
    source = motion_by_hand(network.motion_extractor(planes(framed.image)))
    x_s = source["scale"] * (source["kp"] @ source["R"] + source["exp"]) + source["t"]
    pictures = []
    for half in (False, True):
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            warped = network.warping_module(network.appearance_feature_extractor(planes(framed.image)), x_s + 0.05, x_s)
            pictures.append(network.spade_generator(warped.features).float())
        assert warped.motion.deformation.dtype == torch.float32

    assert float((pictures[0] - pictures[1]).abs().mean()) < 0.01


def test_a_trace_names_the_networks_of_a_frame(animator: LivePortraitAnimator, framed: PortraitView) -> None:
    prepared = animator.prepare(framed)

    with torch.profiler.profile() as profile:
        state = animator.observe(FaceView(framed.landmarks, framed.image, framed=True))
        animator.step(prepared, state, FREE)

    assert {"motion", "warp", "generate"} <= {event.name for event in profile.events() or ()}
