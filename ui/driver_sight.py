"""What the window may know of the driver: where the camera sees the face, as lines. No picture of the camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.clock import NS_PER_MS, NS_PER_S, Clock
from app.control import EngineControl
from app.packets import FaceObservation, TrackedFrame
from app.slots import LatestSlot
from app.tracking.face_lines import FACE_LINES
from ui.protocols import MainView
from ui.shown import DriverSeen

LOOK_EVERY_NS = 80 * NS_PER_MS
"""A small picture needs no more than twelve looks a second."""

STALE_NS = NS_PER_S
"""Points older than this are of a camera that does not give pictures any more."""


@dataclass(frozen=True)
class _Look:
    """Of one tracked picture only what is drawn; the frame itself is not kept: it may hold pixels."""

    face: FaceObservation | None


class DriverSight:
    """Listens to the tracking of the engine and shows the newest look now and then."""

    def __init__(self, view: MainView, engine: EngineControl, clock: Clock) -> None:
        self._view, self._clock = view, clock
        self._looks: LatestSlot[_Look] = LatestSlot("sight of the driver")
        self._looked_ns = -LOOK_EVERY_NS
        self._seen_ns: int | None = None
        self.found = False
        """Whether there was a face in the newest picture."""
        engine.on_tracked(self._tracked)

    def show(self) -> None:
        """Bring the window up to the newest look; called as often as one likes."""
        now_ns = self._clock.now_ns()
        if now_ns - self._looked_ns < LOOK_EVERY_NS:
            return
        self._looked_ns = now_ns
        look = self._looks.take()
        if look is not None:
            self._seen_ns, self.found = now_ns, look.face is not None
            self._view.show_driver(_seen(look.face))
        elif self._seen_ns is not None and now_ns - self._seen_ns > STALE_NS:
            self._seen_ns, self.found = None, False
            self._view.show_driver(None)

    def _tracked(self, frame: TrackedFrame) -> None:
        """On the tracking thread."""
        self._looks.put(_Look(frame.observation))


def _seen(face: FaceObservation | None) -> DriverSeen:
    if face is None:
        return DriverSeen(())
    h, w = face.picture_size
    points = (face.landmarks_px[:, :2] / np.array([w, h], np.float32)).astype(np.float32)
    return DriverSeen(tuple(points[list(line)] for line in FACE_LINES), w / h)
