"""Turns the times a sound card gives into the program's own."""

from __future__ import annotations

from app.clock import NS_PER_S

PERIOD_NS = 5 * NS_PER_S
"""The two clocks are compared over five to ten seconds."""


class StreamTime:
    """The difference between two clocks that run alike, free of the delays with which we are told.

    Being told late only ever makes the difference look larger, so the least one seen lately is the true one.
    """

    def __init__(self) -> None:
        self._t_period_ns: int | None = None
        self._least = self._least_before = float("inf")

    def moment_ns(self, now_ns: int, card_now_s: float, moment_s: float, usual_s: float) -> int:
        """A moment given by the card's clock, when that clock shows `card_now_s`.

        usual_s: how far the moment is from now where the card does not say.
        """
        if moment_s <= 0 or card_now_s <= 0:
            return now_ns + round(usual_s * NS_PER_S)
        if self._t_period_ns is None or now_ns - self._t_period_ns > PERIOD_NS:
            self._t_period_ns = now_ns
            self._least_before, self._least = self._least, float("inf")
        self._least = min(self._least, now_ns - card_now_s * NS_PER_S)
        return round(moment_s * NS_PER_S + min(self._least, self._least_before))
