"""The mouth as the microphone hears it: an openness for every moment of the last second.

For the times when the camera does not see the mouth. It holds no picture and no sound, only numbers. An open mouth is
heard in the bands of the second formant (`app.audio.speech_bands`), followed as fast as mouths open and close; nothing
in it was fitted to recordings of people (docs/measurements.md says how well it follows them).
"""

from __future__ import annotations

import math
import threading
from bisect import bisect_right
from collections import deque

import numpy as np

from app.audio.speech_bands import HOP_S, SECOND_FORMANT, BandPowers, SpeechBands
from app.clock import NS_PER_MS, NS_PER_S
from app.packets import AudioBlock
from models.types import FloatArray

HOP_NS = round(HOP_S * NS_PER_S)

KEPT_HOPS = 100
"""A second."""

OPENING_HZ, CLOSING_HZ = 12.0, 4.0
"""How fast the mouth opens and closes: syllables come at 2 to 7 a second (C. Chandrasekaran et al., "The natural
statistics of audiovisual speech", PLoS Computational Biology 2009), and lips begin to open before they are heard."""

LEAD_NS = 60 * NS_PER_MS
"""Lips are so long ahead of the sound: where it has come already, a moment is answered with the sound so much later."""

TOLERANCE_NS = 5 * NS_PER_MS
"""A block that begins so much off the end of the last one follows it."""

FADES_NS, STALE_NS = 100 * NS_PER_MS, 300 * NS_PER_MS
"""Without sound for so long the mouth begins to close; without it for so long there is no voice to follow."""

MUTED_HOPS = 100
"""A second of nothing but zeros is a muted microphone, not a silent room."""

SPAN, WIDEST, SHUT = 1.2, 0.8, 0.02
"""The loudest vowels of synthetic speech reach 0.68, and shall open the mouth as wide as lively talk does; lips that
are hardly apart are shut."""


class HeardOpenness:
    """Sound in, openness out, hop by hop; the noise and loudness it knows survive a gap. Not safe for threads."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._powers, self._bands = BandPowers(rate), SpeechBands()
        self._hop = round(HOP_S * rate)
        self.skip()

    def skip(self) -> None:
        """Sound was lost: what comes is not the continuation of what was."""
        self._sound: FloatArray = np.zeros(self._powers.window - self._hop, np.float32)
        self._level = 0.0

    @property
    def waiting(self) -> int:
        """Samples that were taken and are not part of a whole hop yet."""
        return len(self._sound) - (self._powers.window - self._hop)

    def push(self, samples: FloatArray) -> list[float]:
        """The openness at the end of every hop that `samples` (n,) complete."""
        self._sound = np.concatenate([self._sound, samples])
        heard = []
        while len(self._sound) >= self._powers.window:
            bands = self._bands.step(self._powers.of(self._sound[: self._powers.window]))
            self._follow(float(bands[SECOND_FORMANT].mean()))
            openness = min(WIDEST, SPAN * self._level)
            heard.append(openness if openness > SHUT else 0.0)
            self._sound = self._sound[self._hop :]
        return heard

    def _follow(self, loud: float) -> None:
        hertz = OPENING_HZ if loud > self._level else CLOSING_HZ
        self._level += (1.0 - math.exp(-2 * math.pi * hertz * HOP_S)) * (loud - self._level)


class VoiceMouth:
    """An `AudioListener`: told of blocks by the sound thread, asked for openness by any other."""

    def __init__(self) -> None:
        self._heard: HeardOpenness | None = None  # this and the two below: sound thread only
        self._t_next_ns = 0
        self._zero_hops = 0
        self._lock = threading.Lock()  # protects everything below
        self._ends_ns: deque[int] = deque(maxlen=KEPT_HOPS)
        self._openness: deque[float] = deque(maxlen=KEPT_HOPS)
        self._muted = False

    def __call__(self, block: AudioBlock) -> None:
        """Hear a block. One from the past is left out; after a gap it is heard afresh."""
        if self._heard is None or self._heard.rate != block.rate:
            self._heard = HeardOpenness(block.rate)
        elif block.t_first_sample_ns < self._t_next_ns - TOLERANCE_NS:
            return
        elif block.t_first_sample_ns > self._t_next_ns + TOLERANCE_NS:
            self._heard.skip()
        waiting_ns = self._heard.waiting * NS_PER_S // block.rate
        heard = self._heard.push(block.samples.mean(axis=1, dtype=np.float32))
        self._t_next_ns = block.t_first_sample_ns + len(block.samples) * NS_PER_S // block.rate
        self._zero_hops = 0 if block.samples.any() else self._zero_hops + len(heard)
        self._keep(block.t_first_sample_ns - waiting_ns, heard)

    def reset(self) -> None:
        """Forget what was heard; the microphone was changed. On the sound thread, or while it is silent."""
        self._heard, self._zero_hops = None, 0
        with self._lock:
            self._ends_ns.clear()
            self._openness.clear()
            self._muted = False

    def openness(self, t_ns: int) -> float | None:
        """How far the mouth is open at `t_ns`: 0 closed, 1 wide; None: there is no voice to follow.

        Answers as well as the sound that has come by now allows.
        """
        with self._lock:
            if not self._ends_ns or self._muted or t_ns - self._ends_ns[-1] > STALE_NS:
                return None
            place = bisect_right(self._ends_ns, t_ns + LEAD_NS) - 1
            if place < 0:
                return 0.0
            end_ns, openness = self._ends_ns[place], self._openness[place]
        kept = min(1.0, (STALE_NS - (t_ns - end_ns)) / (STALE_NS - FADES_NS))
        return openness * max(0.0, kept)

    def _keep(self, t_ns: int, heard: list[float]) -> None:
        with self._lock:
            for number, openness in enumerate(heard, start=1):
                self._ends_ns.append(t_ns + number * HOP_NS)
                self._openness.append(openness)
            self._muted = self._zero_hops >= MUTED_HOPS
