"""When the keeper sends: on a grid of its own, however fast or slow frames are made.

Where frames are made at about the same rate, the grid is shifted, slowly, until each is sent a quarter of a period
after it was made. Two independent clocks of 30 Hz would otherwise drift past each other, and around the moment they
meet, frames would be shown twice and skipped by turns.
"""

from __future__ import annotations

from app.clock import NS_PER_S

MAX_CATCH_UP = 8
"""Ticks that may be made up for in a burst after a stall; more are skipped, because a meeting has no use for them."""

WANTED_AGE = 0.25
"""Of a period: how old a frame should be when it is sent. Room for frames that come a little late."""

SHIFT_GAIN, MAX_SHIFT = 0.1, 0.02
"""Part of the distance made up for at each frame, and its limit in periods: the rate changes by 2 % at most."""


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

    def align(self, age_ns: int) -> None:
        """A new frame, made `age_ns` ago, is being sent: move the grid a little towards the wanted age.

        Ages are taken on a circle of one period: a frame that came just after its tick is early for the next one, and
        the grid must wait for its like, not hurry past it.
        """
        ahead = age_ns / self._period_ns - WANTED_AGE
        ahead -= round(ahead)
        self._start_ns -= max(-MAX_SHIFT, min(MAX_SHIFT, SHIFT_GAIN * ahead)) * self._period_ns

    def _due_ns(self) -> float:
        return self._start_ns + self._ticks * self._period_ns
