"""What a sound card is to this program. PortAudio is one; tests have others."""

from __future__ import annotations

from typing import Protocol

from app.audio.devices import SoundDevice
from app.audio.problems import Direction
from app.audio.ring import SampleRing
from app.clock import Clock


class SoundStream(Protocol):
    """An open, running stream. Used by one thread; the card's own thread is on the other side of the ring."""

    device: SoundDevice
    rate: int
    ring: SampleRing

    def check(self) -> None:
        """See whether the device is still there; cheap enough to be called for every block.

        Raises:
            SoundDeviceLost: it is not.
        """
        ...

    def close(self) -> None:
        """Stop and give the device back. Idempotent."""
        ...


class SoundSystem(Protocol):
    """Where streams come from. For any thread."""

    def find(self, wanted: str, direction: Direction) -> SoundDevice:
        """The device of this name, id, or "auto".

        Raises:
            EnvironmentProblem: there is none, or no sound at all on this machine.
        """
        ...

    def open(self, device: SoundDevice, clock: Clock, latency_s: float = 0.02) -> SoundStream:
        """Open it, at 48 kHz where it can; the device holds about `latency_s` of sound.

        Raises:
            EnvironmentProblem: it is busy, forbidden or gone.
        """
        ...
