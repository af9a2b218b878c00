"""The One-Euro filter: a low-pass whose cut-off rises with speed; what stands still is steady, what moves is prompt.

G. Casiez, N. Roussel, D. Vogel, "1 Euro Filter: A Simple Speed-based Low-pass Filter for Noisy Input in Interactive
Systems", CHI 2012. As there, the speed is the way from the last filtered value to the new one over the time between
them, low-passed itself, and the cut-off is one at rest plus a slope times that speed. What differs, and why:

- The noise's share of the speed is subtracted before it opens anything. Noise has speed too: without this the filter
  is most open where the tracker trembles most.
- The slope is per unit of noise, not per unit of length: one number fits sharp and blurred faces, lips and foreheads.
- The cut-off at rest falls while a row rests, as that of a plain average does, down to a lowest one: a row that has
  just stopped is steady at once, not after seconds.
- The share of a new value is exact for any time step (1 - exp), not to first order.
"""

from __future__ import annotations

import numpy as np

from app.tracking.head_frame import Points

POSE_DEAD_ZONE, LOCAL_DEAD_ZONE = 4.0, 3.0
"""Times the noise in the speed that is subtracted from it, at the default setting.

Smaller for landmarks, whose blinks and syllables are small; the pose moves far, and all points tremble with it."""

SLOPE_HZ = 0.4
"""The paper's beta: hertz the cut-off gains for each noise a second by which the speed exceeds the dead zone."""

SPEED_CUTOFF_HZ = 6.0
"""Of the low-pass of the speed; high, because blinks last three frames."""

REST_S = 1.5
"""How long a row that rests is averaged: the lowest cut-off is 1 / (2 pi REST_S), about 0.1 Hz.

Slow changes of posture, and of the tracker's mind, are followed."""


class OneEuro:
    """One filter for many rows (points, or groups of parameters), each with a speed and a cut-off of its own."""

    def __init__(self, first: Points) -> None:
        """Begin with these rows, (N, D), any unit."""
        self._value, self._speed = first, np.zeros_like(first)
        self._speed_variance = 0.0  # of the low-passed speed, where the noise of the rows has variance 1
        self._frames: Points = np.ones((len(first), 1))

    @property
    def value(self) -> Points:
        """The filtered rows, (N, D)."""
        return self._value

    @property
    def frames(self) -> Points:
        """How many frames each value is the average of, so to say, (N, 1): 1 where the last row was taken as it is."""
        return self._frames

    def update(self, rows: Points, noise: Points, dt_s: float, dead_zone: float) -> Points:
        """The filtered rows after `dt_s` seconds more.

        Shapes:
            rows: (N, D), in the unit of the first ones. noise: (N, 1), their standard deviation where nothing moves.
        """
        excess = self._speed_beyond_noise(rows, noise, dt_s, dead_zone)
        at_rest = 1.0 / np.minimum(self._frames + 1.0, 1.0 / passed(1.0 / (2.0 * np.pi * REST_S), dt_s))
        # Cut-offs add; the shares that are held back multiply.
        share = 1.0 - (1.0 - at_rest) * (1.0 - passed(SLOPE_HZ * excess / noise, dt_s))
        self._value, self._frames = self._value + share * (rows - self._value), 1.0 / share
        return self._value

    def _speed_beyond_noise(self, rows: Points, noise: Points, dt_s: float, dead_zone: float) -> Points:
        """(N, 1), units a second: 0 for whatever noise alone can be expected to show."""
        share = float(passed(SPEED_CUTOFF_HZ, dt_s))
        self._speed = self._speed + share * ((rows - self._value) / dt_s - self._speed)
        self._speed_variance = (share / dt_s) ** 2 + (1.0 - share) ** 2 * self._speed_variance
        speed = np.linalg.norm(self._speed, axis=1, keepdims=True)
        return np.asarray(np.maximum(0.0, speed - dead_zone * np.sqrt(self._speed_variance) * noise))


def passed(cutoff_hz: float | Points, dt_s: float) -> Points:
    """How much of a new value a first-order low-pass has taken in after `dt_s`."""
    return np.asarray(-np.expm1(-2.0 * np.pi * np.asarray(cutoff_hz) * dt_s))
