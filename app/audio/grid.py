"""The one row of samples that all blocks belong to: 48,000 a second on the program's clock, in blocks of 10 ms.

A microphone's own clock runs a little fast or slow. Its sound is put on this row once, so that whoever hears it can
count in the time in which pictures are counted, and nothing drifts.
"""

from __future__ import annotations

import math

import numpy as np

from app.audio.base import RATE
from app.audio.history import SampleHistory
from app.audio.reader import FractionalReader
from app.audio.stream_clock import StreamClock
from app.clock import NS_PER_MS, NS_PER_S
from app.packets import AudioBlock
from models.types import FloatArray

BLOCK_NS = 10 * NS_PER_MS
BLOCK_SAMPLES = RATE * BLOCK_NS // NS_PER_S

HISTORY_S = 1

MAX_BEHIND_NS = NS_PER_S // 2
"""After a longer pause of the device the row goes on at the present, and what lies between is lost."""


def block_start_ns(t_ns: float) -> int:
    """The first start of a block that is not before `t_ns`."""
    return math.ceil(t_ns / BLOCK_NS) * BLOCK_NS


class GridReader:
    """Turns the samples of one device into blocks of the common row. Not safe for threads."""

    def __init__(self, rate: int, channels: int) -> None:
        self.clock = StreamClock(rate)
        self._history = SampleHistory(rate * HISTORY_S, channels)
        self._reader = FractionalReader(self._history, rate, rate / RATE)
        self._next_ns: int | None = None

    def push(self, samples: FloatArray, stamp: tuple[int, int] | None) -> list[AudioBlock]:
        """Take the next samples and the newest stamp; the blocks that are complete with them."""
        if stamp is not None:
            self.clock.stamp(*stamp)
        self._history.append(samples)
        if not self.clock.known:
            return []
        end_ns = self.clock.time_ns(self._history.end - self._reader.reach)
        if self._next_ns is None or end_ns - self._next_ns > MAX_BEHIND_NS:
            self._next_ns = max(self._next_ns or 0, block_start_ns(end_ns - BLOCK_NS))
        blocks = []
        while self._next_ns + BLOCK_NS <= end_ns:
            blocks.append(self._block(self._next_ns))
            self._next_ns += BLOCK_NS
        return blocks

    def _block(self, t_ns: int) -> AudioBlock:
        samples = self._reader.read(BLOCK_SAMPLES, self.clock.number_at(t_ns), self.clock.rate / RATE)
        return frozen_block(samples, t_ns)


def frozen_block(samples: FloatArray, t_ns: int) -> AudioBlock:
    """A block of the common row that nobody can change."""
    kept = np.ascontiguousarray(samples, np.float32)
    kept.flags.writeable = False
    return AudioBlock(kept, RATE, t_ns)
