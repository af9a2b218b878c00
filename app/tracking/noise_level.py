"""How much a tracker trembles, measured while it tracks: steps that turn back are noise, steps that go on are motion.

The noise of FaceMesh is white to a good approximation, four times as strong on a blurred face as on a sharp one, and
strongest where something covers the face; a fixed constant fits no two cameras. For a value that stands still under
white noise of variance v, two steps in a row have the covariance -v; for one that moves it is positive. (R. Roll, "A
Simple Implicit Measure of the Effective Bid-Ask Spread in an Efficient Market", J. Finance 1984, finds noise so.)
"""

from __future__ import annotations

import numpy as np

from app.tracking.head_frame import Points

MEMORY_S = 2.0
"""About so much of the past counts; shorter would take fast syllables, which go back and forth too, for noise."""

FIRST_GUESS = 0.0015
"""Standard deviation in face sizes until more is known: that of a middling camera."""

GUESS_FRAMES = 2
"""How many frames the first guess is worth: a tracker that trembles is to be known within half a second."""

LEAST, MOST = 0.0002, 0.015
"""Bounds of the estimate, in face sizes: a perfect tracker's, and that of lips behind a microphone."""

LARGEST_TURN, SURPRISE = 0.006, 5.0
"""One turn back counts at most as noise of this size, or as this many times the noise known so far if that is more.

A blink and a syllable also go back, and must not pass for noise; lips behind a microphone must."""


class NoiseLevel:
    """The standard deviation of the tracker's noise for each of many rows (points, or groups of parameters)."""

    def __init__(self, first: Points, surprise: float = SURPRISE) -> None:
        """Begin with these rows, (N, D), in face sizes."""
        self._previous, self._surprise = first, surprise
        self._step: Points | None = None
        self._variance: Points = np.full((len(first), 1), FIRST_GUESS**2)
        self._frames = GUESS_FRAMES

    def update(self, rows: Points, dt_s: float) -> Points:
        """(N, 1), the noise of each row as far as it is known, after `dt_s` seconds more.

        Shapes:
            rows: (N, D), as in the beginning.
        """
        step = rows - self._previous
        if self._step is not None:
            self._learn(-(step * self._step).sum(1, keepdims=True), dt_s)
        self._previous, self._step = rows, step
        return np.sqrt(self._variance)

    def _learn(self, turned: Points, dt_s: float) -> None:
        """Average what turned back: over all frames at first, later over the last seconds."""
        self._frames += 1
        share = max(1.0 - np.exp(-dt_s / MEMORY_S), 1.0 / self._frames)
        turned = np.minimum(turned, np.maximum(LARGEST_TURN**2, self._surprise**2 * self._variance))
        self._variance = np.clip(self._variance + share * (turned - self._variance), LEAST**2, MOST**2)
