"""Follows a moving place in a sound without a click: by playing a little faster or slower, or by a cross-fade."""

from __future__ import annotations

import numpy as np

from app.audio.history import SampleHistory
from app.audio.interpolation import Interpolator
from models.types import FloatArray

MAX_BEND = 0.005
"""Sound is played at most 0.5 % faster or slower: a twelfth of a semitone, which nobody hears in speech."""

APPROACH = 0.1
"""Share of the distance that is made up for in each read, so that noise in the wished place is not followed."""

JUMP_S = 0.018
"""Farther away than this, the new place is faded to at once."""


class FractionalReader:
    """Reads a history at a place that somebody else decides and that may change at any time.

    step: samples of the history for each one that is read: the ratio of the two rates, as it should be.
    position: the place of the next sample that is read; None before the first.
    """

    def __init__(self, history: SampleHistory, rate: int, step: float = 1.0) -> None:
        self._history, self._step = history, step
        self._jump = JUMP_S * rate
        self._interpolator = Interpolator(1.0 / step)
        self.position: float | None = None

    @property
    def reach(self) -> int:
        """Samples that must be known beyond the last one read."""
        return self._interpolator.reach + 1

    def follow(self, history: SampleHistory) -> None:
        """Read `history` from now on, at the same place."""
        self._history = history

    def read(self, count: int, wanted: float, step: float | None = None) -> FloatArray:
        """The next `count` samples, nearing `wanted` as the place of the first; `step` is the ratio as it really is.

        Shapes:
            returns: (count, channels) float32.
        """
        step = self._step if step is None else step
        if self.position is None:
            self.position = wanted
        off = wanted - self.position
        if abs(off) > self._jump:
            return self._faded(count, self.position, wanted, step)
        bend = float(np.clip(APPROACH * off / count, -MAX_BEND * step, MAX_BEND * step))
        return self._straight(count, self.position, step + bend)

    def _faded(self, count: int, old: float, new: float, step: float) -> FloatArray:
        share = (0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / count)).astype(np.float32)[:, None]
        before = self._straight(count, old, step)
        after = self._straight(count, new, step)
        return np.asarray(before * (1 - share) + after * share, np.float32)

    def _straight(self, count: int, start: float, step: float) -> FloatArray:
        positions = start + step * np.arange(count)
        first = int(np.floor(start)) - self.reach
        last = int(np.ceil(positions[-1])) + self.reach + 1
        self.position = start + step * count
        return self._interpolator.at(self._history.between(first, last), positions - first)
