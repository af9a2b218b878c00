"""Holds the sound back until the picture of the same moment is seen."""

from __future__ import annotations

import threading

import numpy as np

from app.audio.base import RATE
from app.audio.history import SampleHistory
from app.audio.picture_delay import MAX_NS, PictureDelay
from app.audio.reader import FractionalReader
from app.clock import NS_PER_MS, NS_PER_S
from app.packets import AudioBlock
from models.types import FloatArray

HISTORY = RATE * (MAX_NS // NS_PER_S + 1)
"""Samples remembered."""

SPARE_NS = 2 * NS_PER_MS
"""Sound should be there so much before it is wanted."""

LEARN, FORGET = 0.2, 0.005
"""Seconds a second by which the least delay grows while sound comes too late for it, and shrinks while it does not.

A single late block breaks off, which is over at once; waiting for such blocks would make all sound late.
"""


def number_of(t_ns: float) -> float:
    """The place of a moment in the one row of samples that all blocks belong to."""
    return t_ns * (RATE / NS_PER_S)


class DelayLine:
    """Gives the sound of the past at any moment of the present. One thread pushes, one renders.

    Where sound comes too late to be held back by as little as the picture, it is held back by as much as it takes;
    not so for a renderer that `waits` until the sound is known (`ready_until_ns`).
    """

    def __init__(self, picture: PictureDelay, rate: int = RATE, *, waits: bool = False) -> None:
        self._picture, self._rate, self._waits = picture, rate, waits
        self._lock = threading.Lock()  # protects the history and the reader
        self._history = SampleHistory(HISTORY, 1)
        self._reader = FractionalReader(self._history, RATE, RATE / rate)
        self._floor_ns = 0.0
        self._t_rendered_ns: float | None = None
        self.late_ns = 0
        """By how much more than wished the sound is held back now."""

    @property
    def takes_ns(self) -> int:
        """How late the sound has to be at least, whatever the picture."""
        with self._lock:
            return round(self._floor_ns)

    @property
    def ready_until_ns(self) -> float:
        """Up to here, all that is to be heard is known."""
        with self._lock:
            known_ns = self._history.end * NS_PER_S / RATE
            return known_ns + max(self._picture.ns, self._floor_ns) - self._spare_ns()

    def push(self, block: AudioBlock) -> None:
        """Take the next block; what is missing before it is silence."""
        number = round(number_of(block.t_first_sample_ns))
        with self._lock:
            if block.samples.shape[1] != self._history.channels:
                self._history = SampleHistory(HISTORY, block.samples.shape[1], self._history.end)
                self._reader.follow(self._history)
            self._history.silent_until(number)
            self._history.append(block.samples[max(0, self._history.end - number) :])

    def render(self, t_first_ns: float, count: int, rate: float | None = None) -> FloatArray:
        """`count` samples to be heard from `t_first_ns` on; `rate` is that of this line as it really is.

        Shapes:
            returns: (count, 1 or 2) float32.
        """
        with self._lock:
            rate = self._rate if rate is None else rate
            delay_ns = self._delay_ns(t_first_ns + count * NS_PER_S / rate)
            return self._reader.read(count, number_of(t_first_ns - delay_ns), RATE / rate)

    def _delay_ns(self, t_end_ns: float) -> float:
        """The picture's delay, or the least that finds sound which is there."""
        needed_ns = t_end_ns - self._history.end * NS_PER_S / RATE + self._spare_ns()
        there_is_sound = self._history.end > 0 and needed_ns < MAX_NS  # else no delay can mend it
        if there_is_sound and not self._waits:
            passed_ns = 0.0 if self._t_rendered_ns is None else max(0.0, t_end_ns - self._t_rendered_ns)
            off_ns = needed_ns - self._floor_ns
            self._floor_ns += max(-FORGET * passed_ns, min(LEARN * passed_ns, off_ns))
        self._t_rendered_ns = t_end_ns
        wished_ns = self._picture.ns
        self.late_ns = round(max(0.0, self._floor_ns - wished_ns))
        return max(float(wished_ns), self._floor_ns)

    def _spare_ns(self) -> float:
        return self._reader.reach * NS_PER_S / RATE + SPARE_NS


def with_channels(samples: FloatArray, channels: int) -> FloatArray:
    """One channel on two of them, or two on one.

    Shapes:
        samples: (n, 1 or 2). returns: (n, channels) float32, channels being 1 or 2.
    """
    if samples.shape[1] == channels:
        return samples
    if channels == 1:
        return np.asarray(samples.mean(axis=1, keepdims=True), np.float32)
    return np.asarray(np.repeat(samples, 2, axis=1), np.float32)
