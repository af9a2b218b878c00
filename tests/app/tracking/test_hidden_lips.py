from __future__ import annotations

import numpy as np
import pytest

from app.clock import NS_PER_MS
from app.tracking.hidden_lips import HiddenLips
from models.motion.canonical import load_canonical
from models.motion.landmark_sets import LIPS
from models.motion.openness import open_lips
from models.types import FloatArray

STEP_NS = 40 * NS_PER_MS


def speaking(t_s: float, hertz: float = 4.0) -> FloatArray:
    """A canonical face that says "ba ba ba", 150 pixels wide."""
    face = load_canonical()
    return open_lips(face.mean, 0.3 - 0.3 * float(np.cos(2 * np.pi * hertz * t_s)), face) * np.float32(75)


def watch(
    lips: HiddenLips, frames: int, tremble: float, first: int = 0, step_ns: int = STEP_NS, drift_px: float = 0.0
) -> list[bool]:
    """So many pictures of a speaking face whose lips tremble by so much of its width."""
    rng = np.random.default_rng(first)
    said = []
    for number in range(first, first + frames):
        points = speaking(number * step_ns / 1e9)
        points += rng.normal(scale=0.15, size=points.shape)  # what every tracker does
        points[LIPS] += rng.normal(scale=tremble * 150, size=(len(LIPS), 3))
        said.append(lips.update((points + drift_px * number).astype(np.float32), number * step_ns))
    return said


@pytest.mark.parametrize("hertz", [2.0, 3.0, 5.0])
def test_lips_that_speak_are_not_hidden(hertz: float, monkeypatch: pytest.MonkeyPatch) -> None:
    lips, rng = HiddenLips(), np.random.default_rng(0)
    for number in range(150):
        points = speaking(number * 0.04, hertz) + rng.normal(scale=0.15, size=(478, 3))
        assert not lips.update(points.astype(np.float32), number * STEP_NS)


def test_a_head_that_moves_hides_no_lips() -> None:
    assert not any(watch(HiddenLips(), 100, tremble=0.0, drift_px=2.0))


def test_lips_that_are_guessed_anew_in_every_picture_are_hidden_within_a_second_and_seen_again_within_two() -> None:
    lips = HiddenLips()
    assert not any(watch(lips, 50, tremble=0.0))
    assert all(watch(lips, 75, tremble=0.012, first=50)[25:])
    assert not any(watch(lips, 100, tremble=0.0, first=125)[50:])


def test_a_single_jump_is_not_a_hidden_mouth() -> None:
    lips = HiddenLips()
    watch(lips, 50, tremble=0.0)
    assert not any(watch(lips, 1, tremble=0.03, first=50))
    assert not any(watch(lips, 50, tremble=0.0, first=51))


def test_nothing_is_said_of_slow_cameras() -> None:
    assert not any(watch(HiddenLips(), 60, tremble=0.02, step_ns=70 * NS_PER_MS))


def test_points_that_are_no_face_and_another_driver_begin_anew() -> None:
    lips = HiddenLips()
    assert watch(lips, 60, tremble=0.012)[-1]
    assert not lips.update(np.zeros((478, 3), np.float32), 60 * STEP_NS)
    assert watch(lips, 60, tremble=0.012)[-1]
    lips.reset()
    assert not lips.hidden
