from __future__ import annotations

import numpy as np
import pytest

from app.audio.level import WINDOW_BLOCKS, LevelMeter, SoundLevel


def test_nothing_and_silence_are_a_hundred_decibels_down() -> None:
    meter = LevelMeter()
    assert meter.level() == SoundLevel(-100.0, -100.0)

    meter.add(np.zeros((480, 1), np.float32))
    assert meter.level() == SoundLevel(-100.0, -100.0)


def test_a_full_sine_has_its_peak_at_zero_and_its_mean_three_decibels_lower() -> None:
    meter = LevelMeter()
    meter.add(np.sin(2 * np.pi * np.arange(4800) / 48).astype(np.float32)[:, None])

    assert meter.level().peak_dbfs == pytest.approx(0.0, abs=0.01)
    assert meter.level().rms_dbfs == pytest.approx(-3.01, abs=0.01)


def test_a_clap_is_seen_for_a_moment_and_then_forgotten() -> None:
    meter = LevelMeter()
    meter.add(np.full((480, 1), 0.5, np.float32))
    for _ in range(WINDOW_BLOCKS - 1):
        meter.add(np.zeros((480, 1), np.float32))
    assert meter.level().peak_dbfs == pytest.approx(-6.02, abs=0.01)

    meter.add(np.zeros((480, 1), np.float32))
    assert meter.level().peak_dbfs == -100.0


def test_a_microphone_that_is_gone_has_no_level() -> None:
    meter = LevelMeter()
    meter.add(np.ones((480, 1), np.float32))
    meter.reset()

    assert meter.level() == SoundLevel()
