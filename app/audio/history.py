"""The latest seconds of a sound, by absolute sample number."""

from __future__ import annotations

import numpy as np

from models.types import FloatArray


class SampleHistory:
    """Remembers the latest `length` samples; silence before them and where some are missing. Not safe for threads.

    end: number of the sample that comes next.
    """

    def __init__(self, length: int, channels: int, start: int = 0) -> None:
        self._samples = np.zeros((length, channels), np.float32)
        self.end = start

    @property
    def channels(self) -> int:
        """How many channels it keeps."""
        return self._samples.shape[1]

    def append(self, samples: FloatArray) -> None:
        """Add the samples that follow.

        Shapes:
            samples: (n, channels).
        """
        length = len(self._samples)
        kept = samples[-length:]
        first = self.end + len(samples) - len(kept)
        self._samples[np.arange(first, first + len(kept)) % length] = kept
        self.end += len(samples)

    def silent_until(self, number: int) -> None:
        """Silence up to sample `number`, which comes next; nothing where that is in the past."""
        missing = number - self.end
        if missing > 0:
            silence = np.zeros((min(missing, len(self._samples)), self.channels), np.float32)
            self.end = number - len(silence)
            self.append(silence)

    def between(self, first: int, last: int) -> FloatArray:
        """Samples from `first` up to, not including, `last`; silence where none are remembered.

        Shapes:
            returns: (last - first, channels) float32.
        """
        numbers = np.arange(first, last)
        found = self._samples[numbers % len(self._samples)]
        known = (numbers < self.end) & (numbers >= self.end - len(self._samples))
        return np.asarray(found * known[:, None], np.float32)
