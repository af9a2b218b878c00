"""The capture thread: grabs from a source, and opens it again and again when it was lost."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from app.capture.base import CameraLost, FrameSource
from app.clock import NS_PER_S, Clock, SystemClock
from app.errors import EnvironmentProblem
from app.packets import CapturedFrame
from app.slots import Closed, LatestSlot

log = logging.getLogger(__name__)

GRAB_TIMEOUT_S = 0.5
"""Longest wait in one step; `unblock` ends it at once."""


@dataclass(frozen=True)
class RetryPolicy:
    """When a lost camera is tried again: after `first_s`, then twice as long each time, at most `longest_s`."""

    first_s: float = 0.25
    longest_s: float = 1.5

    def pause_s(self, failures: int) -> float:
        """How long to wait after so many failures in a row (1, 2, ...)."""
        return float(min(self.first_s * 2.0 ** min(failures - 1, 16), self.longest_s))


def _unheard(*_: object) -> None:
    """Nobody asked to be told."""


@dataclass(frozen=True)
class CaptureListeners:
    """Who is told what, on the capture thread; each returns at once.

    captured: every frame, after it was offered to the slot. lost: why there are no pictures now; told again only when
    the reason changes. recovered: pictures come again.
    """

    captured: Callable[[CapturedFrame], None] = _unheard
    lost: Callable[[EnvironmentProblem], None] = _unheard
    recovered: Callable[[], None] = _unheard


NO_LISTENERS = CaptureListeners()
USUAL_POLICY = RetryPolicy()


class CaptureStage:
    """Puts every picture of a source into a slot; run it in a `Worker`.

    make_source is called on the capture thread, until it has given a source once; from then on that source is opened
    again after a loss. A `UsageProblem` (a file that cannot be used) ends the stage; an `EnvironmentProblem` is told
    to `listeners.lost` and tried again, for ever.
    """

    name = "camera"

    def __init__(
        self,
        make_source: Callable[[], FrameSource],
        outbox: LatestSlot[CapturedFrame],
        listeners: CaptureListeners = NO_LISTENERS,
        policy: RetryPolicy = USUAL_POLICY,
        *,
        clock: Clock | None = None,
    ) -> None:
        self._make_source, self._outbox = make_source, outbox
        self._listeners, self._policy = listeners, policy
        self._clock = clock or SystemClock()
        self._stopping = threading.Event()
        self._source: FrameSource | None = None
        self._is_open = False
        self._failures = 0  # in a row; 0 while all is well
        self._told: str | None = None  # the sentence last told to `listeners.lost`
        self._t_retry_ns = 0

    def open(self) -> None:
        """Open the source for the first time; a camera that cannot be opened is tried again like a lost one.

        Raises:
            UsageProblem: a file that cannot be used.
        """
        try:
            self._open_source()
        except EnvironmentProblem as problem:
            self._lose(problem)

    def step(self) -> None:
        """Pass one picture on, or try once more to have a camera."""
        try:
            if not self._is_open:
                self._reopen()
            elif (frame := self._grab()) is not None:
                self._pass_on(frame)
        except EnvironmentProblem as problem:
            self._lose(problem)

    def release(self) -> None:
        """Give the device back."""
        self._is_open = False
        if self._source is not None:
            self._source.release()

    def unblock(self) -> None:
        """End whatever is waited for: a picture, the next attempt, or an opening."""
        self._stopping.set()
        source = self._source
        if source is not None:
            source.interrupt()

    def _open_source(self) -> None:
        if self._source is None:
            self._source = self._make_source()
        if self._stopping.is_set():  # `unblock` may have come before there was a source to interrupt
            raise Closed(self.name)
        self._source.open()
        self._is_open = True

    def _reopen(self) -> None:
        if self._clock.wait_until_ns(self._t_retry_ns, self._stopping):
            raise Closed(self.name)
        self._open_source()

    def _grab(self) -> CapturedFrame | None:
        assert self._source is not None  # it is open
        try:
            return self._source.grab(GRAB_TIMEOUT_S)
        except TimeoutError:
            return None

    def _pass_on(self, frame: CapturedFrame) -> None:
        if self._failures:
            log.info("the camera is back")
            self._failures, self._told = 0, None
            self._listeners.recovered()
        self._outbox.put(frame)
        self._listeners.captured(frame)

    def _lose(self, problem: EnvironmentProblem) -> None:
        """Let go of the device, tell, and decide when to try again."""
        if self._source is not None:
            self._source.release()
        self._is_open = False
        self._failures += 1
        self._t_retry_ns = self._clock.now_ns() + int(self._policy.pause_s(self._failures) * NS_PER_S)
        if f"{problem}" != self._told:
            self._told = f"{problem}"
            log.info("%s: %s", "lost" if isinstance(problem, CameraLost) else "not opened", problem)
            self._listeners.lost(problem)
