"""Reads sound between its samples, so that clocks that differ by a little can be joined without a click.

A windowed sinc (J. O. Smith's band-limited interpolation) rather than a library's resampler: the delay line must know,
to a fraction of a sample, which moment it reads, and must be able to move there at any time.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.types import FloatArray

HALF_TAPS = 16
"""Samples on each side of the one that is made; 16 keep everything below 18 kHz at 48 kHz within 0.1 dB."""

PHASES = 512
"""Positions between two samples for which weights are tabled; between those they are interpolated."""

ROLL_OFF = 0.91
"""The cut-off as a share of half the rate."""

KAISER_BETA = 8.0
"""Side lobes are 80 dB down."""


class Interpolator:
    """Makes samples at any position of a signal.

    bandwidth: 1 keeps the signal's own; less is needed where it is read in steps of more than one sample.
    """

    def __init__(self, bandwidth: float = 1.0) -> None:
        self.reach = int(np.ceil(HALF_TAPS / min(1.0, bandwidth)))
        """Samples needed before and after a position."""
        cut_off = ROLL_OFF * min(1.0, bandwidth)
        phases = np.linspace(0.0, 1.0, PHASES + 1)[:, None]
        taps = np.arange(1 - self.reach, self.reach + 1)[None, :]
        distance = taps - phases
        window = np.i0(KAISER_BETA * np.sqrt(np.clip(1.0 - (distance / self.reach) ** 2, 0.0, 1.0)))
        weights = np.sinc(cut_off * distance) * window
        self._weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)  # silence stays, level stays
        self._taps = taps[0]

    def at(self, samples: FloatArray, positions: npt.NDArray[np.float64]) -> FloatArray:
        """The signal at `positions`, counted in samples from the first.

        Shapes:
            samples: (n, channels); reaches `reach` samples beyond all positions.
            positions: (m,).
            returns: (m, channels) float32.
        """
        whole = np.floor(positions).astype(np.int64)
        phase = (positions - whole) * PHASES
        lower = phase.astype(np.int64)
        share = (phase - lower).astype(np.float32)[:, None]
        weights = self._weights[lower] * (1 - share) + self._weights[lower + 1] * share
        around = samples[whole[:, None] + self._taps[None, :]]  # (m, taps, channels)
        return np.asarray(np.einsum("mt,mtc->mc", weights, around), np.float32)
