"""Shared memory through which sound reaches the streaming process: the latest seconds, by absolute sample number.

Like the ring of pictures it has no locks: which samples are in it is told through a pipe, with their picture.
"""

from __future__ import annotations

from contextlib import suppress
from multiprocessing.shared_memory import SharedMemory

import numpy as np

from app.audio.base import RATE
from app.audio.delay_line import with_channels
from models.types import FloatArray

CHANNELS = 2
LENGTH = 8 * RATE
"""Samples it holds: those of the pictures in flight and many more, so that none is written over before it was read."""

LONGEST_GAP = RATE
"""Samples; after a longer one what is in the ring begins anew."""

FULL_SCALE = 32767.0


class SoundRing:
    """Written by one process and read by another. Sample n is in place n % LENGTH, as 16 bits, stereo."""

    def __init__(self, memory: SharedMemory, *, owner: bool) -> None:
        self._memory: SharedMemory | None = memory
        self._owner = owner
        self.held = (0, 0)
        """First and last + 1 of the samples written in one row; for the writer."""
        self.name = memory.name

    @classmethod
    def create(cls) -> SoundRing:
        """Take new memory; `close` removes it."""
        return cls(SharedMemory(create=True, size=LENGTH * CHANNELS * 2), owner=True)

    @classmethod
    def attach(cls, name: str) -> SoundRing:
        """Map the memory another process created."""
        return cls(SharedMemory(name=name), owner=False)

    def write(self, number: int, samples: FloatArray) -> None:
        """Put samples at their place, silence before them where a few are missing.

        Shapes:
            samples: (n, 1 or 2) float32.
        """
        first, end = self.held
        if end == 0 or number - end > LONGEST_GAP:
            first = end = number
        new = with_channels(samples, CHANNELS)[max(0, end - number) :]
        values = np.concatenate([np.zeros((max(0, number - end), CHANNELS), np.float32), new])
        places = np.arange(end, end + len(values)) % LENGTH
        self._view()[places] = np.round(np.clip(values, -1.0, 1.0) * FULL_SCALE).astype(np.int16)
        self.held = (first, end + len(values))

    def read(self, first: int, last: int) -> FloatArray:
        """Samples from `first` up to, not including, `last`.

        Shapes:
            returns: (last - first, 2) float32.
        """
        found = self._view()[np.arange(first, last) % LENGTH]
        return np.asarray(found / FULL_SCALE, np.float32)

    def close(self) -> None:
        """Unmap; the owner also removes it from the system. Idempotent."""
        if self._memory is None:
            return
        memory, self._memory = self._memory, None
        memory.close()
        if self._owner:
            with suppress(FileNotFoundError):
                memory.unlink()

    def _view(self) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
        if self._memory is None:
            raise ValueError("the sound ring is closed")
        return np.ndarray((LENGTH, CHANNELS), np.int16, buffer=self._memory.buf)
