"""Stays with one person when several are in the picture."""

from __future__ import annotations

from collections.abc import Sequence

from app.clock import NS_PER_S
from app.packets import FaceObservation
from app.tracking.regions import Box

LOST_AFTER_S = 1.0
"""So long a lost person keeps the place; then the biggest face takes it."""

REACH = 0.6
"""How far a face may move between two frames, in face sizes."""

REACH_PER_S = 2.0
"""What that distance gains for every second without a sighting."""

SIZE_RATIO = 1.6
"""How much a face may grow or shrink from sighting to sighting."""


class FaceLock:
    """Chooses one face per picture by continuity: place and size against the last sighting.

    At the start, after `reset`, and when the person has been gone for LOST_AFTER_S, the biggest face is chosen (one the
    detector doubts counts less). A bigger face that appears later does not take over. Used by one thread.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget whom to follow."""
        self._last: Box | None = None
        self._seen_ns = 0

    def choose(self, found: Sequence[FaceObservation], t_ns: int) -> FaceObservation | None:
        """The followed person among the faces of one picture, or None if he is not there."""
        if not found:
            return None
        boxes = [Box.around(face.landmarks_px) for face in found]
        since_s = max(0.0, (t_ns - self._seen_ns) / NS_PER_S)
        if self._last is None or since_s > LOST_AFTER_S:
            index = max(range(len(found)), key=lambda i: boxes[i].size * found[i].presence)
        else:
            last = self._last
            index = max(range(len(found)), key=lambda i: _likeness(last, boxes[i]))
            if not _continues(last, boxes[index], since_s):
                return None
        self._last, self._seen_ns = boxes[index], t_ns
        return found[index]


def _likeness(last: Box, box: Box) -> float:
    """Higher is more likely the same face; overlap decides, distance where nothing overlaps, size last."""
    ratio = min(last.size, box.size) / max(last.size, box.size, 1e-9)
    return last.overlap(box) - last.distance(box) / max(last.size, 1e-9) + 0.5 * ratio


def _continues(last: Box, box: Box, since_s: float) -> bool:
    smaller, larger = sorted((last.size, box.size))
    near = last.distance(box) <= (REACH + REACH_PER_S * since_s) * last.size
    return near and larger <= SIZE_RATIO * smaller
