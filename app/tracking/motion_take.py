"""One recording of movement in the running window: the tracking thread adds to it, another one ends and saves it."""

from __future__ import annotations

import threading

from app.packets import TrackedFrame
from app.tracking.motion_recorder import MotionRecorder


class MotionTake:
    """A `MotionRecorder` that several threads may use."""

    def __init__(self, recorder: MotionRecorder | None = None) -> None:
        self._recorder = MotionRecorder() if recorder is None else recorder
        self._changing = threading.Lock()  # protects the recorder while it grows
        self._ended = False

    @property
    def seconds(self) -> float:
        """How long it is so far."""
        with self._changing:
            return self._recorder.duration_s

    @property
    def full(self) -> bool:
        """Whether it has reached its longest length."""
        return self._recorder.full

    def add(self, frame: TrackedFrame) -> None:
        """Keep the face of one tracked frame; nothing after the end."""
        with self._changing:
            if not self._ended:
                self._recorder.add(frame.observation, frame.t_capture_ns)

    def end(self) -> MotionRecorder:
        """What was recorded; it does not grow any more."""
        with self._changing:
            self._ended = True
        return self._recorder
