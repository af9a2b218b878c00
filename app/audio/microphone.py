"""A microphone as a source of blocks."""

from __future__ import annotations

import threading

from app.audio.grid import GridReader
from app.audio.problems import Direction
from app.audio.streams import SoundStream, SoundSystem
from app.clock import Clock
from app.packets import AudioBlock


class Microphone:
    """Implements `SoundSource`. wanted: a name, an id, or "auto"."""

    def __init__(self, wanted: str, system: SoundSystem, clock: Clock) -> None:
        self.name = wanted
        self._wanted, self._system, self._clock = wanted, system, clock
        self._stopping = threading.Event()
        self._stream: SoundStream | None = None

    def open(self) -> None:
        device = self._system.find(self._wanted, Direction.INPUT)
        self._stream = self._system.open(device, self._clock)
        self._grid = GridReader(self._stream.rate, self._stream.ring.channels)
        self.name = device.name

    def read(self, timeout_s: float) -> list[AudioBlock]:
        assert self._stream is not None  # it is open
        ring = self._stream.ring
        came = self._stopping.is_set() or ring.wake.wait(timeout_s)
        ring.wake.clear()
        self._stream.check()
        if not came:
            return []
        stamp = ring.stamp  # before the samples: it must not be about later ones
        return self._grid.push(ring.take(ring.held), stamp)

    def release(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def interrupt(self) -> None:
        self._stopping.set()
        stream = self._stream
        if stream is not None:
            stream.ring.wake.set()
