from __future__ import annotations

import lzma

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import PackError
from models.training.landmark_code import (
    MAX_UNIT,
    STEPS_PER_UNIT,
    decode_landmarks,
    encode_landmarks,
    nearest_before,
)
from models.types import FloatArray
from tests.helpers.faces import neutral_face
from tests.helpers.packs import wandering_face

PARENTS = nearest_before(neutral_face())


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 6), st.floats(0.0, 4.0), st.integers(0, 2**31))
def test_landmarks_come_back_to_half_a_grid_step_however_they_jump(count: int, spread: float, seed: int) -> None:
    jumps = np.random.default_rng(seed).normal(0, spread, (count, 478, 3))
    landmarks = np.clip(jumps, -MAX_UNIT, MAX_UNIT).astype(np.float32)

    again = decode_landmarks(encode_landmarks(landmarks, PARENTS), count, PARENTS)

    assert again.dtype == np.float32
    assert np.abs(again - landmarks).max() <= 0.5 / STEPS_PER_UNIT + 1e-6


def test_the_error_is_under_a_hundredth_of_a_pixel_of_256() -> None:
    landmarks = wandering_face(30)
    again = decode_landmarks(encode_landmarks(landmarks, PARENTS), 30, PARENTS)

    assert np.abs(again - landmarks).max() * 128 < 0.01


def test_each_landmark_is_predicted_from_landmarks_before_it() -> None:
    assert PARENTS.shape == (478, 2)
    assert (PARENTS[1:] < np.arange(1, 478)[:, None]).all()
    assert (PARENTS[2:, 0] != PARENTS[2:, 1]).all()


def test_a_moving_face_takes_much_less_than_its_numbers() -> None:
    landmarks = wandering_face(60)

    assert len(encode_landmarks(landmarks, PARENTS)) < landmarks.nbytes / 3


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 2 * MAX_UNIT])
def test_what_is_no_place_near_the_picture_is_not_coded(wrong: float) -> None:
    landmarks: FloatArray = wandering_face(2)
    landmarks[1, 7, 0] = wrong

    with pytest.raises(ValueError, match="finite and within 16 units"):
        encode_landmarks(landmarks, PARENTS)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"nothing of the kind", "cannot be decompressed"),
        (encode_landmarks(wandering_face(3), PARENTS)[:-200], "not those of its frames|cannot be decompressed"),
        (encode_landmarks(wandering_face(4), PARENTS), "not those of its frames"),
        (lzma.compress(bytes(50_000_000)), "not those of its frames, 12907 bytes"),
        (lzma.compress(b"\xff" * (478 * 3 * 3 * 3)), "far outside"),
    ],
)
def test_bytes_of_something_else_are_refused_without_unpacking_all_of_them(data: bytes, why: str) -> None:
    with pytest.raises(PackError, match=why):
        decode_landmarks(data, 3, PARENTS)
