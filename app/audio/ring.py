"""The hand-off between PortAudio's own thread and ours: memory taken beforehand, counters, and no lock to wait for."""

from __future__ import annotations

import threading

import numpy as np

from models.types import FloatArray


class SampleRing:
    """One thread writes, one reads. Each counter is changed by one side only, after the samples are in place.

    wake: set when the audio side has been here, for whoever waits on the other side.
    stamp: (sample number, t_ns) from the audio side: when that sample was, or will be, in the air.
    lost: samples for which there was no room. padded: samples that were missing when the card wanted them.
    """

    def __init__(self, length: int, channels: int) -> None:
        self._samples = np.zeros((length, channels), np.float32)
        self.written = self.taken = 0
        self.lost = self.padded = 0
        self.stamp: tuple[int, int] | None = None
        self.wake = threading.Event()

    @property
    def channels(self) -> int:
        """How many channels it carries."""
        return self._samples.shape[1]

    @property
    def held(self) -> int:
        """Samples that wait to be read."""
        return self.written - self.taken

    def write(self, samples: FloatArray) -> None:
        """Add what there is room for; the rest is lost and counted.

        Shapes:
            samples: (n, channels).
        """
        room = len(self._samples) - self.held
        kept = samples[:room]
        at = self.written % len(self._samples)
        ahead = min(len(kept), len(self._samples) - at)
        self._samples[at : at + ahead] = kept[:ahead]
        self._samples[: len(kept) - ahead] = kept[ahead:]
        self.written += len(kept)
        self.lost += len(samples) - len(kept)

    def take(self, count: int) -> FloatArray:
        """Up to `count` samples, the oldest first.

        Shapes:
            returns: (n, channels) float32, n <= count.
        """
        count = min(count, self.held)
        at = self.taken % len(self._samples)
        ahead = min(count, len(self._samples) - at)
        found: FloatArray = np.concatenate((self._samples[at : at + ahead], self._samples[: count - ahead]))
        self.taken += count
        return found

    def fill(self, wanted: FloatArray) -> None:
        """Fill `wanted` for the card; what is missing is silence.

        Shapes:
            wanted: (n, channels), written to.
        """
        found = self.take(len(wanted))
        wanted[: len(found)] = found
        wanted[len(found) :] = 0.0
        self.padded += len(wanted) - len(found)
