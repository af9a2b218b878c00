"""When the keeper sends: on a grid of its own, however fast or slow frames are made."""

from __future__ import annotations

from app.clock import NS_PER_S

MAX_CATCH_UP = 3
"""Ticks that may be made up for in a burst after a stall; more are skipped, because a meeting has no use for them."""


class Pacer:
    """Deadlines at a constant rate that do not drift: each is counted from the first, not from the last wake-up."""

    def __init__(self, fps: float, now_ns: int) -> None:
        self._period_ns = NS_PER_S / fps
        self._start_ns = float(now_ns)
        self._ticks = 0

    def remaining_s(self, now_ns: int) -> float:
        """Seconds until the next frame is due; 0 where it is already."""
        return max(0.0, self._due_ns() - now_ns) / NS_PER_S

    def advance(self, now_ns: int) -> None:
        """One frame was sent: set the next deadline, forgetting ticks too long past to make up for."""
        self._ticks += 1
        late_ticks = (now_ns - self._due_ns()) / self._period_ns
        if late_ticks > MAX_CATCH_UP:
            self._start_ns, self._ticks = float(now_ns), 0

    def _due_ns(self) -> float:
        return self._start_ns + self._ticks * self._period_ns
