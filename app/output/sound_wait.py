"""Keeps a picture from being seen before its sound can be heard: sound cards take longer than quick pictures."""

from __future__ import annotations

import threading

from app.audio.picture_delay import PictureDelay
from app.clock import NS_PER_MS, Clock
from app.packets import FrameStatus, RenderedFrame

MOST_NS = 80 * NS_PER_MS
"""No picture is held longer, whatever a sound card asks for."""

MOST_INTERVALS = 1.5
"""Nor longer after it was made than so many times between two pictures: after two, the ones behind it would push each
other out. (Counted from when it was made: from when it is looked at here, each would wait for the last one too.)"""


class SoundWait:
    """Used by the thread of one sink; `end` is for any thread."""

    def __init__(self, picture: PictureDelay, clock: Clock) -> None:
        self._picture, self._clock = picture, clock
        self._ending = threading.Event()
        self._last: tuple[int, int] | None = None  # number and time of the picture before

    def hold(self, frame: RenderedFrame) -> None:
        """Return once `frame` may be handed over. Only those that follow the driver have a sound of their moment."""
        before, self._last = self._last, (frame.frame_id, frame.t_capture_ns)
        if frame.status is not FrameStatus.LIVE or before is None:
            return
        interval_ns = (frame.t_capture_ns - before[1]) / max(1, frame.frame_id - before[0])  # some may not get here
        most_ns = min(MOST_NS, round(MOST_INTERVALS * max(0.0, interval_ns)))
        due_ns = min(frame.t_capture_ns + self._picture.least_ns, frame.t_rendered_ns + most_ns)
        if due_ns > self._clock.now_ns():
            self._clock.wait_until_ns(due_ns, self._ending)

    def end(self) -> None:
        """Whatever waits returns at once."""
        self._ending.set()
