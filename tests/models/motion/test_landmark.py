from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import ShapeError
from models.motion.landmark import LandmarkMotionEncoder
from models.motion.rotation import rotation_matrix, rotation_vector, scaled_rotation
from models.motion.similarity import fit_similarity
from tests.models.faces import face_state, with_openness

ENCODER = LandmarkMotionEncoder()
angles = st.floats(-0.7, 0.7)


@settings(deadline=None, max_examples=25)
@given(angles, angles, angles, st.floats(0.1, 0.9))
def test_pose_of_the_posed_mean_face_is_found_again(pitch: float, yaw: float, roll: float, scale: float) -> None:
    state = face_state((pitch, yaw, roll), scale=scale)

    found = ENCODER.encode(state.keypoints())

    np.testing.assert_allclose(found.camera_from_head, state.camera_from_head, atol=1e-4)
    assert found.scale == pytest.approx(scale, rel=1e-4)
    np.testing.assert_allclose(found.translation, state.translation, atol=1e-4)


def test_keypoints_of_an_encoded_face_are_its_landmarks() -> None:
    landmarks = with_openness(face_state((0.1, 0.3, -0.1)), eyes=0.2, lips=0.7).keypoints()
    landmarks += np.random.default_rng(1).normal(0, 0.01, landmarks.shape).astype(np.float32)

    np.testing.assert_allclose(ENCODER.encode(landmarks).keypoints(), landmarks, atol=1e-5)


def test_opening_the_mouth_hardly_turns_the_head() -> None:
    found = ENCODER.encode(with_openness(face_state(), lips=0.8).keypoints())

    assert np.degrees(np.linalg.norm(rotation_vector(found.camera_from_head))) < 2.0
    assert found.scale == pytest.approx(0.4, rel=0.02)


def test_noise_of_depth_hardly_turns_the_head() -> None:
    landmarks = face_state((0.0, 0.2, 0.0)).keypoints()
    landmarks[:, 2] += np.random.default_rng(2).normal(0, 0.03, 478).astype(np.float32)

    turn = ENCODER.encode(landmarks).camera_from_head @ face_state((0.0, 0.2, 0.0)).camera_from_head.T

    assert np.degrees(np.linalg.norm(rotation_vector(turn))) < 1.0


def test_self_reenactment_reproduces_the_driver_on_the_portraits_own_shape() -> None:
    rng = np.random.default_rng(3)
    broad = face_state().keypoints() * np.array([1.08, 0.96, 1.0], np.float32)  # not the mean person
    source = ENCODER.encode(broad)
    driver_shape = source.canonical + with_openness(source, eyes=0.3, lips=0.6).expression
    driver = ENCODER.encode((0.4 * driver_shape + rng.normal(0, 0.001, (478, 3))).astype(np.float32))

    rebuilt = driver.scale * (source.canonical + driver.expression) @ driver.camera_from_head.T + driver.translation

    error = np.linalg.norm((rebuilt - driver.keypoints())[:468, :2], axis=1).mean()
    moved = np.linalg.norm((driver.expression - source.expression)[:468, :2], axis=1).mean() * 0.4
    assert error < 0.5 * moved


def test_another_number_of_landmarks_is_refused() -> None:
    with pytest.raises(ShapeError, match="landmarks must have axes"):
        ENCODER.encode(np.zeros((468, 3), np.float32))


def test_landmarks_on_one_spot_or_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        ENCODER.encode(np.full((478, 3), np.nan, np.float32))
    points = np.ones((4, 3), np.float32)
    with pytest.raises(ValueError, match="lie on one spot"):
        fit_similarity(points, points, np.ones(4, np.float32))


def test_a_similarity_fit_is_never_a_reflection() -> None:
    points = np.random.default_rng(4).normal(size=(20, 3)).astype(np.float32)

    fit = fit_similarity(points, points * np.array([-1, 1, 1], np.float32), np.ones(20, np.float32))

    assert np.linalg.det(fit.rotation) == pytest.approx(1.0, abs=1e-5)


@settings(deadline=None)
@given(st.lists(st.floats(-1.7, 1.7), min_size=3, max_size=3))
def test_rotation_vector_and_matrix_are_inverse(vector: list[float]) -> None:
    wanted = np.array(vector, np.float32)

    np.testing.assert_allclose(rotation_vector(rotation_matrix(wanted)), wanted, atol=2e-3)


def test_half_a_turn_has_an_axis() -> None:
    turn = rotation_matrix(np.array([0.0, np.pi, 0.0], np.float32))

    np.testing.assert_allclose(np.abs(rotation_vector(turn)), [0, np.pi, 0], atol=1e-3)


def test_a_rotation_scaled_by_two_is_done_twice() -> None:
    turn = rotation_matrix(np.array([0.1, 0.2, -0.3], np.float32))

    np.testing.assert_allclose(scaled_rotation(turn, 2.0), turn @ turn, atol=1e-5)
