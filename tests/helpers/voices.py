"""Sound for tests that listen: vowels and closures made of sines, and rooms that hiss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.audio.base import RATE
from app.clock import NS_PER_MS, NS_PER_S
from app.packets import AudioBlock
from models.types import FloatArray

BLOCK = RATE // 100
T0_NS = 100 * NS_PER_S


def hiss(seconds: float, level_dbfs: float, seed: int = 0) -> FloatArray:
    """White noise of that level."""
    noise = np.random.default_rng(seed).normal(size=round(seconds * RATE))
    return np.asarray(noise * 10 ** (level_dbfs / 20), np.float32)


Formants = Sequence[tuple[float, float, float]]
"""Frequency, width and height of each."""

A: Formants = ((750.0, 90.0, 1.0), (1200.0, 110.0, 0.6), (2600.0, 160.0, 0.25))
U: Formants = ((320.0, 60.0, 1.0), (700.0, 80.0, 0.2), (2300.0, 150.0, 0.01))
M: Formants = ((260.0, 60.0, 1.0), (1000.0, 200.0, 0.03), (2200.0, 250.0, 0.01))
"""An open mouth, rounded lips, and lips that are shut."""


def vowel(seconds: float, level_dbfs: float = -20.0, pitch_hz: float = 120.0, formants: Formants = A) -> FloatArray:
    """Harmonics under formants, swelling and fading within 20 ms."""
    t = np.arange(round(seconds * RATE)) / RATE
    sound = np.zeros_like(t)
    for hertz in np.arange(pitch_hz, 5000, pitch_hz):
        heights = [gain / (1 + ((hertz - f) / width) ** 2) for f, width, gain in formants]
        sound += sum(heights) * np.sin(2 * np.pi * hertz * t + hertz)
    sound *= 10 ** (level_dbfs / 20) / np.sqrt(np.mean(sound**2))
    edge = np.clip(np.minimum(t, t[-1] - t) / 0.02, 0, 1)
    return np.asarray(sound * edge, np.float32)


def silence(seconds: float) -> FloatArray:
    return np.zeros(round(seconds * RATE), np.float32)


def blocks(sound: FloatArray, t_ns: int = T0_NS) -> list[AudioBlock]:
    """The sound in blocks of 10 ms, from `t_ns` on."""
    count = len(sound) // BLOCK
    return [AudioBlock(sound[n * BLOCK : (n + 1) * BLOCK, None], RATE, t_ns + n * 10 * NS_PER_MS) for n in range(count)]
