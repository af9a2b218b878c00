"""How late the picture is: what the sound is held back by, so that lips and voice stay together."""

from __future__ import annotations

import statistics
import threading
from collections import deque

from app.clock import NS_PER_MS, NS_PER_S
from app.packets import FrameStatus, RenderedFrame

USUAL_NS = 100 * NS_PER_MS
"""Until something was measured."""

MAX_NS = 2 * NS_PER_S
"""Sound is held back no longer than this, however slow the pictures are."""

MEASURED_FRAMES = 61
"""About two seconds: the median of so many is not moved by a frame that came late."""

ENOUGH = 5
"""Frames to be believed at the start."""

FOLLOW_S = 1.0
MAX_SLEW = 0.003
"""The delay follows the median within about a second, by 3 ms a second at most: 0.3 % of pitch."""

BEHIND_NS = 35 * NS_PER_MS
"""Pictures may be handed over so much before their sound: a virtual camera shows them half a frame later on average,
and from 15 ms before the picture to 45 ms after it nobody notices the sound being apart."""

JUMP_NS = 20 * NS_PER_MS
"""Farther off, lips and voice are nearly apart, and a cross-fade is better than seconds of following."""


class PictureDelay:
    """The smoothed median from capture to sink. For any thread. start_ns: until it was measured."""

    def __init__(self, start_ns: int = USUAL_NS) -> None:
        self._lock = threading.Lock()  # protects everything below
        self._latencies_ns: deque[int] = deque(maxlen=MEASURED_FRAMES)
        self._delay_ns = float(start_ns)
        self._t_last_ns: int | None = None
        self._sound_takes_ns = 0

    @property
    def least_ns(self) -> int:
        """A picture that is handed over sooner than so long after it was taken is ahead of its sound; 0: never."""
        with self._lock:
            return max(0, self._sound_takes_ns - BEHIND_NS)

    def sound_takes(self, ns: int) -> None:
        """Sound cannot be heard sooner than so long after it was made, by the card's own needs; 0: none is sent."""
        with self._lock:
            self._sound_takes_ns = ns

    @property
    def ns(self) -> int:
        """How long sound is to be held back now."""
        with self._lock:
            return round(self._delay_ns)

    def delivered(self, frame: RenderedFrame, t_delivered_ns: int) -> None:
        """A sink has `frame`; only those that follow the driver tell how late he is seen."""
        if frame.status is not FrameStatus.LIVE:
            return
        with self._lock:
            self._latencies_ns.append(min(MAX_NS, max(0, t_delivered_ns - frame.t_capture_ns)))
            if len(self._latencies_ns) >= ENOUGH:
                self._follow(statistics.median(self._latencies_ns), t_delivered_ns)

    def _follow(self, median_ns: float, now_ns: int) -> None:
        off_ns = median_ns - self._delay_ns
        first = self._t_last_ns is None
        passed_s = 0.0 if self._t_last_ns is None else max(0.0, (now_ns - self._t_last_ns) / NS_PER_S)
        self._t_last_ns = now_ns
        if first or abs(off_ns) > JUMP_NS:
            self._delay_ns = median_ns
            return
        most_ns = MAX_SLEW * passed_s * NS_PER_S
        self._delay_ns += max(-most_ns, min(most_ns, off_ns * min(1.0, passed_s / FOLLOW_S)))
