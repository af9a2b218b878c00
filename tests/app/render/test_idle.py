"""The portrait that nobody drives."""

from __future__ import annotations

import numpy as np
import pytest

from app.render.easing import Easing
from app.render.idle import BLINK_GAP_S, IdleMotion, IdlePose, blended, ease
from models.motion.landmark import LandmarkMotionEncoder
from models.motion.openness import eye_openness
from models.motion.rotation import rotation_vector
from models.types import MotionState
from tests.helpers.live import small_portrait

S = 1_000_000_000
TIMES_S = np.arange(0.0, 120.0, 1 / 30)


@pytest.fixture(scope="module")
def portrait() -> MotionState:
    return LandmarkMotionEncoder().encode(small_portrait().view.landmarks)


def test_the_portrait_moves_but_hardly(portrait: MotionState) -> None:
    idle = IdleMotion()
    points = np.stack([idle.motion_at(t, portrait).keypoints() for t in TIMES_S])
    moved = np.abs(points - portrait.keypoints()).max(axis=(1, 2))
    assert np.median(moved) > 0.001  # it is seen to live
    assert moved.max() < 0.06  # in half sides of the square: it does not wander
    assert np.abs(np.diff(points, axis=0)).max() < 0.04


def test_it_blinks_at_the_pace_of_a_person_and_closes_its_eyes(portrait: MotionState) -> None:
    idle = IdleMotion()
    blinks = np.array([idle.pose_at(t).blink for t in TIMES_S])
    begun = np.flatnonzero((blinks[1:] > 0) & (blinks[:-1] == 0))
    gaps_s = np.diff(begun) / 30
    assert BLINK_GAP_S[0] < gaps_s.min()
    assert gaps_s.max() < BLINK_GAP_S[1] + 0.5
    assert np.ptp(gaps_s) > 0.5  # never like clockwork
    idle = IdleMotion()
    states = [idle.motion_at(t, portrait) for t in TIMES_S]
    openness = np.array([min(eye_openness(state.canonical + state.expression)) for state in states])
    own = min(eye_openness(portrait.canonical + portrait.expression))
    assert openness[blinks == 0] == pytest.approx(own, abs=0.02)
    assert openness.min() < 0.45 * own


def test_a_pose_of_nothing_changes_nothing(portrait: MotionState) -> None:
    assert np.allclose(IdlePose().moved(portrait).keypoints(), portrait.keypoints(), atol=1e-6)


def test_blending_goes_from_the_start_to_the_end_by_the_shortest_turn(portrait: MotionState) -> None:
    end = IdlePose(pitch=0.3, yaw=-0.4, rise=0.2).moved(portrait)
    assert np.allclose(blended(portrait, end, 0.0).keypoints(), portrait.keypoints(), atol=1e-5)
    assert np.allclose(blended(portrait, end, 1.0).keypoints(), end.keypoints(), atol=1e-5)
    half = blended(portrait, end, 0.5)
    turns = [
        np.linalg.norm(rotation_vector(portrait.camera_from_head.T @ state.camera_from_head)) for state in (half, end)
    ]
    assert turns[0] == pytest.approx(turns[1] / 2, rel=1e-3)


def test_ease_starts_and_ends_at_rest() -> None:
    assert [ease(x) for x in (-1.0, 0.0, 0.5, 1.0, 2.0)] == [0.0, 0.0, 0.5, 1.0, 1.0]
    assert ease(0.01) < 0.001


def test_easing_leads_from_what_was_shown_to_a_moving_target(portrait: MotionState) -> None:
    easing = Easing()
    start, end = IdlePose(rise=0.5).moved(portrait), portrait
    assert easing.toward(start, 0) is start
    easing.begin(S, 0.5)
    assert np.allclose(easing.toward(end, S).translation, start.translation)
    assert np.allclose(easing.toward(end, S + S // 4).translation, (start.translation + end.translation) / 2)
    assert easing.toward(end, S + S // 2) is end


def test_easing_forgets_for_another_portrait(portrait: MotionState) -> None:
    easing = Easing()
    easing.toward(IdlePose(rise=0.5).moved(portrait), 0)
    easing.begin(0, 0.5)
    easing.forget()
    assert easing.toward(portrait, 1) is portrait
