"""The sink of headless runs: nothing leaves the program, but what would have left is counted and timed."""

from __future__ import annotations

import threading
from collections import Counter, deque

from app.clock import NS_PER_MS, Clock, SystemClock
from app.output.base import require_rendered
from app.packets import FrameStatus, RenderedFrame

LATENCIES_KEPT = 36_000
"""Twenty minutes at 30 frames a second; older ones are forgotten, so that a long run does not grow."""


class NullSink:
    """Counts frames and how old each was when it arrived; read from any thread."""

    name = "null"

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()  # protects the two below: the sink's thread writes, others read
        self._by_status: Counter[FrameStatus] = Counter()
        self._latencies_ms: deque[float] = deque(maxlen=LATENCIES_KEPT)

    def open(self) -> None:
        """Nothing to acquire."""

    def send(self, frame: RenderedFrame) -> None:
        """Count the frame.

        Raises:
            TypeError: for anything that is not a `RenderedFrame`.
        """
        require_rendered(frame)
        latency_ms = (self._clock.now_ns() - frame.t_capture_ns) / NS_PER_MS
        with self._lock:
            self._by_status[frame.status] += 1
            self._latencies_ms.append(latency_ms)

    def close(self) -> None:
        """Nothing to give back; the counts stay readable."""

    @property
    def frames(self) -> int:
        """How many frames arrived, whatever they showed."""
        with self._lock:
            return self._by_status.total()

    def frames_with(self, status: FrameStatus) -> int:
        """How many frames of one status arrived."""
        with self._lock:
            return self._by_status[status]

    def latencies_ms(self) -> tuple[float, ...]:
        """Grab returns -> arrived here, oldest first, at most the last `LATENCIES_KEPT`."""
        with self._lock:
            return tuple(self._latencies_ms)
