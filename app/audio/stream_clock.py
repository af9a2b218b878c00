"""When each sample of a sound card is in the air, on the program's own clock.

A card counts with a quartz of its own, and its time stamps jitter. A second-order delay-locked loop (F. Adriaensen,
"Using a DLL to filter time", 2005) learns the card's true rate from them and smooths the jitter away.
"""

from __future__ import annotations

import math

from app.clock import NS_PER_MS, NS_PER_S

SLOW_HZ, FAST_HZ = 0.05, 1.0
"""Bandwidth of the loop once it has settled, and at its start."""

CLIPPED_NS = 2 * NS_PER_MS
"""A stamp that is further off pulls no harder than this: it is late, not the card."""

JUMPED_NS = 15 * NS_PER_MS
JUMPS_BELIEVED = 8
"""So many stamps in a row this far off are true: sound was lost, or the stream was moved to another card."""


class StreamClock:
    """Learns from stamps and answers for any sample number. Not safe for threads."""

    def __init__(self, rate: float) -> None:
        self._usual_period_ns = NS_PER_S / rate
        self._far = 0
        self.jumps = 0
        """How often the stamps broke off and began somewhere else."""
        self.known = False
        self._begin(0, 0.0)

    @property
    def rate(self) -> float:
        """The card's samples a second, as far as they are known."""
        return NS_PER_S / self._period_ns

    def stamp(self, number: int, t_ns: int) -> None:
        """Sample `number` is in the air at `t_ns`; numbers grow."""
        if not self.known:
            self._begin(number, t_ns)
            self.known = True
            return
        predicted_ns = self.time_ns(number)
        error_ns = t_ns - predicted_ns
        if abs(error_ns) > JUMPED_NS:
            self._far += 1
            if self._far >= JUMPS_BELIEVED:
                self.jumps += 1
                self._begin(number, t_ns)
            return
        self._far = 0
        self._correct(number, predicted_ns, max(-CLIPPED_NS, min(CLIPPED_NS, error_ns)))

    def time_ns(self, number: float) -> float:
        """When sample `number` is in the air."""
        return self._t_ns + (number - self._number) * self._period_ns

    def number_at(self, t_ns: float) -> float:
        """Which sample is in the air at `t_ns`."""
        return self._number + (t_ns - self._t_ns) / self._period_ns

    def _begin(self, number: int, t_ns: float) -> None:
        self._number, self._t_ns = number, float(t_ns)
        self._period_ns = self._usual_period_ns
        self._age_s = 0.0
        self._far = 0

    def _correct(self, number: int, predicted_ns: float, error_ns: float) -> None:
        passed_s = (number - self._number) * self._period_ns / NS_PER_S
        self._age_s += passed_s
        omega = 2 * math.pi * max(SLOW_HZ, FAST_HZ / (1 + self._age_s))
        self._number = number
        self._t_ns = predicted_ns + min(1.0, math.sqrt(2) * omega * passed_s) * error_ns
        share = min(1.0, omega * omega * passed_s * passed_s) / passed_s if passed_s > 0 else 0.0
        self._period_ns += share * error_ns * self._usual_period_ns / NS_PER_S
