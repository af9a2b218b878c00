"""Notices a camera that gives fewer pictures than it did: most webcams expose longer in the dark."""

from __future__ import annotations

from collections import deque
from statistics import median

from app.governor.measured import Interval

SLOWED, RECOVERED = 0.75, 0.9
"""Shares of the usual rate: below the first it has slowed down, above the second it has recovered."""

LOOKS = 4
"""Looks in a row before anything is said or taken back."""

BUSY_MACHINE = 0.9
"""Share of all cores in use from which on the machine may be what holds the pictures up."""

WARM_UP_LOOKS = 5


class CameraRate:
    """Feed it every `Interval`; one camera at a time."""

    def __init__(self) -> None:
        self._latest: deque[float] = deque(maxlen=LOOKS)
        self._looks = 0
        self._usual_fps = 0.0
        self._slow = False

    def note(self, seen: Interval) -> str | None:
        """What to say of the camera now, or None."""
        self._looks += 1
        if self._looks <= WARM_UP_LOOKS or seen.machine_busy >= BUSY_MACHINE or seen.captured_fps <= 0:
            return self._sentence()
        self._latest.append(seen.captured_fps)
        if len(self._latest) < LOOKS:
            return self._sentence()
        self._usual_fps = max(self._usual_fps, median(self._latest))
        if max(self._latest) < SLOWED * self._usual_fps:
            self._slow = True
        elif min(self._latest) > RECOVERED * self._usual_fps:
            self._slow = False
        return self._sentence()

    def _sentence(self) -> str | None:
        if not self._slow:
            return None
        fps = round(median(self._latest))
        return f"Your camera slowed to {fps} fps: the room is probably dark. More light makes it faster."
