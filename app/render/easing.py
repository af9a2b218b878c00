"""Brings the portrait from one kind of motion to another without a jump."""

from __future__ import annotations

from app.clock import NS_PER_S
from app.render.idle import blended, ease
from models.types import MotionState


class Easing:
    """Remembers the motion last shown, and leads from it to a new one over a given time."""

    def __init__(self) -> None:
        self._shown: MotionState | None = None
        self._start: MotionState | None = None
        self._t_start_ns = 0
        self._duration_s = 0.0

    @property
    def shown(self) -> MotionState | None:
        """The motion shown last."""
        return self._shown

    def forget(self) -> None:
        """The next motion is shown at once; for another portrait."""
        self._shown = self._start = None

    def begin(self, t_ns: int, duration_s: float) -> None:
        """From now on lead from what was shown last to whatever comes."""
        self._start, self._t_start_ns, self._duration_s = self._shown, t_ns, duration_s

    def toward(self, target: MotionState, t_ns: int) -> MotionState:
        """What to show on the way to `target`."""
        if self._start is not None:
            share = (t_ns - self._t_start_ns) / (self._duration_s * NS_PER_S)
            if share >= 1.0:
                self._start = None
            else:
                target = blended(self._start, target, ease(share))
        self._shown = target
        return target
