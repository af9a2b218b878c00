"""Which face is the driver's neutral one."""

from __future__ import annotations

import numpy as np

from app.render.neutral import MOST_FACES, SETTLE_S, NeutralFace
from models.motion.canonical import load_canonical
from models.motion.landmark import LandmarkMotionEncoder
from models.types import FloatArray

S = 1_000_000_000
FACE = load_canonical()


def shape(*, eyes: float = 0.0, lips: float = 0.0, right: float = 0.0) -> FloatArray:
    """The mean face with openness added, moved to the right."""
    opened = FACE.mean + eyes * (FACE.open_left_eye + FACE.open_right_eye) + lips * FACE.open_lips
    return (opened + np.array([right, 0, 0])).astype(np.float32)


CALM = shape(lips=-0.15)


def add(neutral: NeutralFace, landmarks: FloatArray, t_s: float) -> bool:
    return neutral.add(landmarks, LandmarkMotionEncoder().encode(landmarks), int(t_s * S))


def test_the_first_face_is_usable_at_once() -> None:
    neutral = NeutralFace(settle=True)
    assert add(neutral, CALM, 0.0)
    assert np.allclose(neutral.landmarks, CALM)
    assert not neutral.settled


def test_blinks_and_words_are_left_out_of_the_average() -> None:
    neutral = NeutralFace(settle=True)
    for number in range(24):
        blinking, talking = number % 4 == 1, number % 4 == 2
        add(neutral, shape(eyes=-0.15 * blinking, lips=0.3 * talking - 0.15), number / 24)
    assert np.allclose(neutral.landmarks, CALM, atol=1e-4)


def test_trembling_is_averaged_away() -> None:
    neutral, rng = NeutralFace(settle=True), np.random.default_rng(0)
    for number in range(20):
        add(neutral, (CALM + rng.normal(0, 0.002, CALM.shape)).astype(np.float32), number / 25)
    assert np.abs(neutral.landmarks - CALM).std() < 0.001


def test_it_settles_after_a_second_whatever_was_seen_and_then_stays() -> None:
    neutral = NeutralFace(settle=True)
    grimace = shape(eyes=-0.15, lips=0.4)
    add(neutral, grimace, 5.0)
    add(neutral, grimace, 5.0 + SETTLE_S)
    assert neutral.settled
    assert not add(neutral, CALM, 7.0)
    assert np.allclose(neutral.landmarks, grimace, atol=1e-6)


def test_a_fast_camera_does_not_fill_memory() -> None:
    neutral = NeutralFace(settle=True)
    for number in range(MOST_FACES):
        add(neutral, CALM, number / 1e4)
    assert neutral.settled


def test_a_request_takes_the_very_next_face() -> None:
    neutral = NeutralFace(settle=False)
    asked = shape(right=0.2)
    add(neutral, asked, 0.0)
    assert neutral.settled
    assert np.allclose(neutral.landmarks, asked)
