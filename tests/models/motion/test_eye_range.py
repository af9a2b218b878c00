from __future__ import annotations

from dataclasses import replace

import pytest

from models.motion.canonical import load_canonical
from models.motion.controls import MotionControls, Region
from models.motion.eye_range import ShutEye
from models.motion.openness import CLOSED_EYE, LIPS_WIDE_OPEN, eye_openness, eye_target, lip_openness
from models.motion.transfer import MotionTransfer
from models.types import FloatArray, MotionState
from tests.models.faces import face_state, with_openness

FACE = load_canonical()
SHUT, OPEN = 0.0, 1.0


def eyes(wanted: float, lips: float = 0.0) -> MotionState:
    return with_openness(face_state((0.0, 0.0, 0.0)), eyes=wanted, lips=lips)


def shape(state: MotionState) -> FloatArray:
    return state.canonical + state.expression


def followed(source: MotionState, neutral: MotionState, driver: MotionState, controls: MotionControls) -> MotionState:
    return MotionTransfer(neutral).drive(source, driver, controls)


@pytest.mark.parametrize("neutral", [0.5, 1.4])
@pytest.mark.parametrize("own", [0.5, 1.4])
def test_a_blink_shuts_the_portraits_eyes_however_wide_either_are(neutral: float, own: float) -> None:
    moved = followed(eyes(own), eyes(neutral), eyes(SHUT), MotionControls())
    assert eye_openness(shape(moved)) == pytest.approx((CLOSED_EYE, CLOSED_EYE), abs=0.012)


def test_half_shut_is_half_shut() -> None:
    source, neutral = eyes(1.4), eyes(0.6)
    moved = followed(source, neutral, eyes(0.3), MotionControls())
    wanted = eye_target(shape(source), 0.5, FACE)
    assert eye_openness(shape(moved)) == pytest.approx(wanted, abs=0.02)


def test_eyes_more_open_than_the_neutral_ones_are_carried_over_as_a_change() -> None:
    source, neutral, driver = eyes(1.0), eyes(0.7), eyes(1.0)
    moved = followed(source, neutral, driver, MotionControls())
    change = eye_openness(shape(driver))[0] - eye_openness(shape(neutral))[0]
    assert eye_openness(shape(moved))[0] - eye_openness(shape(source))[0] == pytest.approx(change, rel=0.2)


def test_half_the_gain_shuts_them_half_way() -> None:
    source = eyes(OPEN)
    moved = followed(source, eyes(OPEN), eyes(SHUT), MotionControls(gain=0.5))
    assert eye_openness(shape(moved)) == pytest.approx(eye_target(shape(source), 0.5, FACE), abs=0.02)


@pytest.mark.parametrize("controls", [MotionControls(region=Region.LIPS), MotionControls(relative=False)])
def test_other_regions_and_absolute_motion_are_left_alone(controls: MotionControls) -> None:
    source, driver = eyes(1.4), eyes(0.3)
    moved = followed(source, eyes(0.6), driver, controls)
    wanted = driver if not controls.relative else source
    assert eye_openness(shape(moved)) == pytest.approx(eye_openness(shape(wanted)), abs=0.01)


def test_lips_touch_and_do_not_pass_through_each_other() -> None:
    moved = followed(eyes(OPEN, lips=0.02), eyes(OPEN, lips=0.3), eyes(OPEN, lips=0.0), MotionControls())
    assert lip_openness(shape(moved)) == pytest.approx(0.0, abs=0.02 * LIPS_WIDE_OPEN)


def test_what_counts_as_shut_is_learnt_from_blinks() -> None:
    eye = ShutEye(0.25)
    for _ in range(3):
        for openness in (0.25, 0.12, 0.07, 0.06, 0.09, 0.24):
            eye.share(openness)
    assert eye.shut == 0.06
    assert eye.share(0.06) == 0.0
    assert eye.share(0.25) == 1.0


def test_a_squint_is_no_blink() -> None:
    eye = ShutEye(0.25)
    for openness in (0.25, 0.13, 0.12, 0.13, 0.25):
        eye.share(openness)
    assert eye.shut == CLOSED_EYE


def test_a_portrait_with_shut_eyes_keeps_them() -> None:
    source = eyes(SHUT)
    moved = followed(source, eyes(OPEN), replace(eyes(OPEN), scale=0.45), MotionControls())
    assert eye_openness(shape(moved)) == pytest.approx(eye_openness(shape(source)), abs=1e-3)
