"""Sound cards that count with a quartz of their own: pipes of a PulseAudio server, filled and emptied at another rate.

A null sink counts with the machine's clock, in which pictures are counted too, so nothing can drift there.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

import numpy as np

from models.types import FloatArray

RATE = 48_000
TICK_S = 0.005
CHANNELS = 2
FRAME_BYTES = 4 * CHANNELS
SETPIPE_SZ = 1031  # fcntl.F_SETPIPE_SZ, which mypy knows on Linux alone
CARD_BYTES = 16_384
"""What the output card holds: 43 ms."""


def source_module(name: str, file: Path) -> str:
    """A microphone that hears what is written into `file`."""
    return f"module-pipe-source source_name={name} file={file} format=s16le rate={RATE} channels=1"


def sink_module(name: str, file: Path) -> str:
    """An output whose sound is read from `file`."""
    return f"module-pipe-sink sink_name={name} file={file} format=float32le rate={RATE} channels={CHANNELS}"


class _Quartz(ABC):
    """Calls `turn` with the number of samples that are over by this card's own count."""

    def __init__(self, rate: float) -> None:
        self.rate, self._done = rate, 0
        self._ending = threading.Event()

    def open(self) -> None:
        self.t_start_s = time.monotonic()

    def step(self) -> None:
        self._ending.wait(TICK_S)
        over = int((time.monotonic() - self.t_start_s) * self.rate)
        self.turn(self._done, over)
        self._done = over

    def unblock(self) -> None:
        self._ending.set()

    @abstractmethod
    def turn(self, first: int, last: int) -> None:
        """The samples from `first` up to `last` are over."""


class MicrophoneCard(_Quartz):
    """Hears what `sound` says for each moment, in seconds of the machine's clock; run it in a `Worker`."""

    name = "microphone card"

    def __init__(self, file: Path, rate: float, sound: Callable[[FloatArray], FloatArray]) -> None:
        super().__init__(rate)
        self._file, self._sound = file, sound
        self.lost = 0
        """Samples for which the server had no room."""

    def open(self) -> None:
        self._pipe = os.open(self._file, os.O_WRONLY | os.O_NONBLOCK)
        super().open()

    def turn(self, first: int, last: int) -> None:
        times_s = self.t_start_s + np.arange(first, last) / self.rate
        data = (self._sound(times_s) * 32767).astype("<i2").tobytes()
        try:
            written = os.write(self._pipe, data)
        except BlockingIOError:
            written = 0
        self.lost += (len(data) - written) // 2

    def release(self) -> None:
        os.close(self._pipe)


class OutputCard(_Quartz):
    """Tells `heard` what is in the air: samples and the time of the first of them; run it in a `Worker`."""

    name = "output card"

    def __init__(self, file: Path, rate: float, heard: Callable[[FloatArray, float], None]) -> None:
        super().__init__(rate)
        self._file, self._heard = file, heard
        self._left = b""
        self.missing = 0
        """Samples that the server had not written when they were due."""

    def open(self) -> None:
        self._pipe = os.open(self._file, os.O_RDONLY | os.O_NONBLOCK)
        fcntl.fcntl(self._pipe, SETPIPE_SZ, CARD_BYTES)
        super().open()

    def turn(self, first: int, last: int) -> None:
        wanted = (last - first) * FRAME_BYTES
        try:
            data = self._left + os.read(self._pipe, wanted - len(self._left))
        except BlockingIOError:
            data = self._left
        whole = len(data) // FRAME_BYTES * FRAME_BYTES
        self._left = data[whole:]
        self.missing += (last - first) - whole // FRAME_BYTES
        samples = np.frombuffer(data[:whole], "<f4").reshape(-1, CHANNELS)[:, 0]
        self._heard(samples, self.t_start_s + first / self.rate)

    def release(self) -> None:
        os.close(self._pipe)
