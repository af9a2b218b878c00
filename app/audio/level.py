"""How loud the microphone is, for a meter."""

from __future__ import annotations

import math
import threading
from collections import deque
from dataclasses import dataclass

import numpy as np

from models.types import FloatArray

SILENT_DBFS = -100.0
"""What silence is called."""

WINDOW_BLOCKS = 30
"""Blocks a reading is taken over: 0.3 s."""


@dataclass(frozen=True)
class SoundLevel:
    """Decibels below full scale: 0 is as loud as it gets, -100 is silence."""

    peak_dbfs: float = SILENT_DBFS
    rms_dbfs: float = SILENT_DBFS


class LevelMeter:
    """Written by the sound thread, read by anyone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # protects the one below
        self._blocks: deque[tuple[float, float]] = deque(maxlen=WINDOW_BLOCKS)

    def add(self, samples: FloatArray) -> None:
        """Count a block in."""
        peak = float(np.abs(samples).max(initial=0.0))
        power = float(np.mean(np.square(samples), dtype=np.float64)) if samples.size else 0.0
        with self._lock:
            self._blocks.append((peak, power))

    def reset(self) -> None:
        """There is no sound any more."""
        with self._lock:
            self._blocks.clear()

    def level(self) -> SoundLevel:
        """Of the latest 0.3 s."""
        with self._lock:
            blocks = list(self._blocks)
        if not blocks:
            return SoundLevel()
        peak = max(peak for peak, _ in blocks)
        power = sum(power for _, power in blocks) / len(blocks)
        return SoundLevel(_dbfs(peak), _dbfs(math.sqrt(power)))


def _dbfs(amplitude: float) -> float:
    return max(SILENT_DBFS, 20 * math.log10(amplitude)) if amplitude > 0 else SILENT_DBFS
