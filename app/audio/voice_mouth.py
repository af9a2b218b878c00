"""The mouth as the microphone hears it: an openness for every moment of the last second.

For the times when the camera does not see the mouth. It holds no picture and no sound, only numbers.
"""

from __future__ import annotations

import logging
import threading
from bisect import bisect_right
from collections import deque

import numpy as np

from app.audio.speech_bands import HOP_S, BandPowers, SpeechBands
from app.clock import NS_PER_MS, NS_PER_S
from app.packets import AudioBlock
from models.errors import CheckpointError
from models.motion.voice import BANDS, DELAYS_MS, HISTORY, VoiceNetwork, load_voice
from models.types import FloatArray

log = logging.getLogger(__name__)

HOP_NS = round(HOP_S * NS_PER_S)

KEPT_HOPS = 100
"""A second."""

DELAYS_NS = np.array(DELAYS_MS) * NS_PER_MS

TOLERANCE_NS = 5 * NS_PER_MS
"""A block that begins so much off the end of the last one follows it."""

FADES_NS, STALE_NS = 100 * NS_PER_MS, 300 * NS_PER_MS
"""Without sound for so long the mouth begins to close; without it for so long there is no voice to follow."""

MUTED_HOPS = 100
"""A second of nothing but zeros is a muted microphone, not a silent room."""

REST, SPAN, WIDEST = 0.06, 1.45, 0.8
"""Estimates this low are a closed mouth; the rest is spread so that an open vowel opens as far as in lively talk."""


class HeardOpenness:
    """Sound in, estimates out, hop by hop; the noise and loudness it knows survive a gap. Not safe for threads."""

    def __init__(self, network: VoiceNetwork, rate: int) -> None:
        self.rate = rate
        self._network, self._powers, self._bands = network, BandPowers(rate), SpeechBands()
        self._hop = round(HOP_S * rate)
        self.skip()

    def skip(self) -> None:
        """Sound was lost: what comes is not the continuation of what was."""
        self._sound: FloatArray = np.zeros(self._powers.window - self._hop, np.float32)
        self._history: FloatArray = np.zeros((HISTORY, BANDS), np.float32)

    @property
    def waiting(self) -> int:
        """Samples that were taken and are not part of a whole hop yet."""
        return len(self._sound) - (self._powers.window - self._hop)

    def push(self, samples: FloatArray) -> list[FloatArray]:
        """The estimates, (4,) each, of every hop that `samples` (n,) complete."""
        self._sound = np.concatenate([self._sound, samples])
        estimates = []
        while len(self._sound) >= self._powers.window:
            bands = self._bands.step(self._powers.of(self._sound[: self._powers.window]))
            self._history = np.concatenate([self._history[1:], bands[None]])
            estimates.append(self._network.openness(self._history))
            self._sound = self._sound[self._hop :]
        return estimates


class VoiceMouth:
    """An `AudioListener`: told of blocks by the sound thread, asked for openness by any other."""

    def __init__(self, network: VoiceNetwork) -> None:
        self._network = network
        self._heard: HeardOpenness | None = None  # this and the two below: sound thread only
        self._t_next_ns = 0
        self._zero_hops = 0
        self._lock = threading.Lock()  # protects everything below
        self._ends_ns: deque[int] = deque(maxlen=KEPT_HOPS)
        self._estimates: deque[FloatArray] = deque(maxlen=KEPT_HOPS)
        self._muted = False

    def __call__(self, block: AudioBlock) -> None:
        """Hear a block. One from the past is left out; after a gap it is heard afresh."""
        if self._heard is None or self._heard.rate != block.rate:
            self._heard = HeardOpenness(self._network, block.rate)
        elif block.t_first_sample_ns < self._t_next_ns - TOLERANCE_NS:
            return
        elif block.t_first_sample_ns > self._t_next_ns + TOLERANCE_NS:
            self._heard.skip()
        waiting_ns = self._heard.waiting * NS_PER_S // block.rate
        estimates = self._heard.push(block.samples.mean(axis=1, dtype=np.float32))
        self._t_next_ns = block.t_first_sample_ns + len(block.samples) * NS_PER_S // block.rate
        self._zero_hops = 0 if block.samples.any() else self._zero_hops + len(estimates)
        self._keep(block.t_first_sample_ns - waiting_ns, estimates)

    def reset(self) -> None:
        """Forget what was heard; the microphone was changed. On the sound thread, or while it is silent."""
        self._heard, self._zero_hops = None, 0
        with self._lock:
            self._ends_ns.clear()
            self._estimates.clear()
            self._muted = False

    def openness(self, t_ns: int) -> float | None:
        """How far the mouth is open at `t_ns`: 0 closed, 1 wide; None: there is no voice to follow.

        Answers as well as the sound that has come by now allows.
        """
        with self._lock:
            if not self._ends_ns or self._muted or t_ns - self._ends_ns[-1] > STALE_NS:
                return None
            place = bisect_right(self._ends_ns, t_ns + int(DELAYS_NS[-1])) - 1
            if place < 0:
                return 0.0
            end_ns, estimate = self._ends_ns[place], self._estimates[place]
        late_ns = t_ns - end_ns
        value = float(np.interp(-late_ns, DELAYS_NS, estimate))
        kept = min(1.0, (STALE_NS - late_ns) / (STALE_NS - FADES_NS))
        return min(WIDEST, max(0.0, (value - REST) * SPAN)) * max(0.0, kept)

    def _keep(self, t_ns: int, estimates: list[FloatArray]) -> None:
        with self._lock:
            for number, estimate in enumerate(estimates, start=1):
                self._ends_ns.append(t_ns + number * HOP_NS)
                self._estimates.append(estimate)
            self._muted = self._zero_hops >= MUTED_HOPS


def open_voice_mouth() -> VoiceMouth | None:
    """A voice's mouth; None, and a word in the log, where its weights cannot be used: everything else goes on."""
    try:
        return VoiceMouth(load_voice())
    except CheckpointError as error:
        log.warning("the voice cannot move the mouth: %s", error)
        return None
