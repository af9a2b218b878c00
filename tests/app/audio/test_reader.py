"""Sound read between its samples: exact where it should be, and without a click wherever it goes."""

from __future__ import annotations

import numpy as np
import pytest

from app.audio.history import SampleHistory
from app.audio.interpolation import Interpolator
from app.audio.reader import JUMP_S, MAX_BEND, FractionalReader
from models.types import FloatArray

RATE = 48_000
BLOCK = 480
TONE_HZ = 440.0


def tone(numbers: FloatArray | range, hz: float = TONE_HZ) -> FloatArray:
    """A sine of level 1, sampled at 48 kHz."""
    return np.sin(2 * np.pi * hz / RATE * np.asarray(numbers, np.float64)).astype(np.float32)[:, None]


def full_history(samples: FloatArray) -> SampleHistory:
    history = SampleHistory(len(samples), samples.shape[1])
    history.append(samples)
    return history


STEEPEST = 2 * np.pi * TONE_HZ / RATE
"""The most that neighbouring samples of the tone differ."""


@pytest.mark.parametrize("hz", [100.0, 1000.0, 8000.0, 18_000.0])
@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.987])
def test_between_samples_the_signal_is_what_it_was_before_it_was_sampled(hz: float, share: float) -> None:
    positions = 100 + share + np.arange(300) * 1.0003

    made = Interpolator().at(tone(range(1000), hz), positions)

    wanted = np.sin(2 * np.pi * hz / RATE * positions)
    np.testing.assert_allclose(made[:, 0], wanted, atol=0.001)


def test_a_signal_read_at_a_third_of_its_rate_keeps_out_what_that_rate_cannot_hold() -> None:
    positions = 200 + np.arange(200) * 3.0

    high = Interpolator(1 / 3).at(tone(range(1000), 15_000.0), positions)
    low = Interpolator(1 / 3).at(tone(range(1000), 1000.0), positions)

    assert np.abs(high).max() < 0.01
    np.testing.assert_allclose(low, tone(positions, 1000.0), atol=0.002)


def test_a_place_that_moves_at_the_rate_of_the_sound_is_met_exactly() -> None:
    reader = FractionalReader(full_history(tone(range(RATE))), RATE)

    heard = [reader.read(BLOCK, 5000.25 + n * BLOCK) for n in range(20)]

    np.testing.assert_allclose(np.concatenate(heard), tone(5000.25 + np.arange(20 * BLOCK)), atol=0.001)


@pytest.mark.parametrize("moved_s", [0.001, -0.005, 0.015, -0.017])
def test_a_place_that_moved_a_little_is_reached_without_a_click_by_bending_the_pitch(moved_s: float) -> None:
    reader = FractionalReader(full_history(tone(range(20 * RATE))), RATE)
    before = [reader.read(BLOCK, 8000.0 + n * BLOCK) for n in range(5)]
    place = 8000.0 + 5 * BLOCK + moved_s * RATE

    after = [reader.read(BLOCK, place + n * BLOCK) for n in range(1500)]

    steps = np.abs(np.diff(np.concatenate(before + after)[:, 0]))
    assert steps.max() <= STEEPEST * (1 + MAX_BEND) + 0.001
    assert reader.position == pytest.approx(place + 1500 * BLOCK, abs=0.5)


def test_a_place_that_moved_far_is_reached_within_one_block_by_a_cross_fade() -> None:
    reader = FractionalReader(full_history(tone(range(2 * RATE))), RATE)
    before = reader.read(BLOCK, 10_000.0 - BLOCK)
    far = 10_000.0 + 2 * JUMP_S * RATE

    faded = reader.read(BLOCK, far)
    after = reader.read(BLOCK, far + BLOCK)

    steps = np.abs(np.diff(np.concatenate((before, faded, after))[:, 0]))
    assert steps.max() <= STEEPEST + 2 * np.pi / 2 / BLOCK + 0.001, "no steeper than the tone and the fade together"
    np.testing.assert_allclose(after, tone(far + BLOCK + np.arange(BLOCK)), atol=0.001)


def test_noise_in_the_wished_place_is_hardly_followed() -> None:
    rng = np.random.default_rng(3)
    reader = FractionalReader(full_history(tone(range(10 * RATE))), RATE)
    reader.read(BLOCK, 1000.0)
    off = []

    for n in range(1, 500):
        reader.read(BLOCK, 1000.0 + n * BLOCK + rng.normal(0, 5))
        assert reader.position is not None
        off.append(reader.position - (1000.0 + (n + 1) * BLOCK))

    assert np.std(off) < 2.0


def test_both_channels_are_read_at_the_same_place() -> None:
    left = tone(range(4000))
    reader = FractionalReader(full_history(np.concatenate((left, -left), axis=1)), RATE)

    heard = reader.read(BLOCK, 1520.5)

    np.testing.assert_allclose(heard[:, 0], -heard[:, 1], atol=1e-6)


def test_what_was_never_heard_and_what_was_forgotten_is_silence() -> None:
    history = SampleHistory(100, 1, start=1000)
    history.append(np.ones((150, 1), np.float32))

    assert history.end == 1150
    assert history.between(1049, 1051)[:, 0].tolist() == [0.0, 1.0]
    assert history.between(1149, 1151)[:, 0].tolist() == [1.0, 0.0]


def test_a_gap_is_silence_and_the_numbers_go_on() -> None:
    history = SampleHistory(100, 1)
    history.append(np.ones((10, 1), np.float32))
    history.silent_until(30)
    history.silent_until(20)
    history.append(np.ones((5, 1), np.float32))

    assert history.end == 35
    assert history.between(0, 35)[:, 0].tolist() == [1.0] * 10 + [0.0] * 20 + [1.0] * 5


def test_a_gap_longer_than_the_memory_forgets_everything() -> None:
    history = SampleHistory(50, 1)
    history.append(np.ones((50, 1), np.float32))
    history.silent_until(10_000)

    assert history.end == 10_000
    assert not history.between(9900, 10_000).any()
