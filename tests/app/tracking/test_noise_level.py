from __future__ import annotations

import numpy as np
import pytest

from app.tracking.noise_level import FIRST_GUESS, LEAST, MOST, NoiseLevel
from models.types import FloatArray

FRAME_S = 0.04


def estimated(track: FloatArray) -> FloatArray:
    """The estimate after the whole track, (N,)."""
    level = NoiseLevel(track[0].astype(np.float64))
    for rows in track[1:]:
        noise = level.update(rows.astype(np.float64), FRAME_S)
    return noise[:, 0].astype(np.float32)


def white(frames: int, sigma: float) -> FloatArray:
    return np.random.default_rng(0).normal(0.0, sigma / np.sqrt(3.0), (frames, 200, 3)).astype(np.float32)


@pytest.mark.parametrize("sigma", [0.0005, 0.002, 0.006])
def test_the_noise_of_points_that_stand_still_is_found(sigma: float) -> None:
    assert np.median(estimated(white(250, sigma))) == pytest.approx(sigma, rel=0.15)


@pytest.mark.parametrize("sigma", [0.0005, 0.005])
def test_the_noise_is_known_within_a_second(sigma: float) -> None:
    """A wrong first guess would open the filter, or hold it shut, as long as it lasts."""
    assert np.median(estimated(white(25, sigma))) == pytest.approx(sigma, rel=0.35)


def test_noise_far_above_the_largest_turn_is_found_too() -> None:
    """Lips behind a microphone."""
    assert np.median(estimated(white(250, 0.012))) >= 0.008


def test_motion_is_not_noise() -> None:
    """A nod of two thirds of a second, as far as a third of the face."""
    phase = 2 * np.pi * 1.5 * FRAME_S * np.arange(100, dtype=np.float32)
    track = white(100, 0.001) + 0.3 * np.sin(phase)[:, None, None]
    assert np.median(estimated(track)) <= FIRST_GUESS


def test_a_blink_is_hardly_noise() -> None:
    track = white(200, 0.001)
    track[-3] += 0.05
    assert np.median(estimated(track)) <= 0.0015


def test_a_few_jumps_there_and_back_are_hardly_noise() -> None:
    track = white(200, 0.001)
    for frame in (-20, -15, -10, -5):
        track[frame] += 0.02
    assert np.median(estimated(track)) <= 0.0025


def test_the_estimate_stays_within_its_bounds() -> None:
    np.testing.assert_allclose(estimated(np.zeros((500, 200, 3), np.float32)), LEAST)
    assert estimated(white(500, 1.0)).max() <= MOST * 1.0001
