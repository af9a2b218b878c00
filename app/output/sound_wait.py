"""Keeps a picture from being seen before its sound can be heard: sound cards take longer than quick pictures."""

from __future__ import annotations

import threading

from app.audio.picture_delay import PictureDelay
from app.clock import NS_PER_MS, Clock
from app.packets import FrameStatus, RenderedFrame

MOST_NS = 80 * NS_PER_MS
"""No picture is held longer, whatever a sound card asks for."""

MOST_INTERVALS = 1.5
"""Nor longer than so many times between two pictures: after two, the ones behind it would push each other out."""


class SoundWait:
    """Used by the thread of one sink; `end` is for any thread."""

    def __init__(self, picture: PictureDelay, clock: Clock) -> None:
        self._picture, self._clock = picture, clock
        self._ending = threading.Event()
        self._t_last_ns: int | None = None

    def hold(self, frame: RenderedFrame) -> None:
        """Return once `frame` may be handed over. Only those that follow the driver have a sound of their moment."""
        before_ns, self._t_last_ns = self._t_last_ns, frame.t_capture_ns
        if frame.status is not FrameStatus.LIVE or before_ns is None:
            return
        most_ns = min(MOST_NS, round(MOST_INTERVALS * max(0, frame.t_capture_ns - before_ns)))
        now_ns = self._clock.now_ns()
        due_ns = frame.t_capture_ns + self._picture.least_ns
        if due_ns > now_ns:
            self._clock.wait_until_ns(min(due_ns, now_ns + most_ns), self._ending)

    def end(self) -> None:
        """Whatever waits returns at once."""
        self._ending.set()
