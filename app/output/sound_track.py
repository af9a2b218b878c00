"""A sound track that is always complete: silence where nothing was said, so that nobody waits for it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from fractions import Fraction

import av  # noqa: F401 - all of it first: two threads that begin with different parts of it fail
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet

from app.audio.base import RATE
from app.audio.delay_line import with_channels
from models.types import FloatArray

BIT_RATE = 128_000
CHANNELS = 2

MAX_SILENCE = 10 * RATE
"""Samples of silence made at once."""


class CompleteSound(ABC):
    """Samples count from its beginning, at 48 kHz."""

    def __init__(self) -> None:
        self.samples = 0

    def placed(self, number: int, samples: FloatArray) -> list[Packet]:
        """Samples at their place: after silence where there was none before, cut where there was.

        Shapes:
            samples: (n, 1 or 2) float32.
        """
        packets = self.silent_until(number)
        return packets + self._encoded(samples[self.samples - number :])

    def silent_until(self, number: int) -> list[Packet]:
        """Silence up to there; nothing where there is sound already."""
        packets = []
        while self.samples < number:
            count = min(MAX_SILENCE, number - self.samples)
            packets += self._encoded(np.zeros((count, CHANNELS), np.float32))
        return packets

    @abstractmethod
    def _encoded(self, samples: FloatArray) -> list[Packet]:
        """Take the next samples, (n, 1 or 2), and count them; the packets that are complete with them, if any."""


class SoundTrack(CompleteSound):
    """AAC in a container that is being written."""

    def __init__(self, container: OutputContainer) -> None:
        super().__init__()
        self._stream: AudioStream = container.add_stream("aac", rate=RATE)
        self._stream.codec_context.layout = "stereo"
        self._stream.codec_context.bit_rate = BIT_RATE

    def rest(self) -> list[Packet]:
        """What the encoder still holds."""
        return self._stream.encode(None) if self.samples else []

    def _encoded(self, samples: FloatArray) -> list[Packet]:
        if not len(samples):
            return []
        planes = np.ascontiguousarray(np.clip(with_channels(samples, CHANNELS), -1.0, 1.0).T)
        frame = AudioFrame.from_ndarray(planes, "fltp", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self.samples, Fraction(1, RATE)
        self.samples += len(samples)
        return self._stream.encode(frame)
