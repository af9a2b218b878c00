"""One sink on a thread of its own: takes the newest finished frame and delivers it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from app.clock import Clock, SystemClock
from app.errors import AppError
from app.output.base import FrameSink
from app.packets import RenderedFrame
from app.slots import LatestSlot

OnDelivered = Callable[[str, RenderedFrame, int], None]
"""Called with (sink name, frame, t_delivered_ns) on the sink's thread, after the sink has the frame."""

WAIT_S = 0.5
"""Longest wait for a frame in one step; `unblock` ends it at once."""

log = logging.getLogger(__name__)


def _unheard(sink_name: str, frame: RenderedFrame, t_delivered_ns: int) -> None:
    """Nobody asked to be told about deliveries."""


def _unminded(error: Exception) -> None:
    """Nothing is lost by a bad end of this sink."""


class SinkStage:
    """Connects a slot with a sink; run it in a `Worker`, whose `on_failure` hears of a sink that gave up.

    The slot belongs to this sink alone, so a slow sink loses frames of its own and holds nobody up.

    Args:
        close_sink: False leaves the sink open when the stage ends. For the virtual camera, which stays open for the
            program's life while sessions come and go; whoever made it closes it.
        on_bad_end: told why the sink could not be closed, so that a file without its end is not taken for a whole one.
    """

    def __init__(
        self,
        sink: FrameSink,
        inbox: LatestSlot[RenderedFrame],
        on_delivered: OnDelivered = _unheard,
        *,
        clock: Clock | None = None,
        close_sink: bool = True,
        on_bad_end: Callable[[Exception], None] = _unminded,
    ) -> None:
        self.name = f"sink {sink.name}"
        self._sink, self._inbox, self._on_delivered = sink, inbox, on_delivered
        self._clock = clock or SystemClock()
        self._close_sink, self._on_bad_end = close_sink, on_bad_end

    def open(self) -> None:
        """Open the sink on this thread."""
        self._sink.open()

    def step(self) -> None:
        """Deliver one frame, or find that none came."""
        try:
            frame = self._inbox.get(WAIT_S)
        except TimeoutError:
            return
        self._deliver(frame)

    def _deliver(self, frame: RenderedFrame) -> None:
        self._sink.send(frame)
        self._on_delivered(self._sink.name, frame, self._clock.now_ns())

    def release(self) -> None:
        """Close the sink; what goes wrong then is logged and told, because the stage is already ending."""
        if not self._close_sink:
            return
        try:
            self._sink.close()
        except Exception as problem:
            expected = isinstance(problem, AppError)
            log.error("%s: %s", self._sink.name, problem, exc_info=not expected)
            self._on_bad_end(problem)

    def unblock(self) -> None:
        """Wake a waiting step; the frame that was not read is dropped."""
        self._inbox.close()
