"""Takes the tremble out of landmarks without making the portrait lag: One-Euro filters that know the tracker's noise.

Pose and landmarks are steadied apart, in the head's frame (`head_frame`), each row by a filter of its own (`one_euro`)
whose noise is measured while it runs (`noise_level`). A plain One-Euro filter was here first: its cut-off rises with
speed, noise is speed, and where the tracker trembled most, it was most open.
"""

from __future__ import annotations

import numpy as np

from app.clock import NS_PER_S
from app.tracking.head_frame import HeadFrame, HeadRows, Points, moved_faces
from app.tracking.noise_level import NoiseLevel
from app.tracking.one_euro import LOCAL_DEAD_ZONE, POSE_DEAD_ZONE, OneEuro
from models.types import FloatArray

DEFAULT_STRENGTH = 0.4

GAP_S = 0.5
"""After so long without a face the past says nothing about the present."""

JUMP = 0.5
"""A face that moves by more than this share of its size between two frames is another face, or a cut."""


class SteadyRows:
    """Rows without their tremble."""

    def __init__(self, first: Points) -> None:
        self._filter, self._noise = OneEuro(first), NoiseLevel(first)

    def update(self, rows: Points, dt_s: float, dead_zone: float) -> Points:
        """The steadied rows; dead_zone: see `one_euro`.

        Shapes:
            rows: (N, D), in face sizes, with one noise level a row.
        """
        return self._filter.update(rows, self._noise.update(rows, dt_s), dt_s, dead_zone)


class LandmarkSmoother:
    """Smooths the 478 landmarks of one face over time. Used by one thread.

    strength: 0 passes landmarks through unchanged, 1 is steadiest; may be changed between two frames.
    """

    def __init__(self, strength: float = DEFAULT_STRENGTH) -> None:
        self.strength = strength
        self._head: HeadFrame | None = None  # None: no past
        self._seen: HeadRows
        self._pose: SteadyRows
        self._local: SteadyRows
        self._last: FloatArray = np.zeros((0, 3), np.float32)
        self._t_ns = 0

    @property
    def strength(self) -> float:
        return self._strength

    @strength.setter
    def strength(self, value: float) -> None:
        if not 0.0 <= value <= 1.0:
            raise ValueError(f"smoothing must be between 0 and 1, got {value:g}")
        self._strength = value

    def reset(self) -> None:
        """Forget the past: the next landmarks come back unchanged."""
        self._head = None

    def update(self, landmarks_px: FloatArray, t_ns: int) -> FloatArray:
        """The smoothed landmarks; resets itself after a gap, a jump, or when time runs backwards.

        Shapes:
            landmarks_px: (478, 3), any unit; the result has the same.
        """
        dt_s = (t_ns - self._t_ns) / NS_PER_S
        if self._head is not None and dt_s == 0:
            return self._last
        if self._head is None or not 0 < dt_s <= GAP_S or self._strength == 0:
            return self._start(landmarks_px, t_ns)
        try:
            seen = self._head.split(landmarks_px)
        except ValueError:  # no face has such points; the next one begins anew
            self.reset()
            return landmarks_px
        if moved_faces(self._seen, seen) > JUMP:
            return self._start(landmarks_px, t_ns)
        self._seen, self._t_ns = seen, t_ns
        self._last = self._head.join(self._steadied(seen, dt_s))
        return self._last

    def _steadied(self, seen: HeadRows, dt_s: float) -> HeadRows:
        """Both dead zones grow with the strength, from none at 0; slowly, so that 1 still lets most of a blink by."""
        times = float(np.sqrt(self._strength / DEFAULT_STRENGTH))
        pose = self._pose.update(seen.pose, dt_s, times * POSE_DEAD_ZONE)
        return HeadRows(pose, self._local.update(seen.local, dt_s, times * LOCAL_DEAD_ZONE))

    def _start(self, landmarks_px: FloatArray, t_ns: int) -> FloatArray:
        """Take the head's frame from this face, and begin both filters with it."""
        try:
            self._head = HeadFrame(landmarks_px)
            self._seen = self._head.split(landmarks_px)
        except ValueError:
            self.reset()
            return landmarks_px
        self._pose, self._local = SteadyRows(self._seen.pose), SteadyRows(self._seen.local)
        self._t_ns, self._last = t_ns, landmarks_px
        return landmarks_px
