"""Sound cards that a test plays by hand."""

from __future__ import annotations

import numpy as np

from app.audio.devices import DeviceList, SoundDevice
from app.audio.problems import Direction, SoundDeviceLost
from app.audio.ring import SampleRing
from app.clock import NS_PER_S, Clock
from models.types import FloatArray

RATE = 48_000
BLOCK = 480

DESK = SoundDevice("desk", "Desk", Direction.INPUT)
CABLE = SoundDevice("cable", "Cable", Direction.OUTPUT)
EARS = SoundDevice("ears", "Ears", Direction.OUTPUT)


class FakeStream:
    """Implements `SoundStream`; `speak` and `listen` are the card's own side."""

    def __init__(self, device: SoundDevice, clock: Clock, latency_s: float) -> None:
        self.device, self.rate, self.latency_s = device, RATE, latency_s
        self.ring = SampleRing(RATE, 1 if device.direction is Direction.INPUT else 2)
        self.error: Exception | None = None
        self.closed = 0
        self._start_ns, self._count = clock.now_ns(), 0

    def check(self) -> None:
        if self.error is not None:
            raise self.error

    def close(self) -> None:
        self.closed += 1

    def speak(self, samples: FloatArray) -> None:
        """The microphone hears this now."""
        self.ring.stamp = (self.ring.written, self._start_ns + self._count * NS_PER_S // RATE)
        self.ring.write(samples)
        self._count += len(samples)
        self.ring.wake.set()

    def listen(self, count: int = BLOCK) -> FloatArray:
        """The card plays so much now."""
        wanted = np.zeros((count, 2), np.float32)
        number = self.ring.taken + self.ring.padded
        self.ring.fill(wanted)
        self.ring.stamp = (number, self._start_ns + number * NS_PER_S // RATE)
        self.ring.wake.set()
        return wanted

    def lose(self) -> None:
        """As if it were pulled out."""
        self.error = SoundDeviceLost(self.device.direction, self.device.name, "It was a test.")
        self.ring.wake.set()


class FakeSystem:
    """Implements `SoundSystem`; the next `errors` of openings fail."""

    def __init__(self, *devices: SoundDevice) -> None:
        self.list = DeviceList(devices or (DESK, CABLE, EARS), "desk", "ears")
        self.errors: list[Exception] = []
        self.streams: list[FakeStream] = []

    def find(self, wanted: str, direction: Direction) -> SoundDevice:
        return self.list.find(wanted, direction)

    def open(self, device: SoundDevice, clock: Clock, latency_s: float = 0.02) -> FakeStream:
        if self.errors:
            raise self.errors.pop(0)
        self.streams.append(FakeStream(device, clock, latency_s))
        return self.streams[-1]
