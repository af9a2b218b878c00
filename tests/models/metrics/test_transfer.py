from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.metrics.transfer import (
    PER_FACE_WIDTH,
    TransferMeasures,
    angle_deg,
    band_change,
    flicker,
    identity_distance,
    opening_follows,
    tremble_px,
)
from models.motion.rotation import rotation_matrix
from models.types import FloatArray, MotionState
from tests.models.faces import face_state, with_openness

SIDE = 256


def pixels(state: MotionState) -> FloatArray:
    return ((state.keypoints() + np.array([1.0, 1.0, 0.0])) * (SIDE / 2)).astype(np.float32)


def test_a_face_that_does_what_was_wanted_has_no_error() -> None:
    measures = TransferMeasures(SIDE)
    points = pixels(with_openness(face_state((0.1, 0.3, 0.0)), lips=0.6))

    row = measures.compare(points, measures.state_of(points))

    assert row["pose_deg"] == pytest.approx(0.0, abs=0.1)
    assert [row[name] for name in ("expression", "akd_px", "gaze")] == pytest.approx([0.0] * 3, abs=1e-2)


def test_pose_and_expression_are_told_apart() -> None:
    measures = TransferMeasures(SIDE)
    straight = measures.state_of(pixels(face_state()))
    turned = measures.compare(pixels(face_state((0.0, 0.2, 0.0))), straight)
    speaking = measures.compare(pixels(with_openness(face_state(), lips=0.8)), straight)

    assert turned["pose_deg"] == pytest.approx(np.degrees(0.2), rel=0.02)
    assert turned["expression"] < 0.1
    assert speaking["pose_deg"] < 2.0
    assert speaking["expression"] > 2.0
    assert min(turned["akd_px"], speaking["akd_px"]) > 0.5


def test_identity_is_the_shape_without_pose_and_expression() -> None:
    state = face_state()
    wider = replace(state, canonical=state.canonical + np.array([0.02, 0.0, 0.0], np.float32))
    posed = replace(state, camera_from_head=rotation_matrix(np.array([0.0, 0.4, 0.0], np.float32)), scale=0.6)

    assert identity_distance(state, wider) == pytest.approx(0.02 * PER_FACE_WIDTH)
    assert identity_distance(state, posed) == 0.0


def test_the_angle_of_a_rotation_is_its_own() -> None:
    rotation = rotation_matrix(np.array([0.3, 0.0, 0.0], np.float32))

    assert angle_deg(np.eye(3, dtype=np.float32), rotation) == pytest.approx(np.degrees(0.3), rel=1e-4)


def test_only_what_changes_below_the_chin_counts_for_the_band() -> None:
    points = pixels(face_state())
    height = float(np.linalg.norm(points[152, :2] - points[10, :2]))
    portrait = np.full((SIDE, SIDE, 3), 100, np.uint8)
    face, band = portrait.copy(), portrait.copy()
    face[: int(points[152, 1])] = 200
    band[int(points[152, 1] + 0.1 * height) :] = 151

    assert band_change(portrait, face, points) == 0.0
    assert band_change(portrait, band, points) == pytest.approx(51 / 255)


def test_a_chin_at_the_edge_of_the_picture_leaves_no_band() -> None:
    points = pixels(face_state()) + np.array([0.0, SIDE, 0.0], np.float32)
    image = np.zeros((SIDE, SIDE, 3), np.uint8)

    assert band_change(image, image, points) is None


def test_flicker_and_tremble_are_deviations_over_time() -> None:
    dark, light = (np.full((4, 4, 3), value, np.uint8) for value in (10, 14))
    points = pixels(face_state())

    assert flicker([dark, light, dark, light]) == pytest.approx(2.0)
    assert flicker([dark, dark]) == 0.0
    assert tremble_px([points - 3.0, points + 3.0]) == pytest.approx(3.0 * 2**0.5, rel=1e-4)


def test_openness_that_follows_is_1_that_does_the_opposite_is_minus_1_and_that_stays_is_0() -> None:
    wanted = (0.0, 0.5, 1.0)
    opened = {part: [with_openness(face_state(), **{part: want}) for want in wanted] for part in ("eyes", "lips")}

    for part, states in opened.items():
        assert opening_follows(wanted, states, part) == pytest.approx(1.0, abs=0.01)
        assert opening_follows(wanted, states[::-1], part) == pytest.approx(-1.0, abs=0.01)
        assert opening_follows(wanted, [states[0]] * 3, part) == 0.0
        assert opening_follows(wanted, [states[0], None, states[2]], part) is None
