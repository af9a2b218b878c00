"""Keeps pictures from being seen before their sound can be heard: sound cards take longer than quick pictures."""

from __future__ import annotations

from collections import deque

from app.audio.picture_delay import PictureDelay
from app.clock import NS_PER_MS, NS_PER_S, Clock
from app.packets import FrameStatus, RenderedFrame

MOST_NS = 80 * NS_PER_MS
"""No picture waits longer than this after it was made, whatever a sound card asks for."""


class SoundWait:
    """The pictures on their way to one sink, oldest first. Used by the thread of that sink."""

    def __init__(self, picture: PictureDelay, clock: Clock) -> None:
        self._picture, self._clock = picture, clock
        self._waiting: deque[tuple[int, RenderedFrame]] = deque()

    def put(self, frame: RenderedFrame) -> None:
        """Have `frame` wait for its sound; only those that follow the driver have one. Being away does not wait."""
        if frame.status is FrameStatus.AWAY:
            self._waiting.clear()
        live = frame.status is FrameStatus.LIVE
        due_ns = min(frame.t_capture_ns + self._picture.least_ns, frame.t_rendered_ns + MOST_NS) if live else 0
        self._waiting.append((due_ns, frame))

    def take(self) -> RenderedFrame | None:
        """The newest picture whose time has come; those before it are past."""
        now_ns, found = self._clock.now_ns(), None
        while self._waiting and self._waiting[0][0] <= now_ns:
            found = self._waiting.popleft()[1]
        return found

    def left_s(self, most_s: float) -> float:
        """How long until the next one may go; `most_s` where none waits."""
        if not self._waiting:
            return most_s
        return min(most_s, max(0.0, (self._waiting[0][0] - self._clock.now_ns()) / NS_PER_S))
