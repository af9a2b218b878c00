from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.motion.canonical import load_canonical
from models.motion.controls import Gaze, MotionControls, Region
from models.motion.gaze import gaze_offsets
from models.motion.landmark_sets import LEFT_IRIS, RIGHT_IRIS
from models.motion.openness import eye_openness, lip_openness
from models.motion.rotation import rotation_vector
from models.motion.transfer import MotionTransfer, TurnLimit
from models.types import MotionState
from tests.models.faces import face_state, with_openness

NEUTRAL = face_state((0.1, 0.05, 0.0))
SOURCE = replace(face_state((0.0, -0.2, 0.05), scale=0.45), canonical=load_canonical().mean * np.float32(1.05))
DRIVER = with_openness(replace(face_state((0.2, 0.3, 0.1)), scale=0.5), eyes=0.2, lips=0.6)
TRANSFER = MotionTransfer(neutral=NEUTRAL)


def same(first: MotionState, second: MotionState, atol: float = 1e-4) -> None:
    for name in ("canonical", "expression", "camera_from_head", "translation"):
        np.testing.assert_allclose(getattr(first, name), getattr(second, name), atol=atol, err_msg=name)
    assert first.scale == pytest.approx(second.scale, rel=1e-4)


def test_a_neutral_driver_leaves_the_portrait_as_it_is() -> None:
    same(TRANSFER.drive(SOURCE, NEUTRAL, MotionControls()), SOURCE)


def test_gain_zero_leaves_the_portrait_as_it_is() -> None:
    for relative in (True, False):
        same(TRANSFER.drive(SOURCE, DRIVER, MotionControls(relative=relative, gain=0.0)), SOURCE)


def test_relative_rotation_is_that_of_equation_7_in_the_row_form_of_the_paper() -> None:
    moved = TRANSFER.drive(SOURCE, DRIVER, MotionControls())
    row = [state.camera_from_head.T for state in (DRIVER, NEUTRAL, SOURCE)]

    np.testing.assert_allclose(moved.camera_from_head.T, row[0] @ np.linalg.inv(row[1]) @ row[2], atol=1e-5)


def test_turns_are_followed_exactly_up_to_a_limit_and_less_and_less_beyond() -> None:
    limited = MotionTransfer(NEUTRAL, turns=TurnLimit(free=0.2, more=0.1))

    def shown(yaw: float) -> float:
        driver = replace(
            NEUTRAL, camera_from_head=NEUTRAL.camera_from_head @ face_state((0.0, yaw, 0.0)).camera_from_head
        )
        turn = SOURCE.camera_from_head.T @ limited.drive(SOURCE, driver, MotionControls()).camera_from_head
        return float(np.linalg.norm(rotation_vector(turn)))

    assert shown(0.15) == pytest.approx(0.15, abs=1e-4)
    assert 0.2 < shown(0.3) < shown(0.5) < 0.3
    assert limited.drive(SOURCE, DRIVER, MotionControls(relative=False)).camera_from_head == pytest.approx(
        DRIVER.camera_from_head, abs=1e-5
    )


def test_absolute_motion_is_the_drivers_on_the_portraits_face() -> None:
    moved = TRANSFER.drive(SOURCE, DRIVER, MotionControls(relative=False))

    np.testing.assert_allclose(moved.camera_from_head, DRIVER.camera_from_head, atol=1e-5)
    np.testing.assert_allclose(moved.translation, DRIVER.translation, atol=1e-5)
    np.testing.assert_allclose(moved.expression[:468], DRIVER.expression[:468], atol=1e-4)
    assert moved.scale == pytest.approx(DRIVER.scale)
    assert moved.canonical is SOURCE.canonical


def test_gain_two_turns_and_opens_twice_as_far() -> None:
    driver = with_openness(replace(NEUTRAL, camera_from_head=face_state((0.15, 0.05, 0.0)).camera_from_head), lips=0.4)
    once = TRANSFER.drive(SOURCE, driver, MotionControls())
    twice = TRANSFER.drive(SOURCE, driver, MotionControls(gain=2.0))

    step = SOURCE.camera_from_head.T @ once.camera_from_head
    np.testing.assert_allclose(twice.camera_from_head, SOURCE.camera_from_head @ step @ step, atol=1e-4)
    np.testing.assert_allclose(twice.expression[17], 2 * once.expression[17], atol=1e-4)


def test_small_changes_of_size_do_not_make_the_head_pulse() -> None:
    moved = TRANSFER.drive(SOURCE, replace(NEUTRAL, scale=NEUTRAL.scale * 1.01), MotionControls())
    leant = TRANSFER.drive(SOURCE, replace(NEUTRAL, scale=NEUTRAL.scale * 1.3), MotionControls())

    assert moved.scale / SOURCE.scale == pytest.approx(1.0, abs=0.001)
    assert leant.scale / SOURCE.scale > 1.25


def test_a_driver_who_leaves_cannot_carry_the_head_out_of_the_picture() -> None:
    far = replace(NEUTRAL, translation=NEUTRAL.translation + np.float32(3.0))

    shift = TRANSFER.drive(SOURCE, far, MotionControls()).translation - SOURCE.translation

    assert np.abs(shift).max() < 0.3


@pytest.mark.parametrize("relative", [True, False])
def test_region_pose_keeps_the_expression(relative: bool) -> None:
    moved = TRANSFER.drive(SOURCE, DRIVER, MotionControls(relative=relative, region=Region.POSE))

    np.testing.assert_allclose(moved.expression, SOURCE.expression, atol=1e-5)
    assert np.abs(moved.camera_from_head - SOURCE.camera_from_head).max() > 0.1


