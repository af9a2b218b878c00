"""What a face tracker is: pictures in, landmarks out. Numbers only leave it."""

from __future__ import annotations

from typing import Protocol

from app.packets import FaceObservation
from models.types import ImageArray


class Tracker(Protocol):
    """Finds faces in pictures. Made, used and closed on one thread.

    Made once per tracking thread and kept while that runs: MediaPipe leaks a little with each one.
    """

    def track(self, image: ImageArray, t_capture_ns: int) -> list[FaceObservation]:
        """All faces found in one RGB picture, in no particular order; empty when there is none.

        `t_capture_ns` grows strictly from call to call. Trackers for single pictures ignore it.
        """
        ...

    def close(self) -> None:
        """Give the model back. Idempotent."""
        ...
