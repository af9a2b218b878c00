"""What of a microphone's sound is speech: band by band, against the room's noise and the speaker's own loudness.

Nothing here depends on how loud a microphone is set: a level counts in decibels above the quietest of the last seconds
(minimum statistics; R. Martin, "Noise power spectral density estimation", IEEE Trans. Speech and Audio 2001), and below
the loudest the speaker has been lately.
"""

from __future__ import annotations

from collections import deque
from typing import cast

import numpy as np
import numpy.typing as npt

from models.types import FloatArray

HOP_S = 0.01
WINDOW_S = 0.025

EDGES_HZ = (300, 600, 1000, 1700, 2600)
"""Low and high first formant, low and high second formant."""

BANDS = len(EDGES_HZ) - 1
SECOND_FORMANT = slice(2, 4)
"""The bands that follow the area between the lips most closely (K. Grant and P. Seitz, "The use of visible speech cues
for improving auditory detection of spoken sentences", JASA 2000): shut or rounded lips take them away, and nasals lack
them, while the first formant's stay in all of those."""

QUIETEST = 1e-10
"""Power that counts as none: -100 dB below full scale."""

FLOOR_S = 3.0
FLOOR_STEPS = 10
"""The floor is the least of so long, kept as the least of every ten hops; a fan that starts is known after it."""

FLOOR_SMOOTHING, FLOOR_BIAS = 0.15, 1.7
"""Share of each hop in the power whose minimum is taken, and how far that minimum lies below the mean of noise."""

HEARD_DB, CLEAR_DB = 5.0, 15.0
"""A band counts from so far above its noise, and fully after so much more."""

SPEECH_DB, SURE_DB = 4.0, 6.0
"""The same for all bands together: single bands of noise reach far above their mean, all at once do not."""

RANGE_DB = 30.0
"""From the loudest down to what counts as nothing."""

FIRST_LOUDNESS_DB = -45.0
LOUDER_SHARE, FADING_DB = 0.15, 0.02
"""How fast the speaker's loudness is learnt when he is louder, and forgotten (2 dB a second of speech) when not."""

Powers = npt.NDArray[np.float64]


class BandPowers:
    """The power in each band of a window of sound."""

    def __init__(self, rate: int) -> None:
        self.window = round(WINDOW_S * rate)
        size = 1 << (self.window - 1).bit_length()
        hertz = np.fft.rfftfreq(size, 1 / rate)
        self._size, self._shape = size, np.hanning(self.window)
        self._scale = 2.0 / (np.square(self._shape).sum() * size)
        self._edges = np.searchsorted(hertz, EDGES_HZ)

    def of(self, samples: FloatArray) -> Powers:
        """(BANDS,), full scale of a sine is 1/2.

        Shapes:
            samples: (window,).
        """
        spectrum = np.fft.rfft(samples * self._shape, self._size)
        sums = np.concatenate([[0.0], np.cumsum(spectrum.real**2 + spectrum.imag**2)])
        return cast(Powers, np.diff(sums[self._edges]) * self._scale + QUIETEST)


class SpeechBands:
    """How strongly each band speaks, hop by hop: 0 is noise or nothing, about 1 as loud as the speaker gets."""

    def __init__(self) -> None:
        self._smooth: Powers | None = None
        self._least: deque[Powers] = deque(maxlen=round(FLOOR_S / HOP_S / FLOOR_STEPS))
        self._loudness_db = FIRST_LOUDNESS_DB
        self._hops = 0

    def step(self, powers: Powers) -> FloatArray:
        """(BANDS,) for the next hop.

        Shapes:
            powers: (BANDS,).
        """
        noise = self._noise(powers)
        speech_db = float(_decibels(powers.sum() / noise.sum()))
        heard = np.maximum(powers - noise, 1e-3 * powers)
        self._learn_loudness(powers, noise, heard)
        loud = (_decibels(heard) - self._loudness_db) / RANGE_DB + 1.0
        clear = (_decibels(powers / noise) - HEARD_DB) / CLEAR_DB
        sure = min(1.0, max(0.0, (speech_db - SPEECH_DB) / SURE_DB))
        return (sure * np.clip(np.minimum(loud, clear * 1.2), 0.0, 1.2)).astype(np.float32)

    def _noise(self, powers: Powers) -> Powers:
        if self._smooth is None:
            self._smooth = powers
        self._smooth = self._smooth + FLOOR_SMOOTHING * (powers - self._smooth)
        if self._hops % FLOOR_STEPS == 0:
            self._least.append(self._smooth)
        self._least[-1] = np.minimum(self._least[-1], self._smooth)
        self._hops += 1
        return cast(Powers, FLOOR_BIAS * np.min(self._least, axis=0))

    def _learn_loudness(self, powers: Powers, noise: Powers, heard: Powers) -> None:
        if powers.sum() < noise.sum() * 10 ** (HEARD_DB / 10):
            return
        above_db = float(_decibels(heard.sum())) - self._loudness_db
        self._loudness_db += LOUDER_SHARE * max(0.0, above_db) - FADING_DB


def _decibels(power: Powers) -> Powers:
    return cast(Powers, 10.0 * np.log10(power))