@pytest.mark.parametrize("region", [Region.EXPRESSION, Region.EYES, Region.LIPS])
def test_regions_of_the_face_keep_the_pose(region: Region) -> None:
    moved = TRANSFER.drive(SOURCE, DRIVER, MotionControls(region=region))

    np.testing.assert_array_equal(moved.camera_from_head, SOURCE.camera_from_head)
    assert moved.scale == SOURCE.scale


def test_region_eyes_moves_lids_and_not_lips_and_region_lips_the_other_way_round() -> None:
    def openness(region: Region) -> tuple[float, float]:
        shape = SOURCE.canonical + TRANSFER.drive(SOURCE, DRIVER, MotionControls(region=region)).expression
        return eye_openness(shape)[0], lip_openness(shape)

    own = eye_openness(SOURCE.canonical)[0], lip_openness(SOURCE.canonical)
    assert openness(Region.EYES)[0] < 0.6 * own[0]
    assert openness(Region.EYES)[1] == pytest.approx(own[1], abs=0.01)
    assert openness(Region.LIPS)[0] == pytest.approx(own[0], abs=0.01)
    assert openness(Region.LIPS)[1] > own[1] + 0.08


def test_retargeted_eyes_shut_at_0_and_are_as_open_as_the_portraits_at_1() -> None:
    def eyes(wanted: float) -> float:
        moved = TRANSFER.drive(SOURCE, DRIVER, MotionControls(retarget_eyes=wanted))
        return min(eye_openness(moved.canonical + moved.expression))

    assert eyes(0.0) < 0.04
    assert eyes(0.0) < eyes(0.5) < eyes(1.0)
    assert eyes(1.0) == pytest.approx(eye_openness(SOURCE.canonical)[0], abs=0.01)


def test_retargeted_lips_shut_at_0_and_open_wide_at_1() -> None:
    def lips(wanted: float) -> float:
        moved = TRANSFER.drive(SOURCE, NEUTRAL, MotionControls(retarget_lips=wanted))
        return lip_openness(moved.canonical + moved.expression)

    assert abs(lips(0.0)) < 0.02
    assert lips(1.0) == pytest.approx(0.55, abs=0.02)


def looking(state: MotionState, right: tuple[float, float], left: tuple[float, float]) -> MotionState:
    """The same face with irises moved, in half widths of the face."""
    expression = state.expression.copy()
    expression[RIGHT_IRIS, :2] += np.array(right, np.float32)
    expression[LEFT_IRIS, :2] += np.array(left, np.float32)
    return replace(state, expression=expression)


def test_irises_follow_the_drivers_gaze() -> None:
    moved = TRANSFER.drive(SOURCE, looking(NEUTRAL, (0.05, 0.02), (0.05, 0.02)), MotionControls())

    change = gaze_offsets(moved.canonical + moved.expression) - gaze_offsets(SOURCE.canonical)
    assert (change[:, 0] > 0.08).all()
    assert (change[:, 1] > 0.02).all()


def test_eyes_do_not_diverge_when_one_iris_is_tracked_wrongly() -> None:
    moved = TRANSFER.drive(SOURCE, looking(NEUTRAL, (0.1, 0.0), (-0.06, 0.0)), MotionControls())

    change = gaze_offsets(moved.canonical + moved.expression) - gaze_offsets(SOURCE.canonical)
    assert abs(change[0, 0] - change[1, 0]) < 0.05


def gaze_direction(state: MotionState) -> np.ndarray:
    """Where both eyes look on average, camera frame: the eyeball's turn and the head's, relative to the portrait's."""
    offset = (gaze_offsets(state.canonical + state.expression) - gaze_offsets(SOURCE.canonical)).mean(0) / 0.4
    ahead = SOURCE.camera_from_head.T @ np.array([0.0, 0.0, -1.0])
    return np.asarray(state.camera_from_head @ (ahead + np.array([*offset, 0.0])))


@pytest.mark.parametrize("turn", [(0.0, 0.0, 0.0), (0.15, 0.0, 0.0), (0.0, 0.25, 0.0), (-0.1, -0.2, 0.05)])
def test_at_the_camera_irises_stay_there_wherever_head_and_driver_look(turn: tuple[float, float, float]) -> None:
    driver = looking(face_state(turn), (0.06, 0.02), (0.06, 0.02))
    moved = MotionTransfer(neutral=face_state()).drive(SOURCE, driver, MotionControls(gaze=Gaze.CAMERA))

    np.testing.assert_allclose(gaze_direction(moved)[:2], 0.0, atol=0.03)


def test_a_softened_gaze_goes_half_as_far_from_the_camera() -> None:
    transfer, driver = MotionTransfer(neutral=face_state()), looking(face_state((0.0, 0.1, 0.0)), (0.05, 0), (0.05, 0))
    follows, softened, still = (
        gaze_offsets(moved.canonical + moved.expression)
        for moved in (transfer.drive(SOURCE, driver, MotionControls(gaze=gaze)) for gaze in Gaze)
    )

    np.testing.assert_allclose(softened, (follows + still) / 2.0, atol=1e-4)
    assert np.abs(follows - still).max() > 0.05


def test_wrong_controls_are_refused_with_their_name() -> None:
    with pytest.raises(ValueError, match=r"retarget_eyes must be between 0 \(closed\) and 1 \(open\), got 1.5"):
        MotionControls(retarget_eyes=1.5)
    with pytest.raises(ValueError, match="gain must be between 0 and 3"):
        MotionControls(gain=-1.0)
