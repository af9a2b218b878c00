"""Takes the tremble out of landmarks without making the portrait lag.

One-Euro filter: G. Casiez, N. Roussel, D. Vogel, "1 Euro Filter", CHI 2012: a low-pass filter whose cut-off rises with
speed, so that a still face stands still and a moving one is hardly delayed.

The face's motion is split before filtering. The pose (a similarity fit) and what each landmark does in the head's own
frame are filtered apart: a turning head then does not open the filter of its mouth, nor a blink that of its pose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.clock import NS_PER_S
from models.motion.similarity import Similarity, fit_similarity
from models.types import LANDMARK_COUNT, FloatArray

DEFAULT_STRENGTH = 0.4
GAP_S = 0.5
"""After so long without a face the past says nothing about the present."""

JUMP = 0.5
"""A face that moves by more than this share of its size between two frames is another face, or a cut."""

SPEED_CUTOFF_HZ = 6.0
"""Low-pass of the speed estimate; high, because blinks last three frames."""


STIFF_POINTS = [
    *(10, 338, 297, 332, 109, 67, 103, 151, 9, 8, 168, 6, 197, 195, 5, 4, 1),  # forehead, bridge and tip of the nose
    *(33, 133, 362, 263, 127, 356, 234, 454, 116, 345, 117, 346, 50, 280, 205, 425),  # eye corners, temples, cheeks
]
"""Landmarks that move little when a face speaks, blinks or raises its brows: they tell the pose."""

STIFFNESS = np.zeros(LANDMARK_COUNT, np.float32)
STIFFNESS[STIFF_POINTS] = 1.0

Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class OneEuroTuning:
    """Cut-off in hertz at rest, and how many hertz it gains per unit of speed (faces per second)."""

    rest_hz: float
    hz_per_speed: float


def pose_tuning(strength: float) -> OneEuroTuning:
    """For the common motion of the head; 1 is steadiest."""
    return OneEuroTuning(_between(3.0, 0.2, strength), _between(38.0, 12.0, strength))


def local_tuning(strength: float) -> OneEuroTuning:
    """For each landmark in the head's frame; 1 is steadiest."""
    return OneEuroTuning(_between(3.0, 0.1, strength), _between(38.0, 10.0, strength))


class OneEuro:
    """One filter for many rows, each row (a point, or a group of parameters) with a speed of its own."""

    def __init__(self) -> None:
        self._value: Points | None = None
        self._velocity: Points = np.zeros(0)
        self._previous: Points = np.zeros(0)

    def update(self, rows: Points, dt_s: float, tuning: OneEuroTuning) -> Points:
        """The filtered rows. `dt_s` is the time since the last call; ignored in the first.

        Shapes:
            rows: (N, D), in units of face size.
        """
        if self._value is None:
            self._value, self._velocity, self._previous = rows, np.zeros_like(rows), rows
            return rows
        velocity = (rows - self._previous) / dt_s
        self._velocity = self._velocity + _share(SPEED_CUTOFF_HZ, dt_s) * (velocity - self._velocity)
        speed = np.linalg.norm(self._velocity, axis=1, keepdims=True)
        share = _share(tuning.rest_hz + tuning.hz_per_speed * speed, dt_s)
        self._value, self._previous = self._value + share * (rows - self._value), rows
        return self._value


class LandmarkSmoother:
    """Smooths the 478 landmarks of one face over time. Used by one thread.

    strength: 0 passes landmarks through unchanged, 1 is steadiest; may be changed between two frames.
    """

    def __init__(self, strength: float = DEFAULT_STRENGTH) -> None:
        self.strength = strength
        self._reference: FloatArray | None = None  # the face's first shape, centred, size 1; None: no past
        self._size = 1.0
        self._pose = Similarity(np.eye(3, dtype=np.float32), 1.0, np.zeros(3, np.float32))
        self._pose_filter, self._local_filter = OneEuro(), OneEuro()
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
        self._reference = None

    def update(self, landmarks_px: FloatArray, t_ns: int) -> FloatArray:
        """The smoothed landmarks; resets itself after a gap, a jump, or when time runs backwards.

        Shapes:
            landmarks_px: (478, 3), any unit; the result has the same.
        """
        dt_s = (t_ns - self._t_ns) / NS_PER_S
        if self._reference is not None and dt_s == 0:
            return self._last
        if self._reference is None or not 0 < dt_s <= GAP_S or self._strength == 0:
            return self._start(landmarks_px, t_ns)
        try:
            pose = fit_similarity(self._reference, landmarks_px, STIFFNESS)
        except ValueError:  # no face has such points; the next one begins anew
            self.reset()
            return landmarks_px
        if np.linalg.norm(pose.translation - self._pose.translation) > JUMP * pose.scale:
            return self._start(landmarks_px, t_ns)
        self._pose = pose
        local = pose.undo(landmarks_px).astype(np.float64)
        local = self._local_filter.update(local, dt_s, local_tuning(self._strength))
        self._last = self._steady_pose(pose, dt_s).apply(local.astype(np.float32))
        self._t_ns = t_ns
        return self._last

    def _start(self, landmarks_px: FloatArray, t_ns: int) -> FloatArray:
        """Take this face as the reference, in units of its own size, and begin both filters with it."""
        stiff = landmarks_px[STIFF_POINTS]
        size = float(np.ptp(stiff[:, :2], axis=0).max())
        if not (size > 0 and np.isfinite(landmarks_px).all()):
            self.reset()
            return landmarks_px
        self._size, middle = size, stiff.mean(0)
        self._reference = ((landmarks_px - middle) / size).astype(np.float32)
        self._pose = Similarity(np.eye(3, dtype=np.float32), size, middle)
        self._pose_filter, self._local_filter = OneEuro(), OneEuro()
        self._steady_pose(self._pose, 1.0)
        self._local_filter.update(self._reference.astype(np.float64), 1.0, local_tuning(self._strength))
        self._t_ns, self._last = t_ns, landmarks_px
        return landmarks_px

    def _steady_pose(self, pose: Similarity, dt_s: float) -> Similarity:
        """Filter place, rotation and size, each as one row whose unit is about the size of the face.

        The rotation is filtered as a matrix and brought back onto the rotations (exact for the small differences
        between frames); half the face's width is the lever that turns radians into faces.
        """
        rows = np.zeros((3, 9))
        rows[0, :3] = pose.translation / self._size
        rows[1] = pose.rotation.ravel() / 2.0
        rows[2, 0] = np.log(pose.scale)
        rows = self._pose_filter.update(rows, dt_s, pose_tuning(self._strength))
        u, _, vt = np.linalg.svd(rows[1].reshape(3, 3))
        translation = (rows[0, :3] * self._size).astype(np.float32)
        return Similarity((u @ vt).astype(np.float32), float(np.exp(rows[2, 0])), translation)


def _share(cutoff_hz: float | Points, dt_s: float) -> Points:
    """How much of a new value a first-order low-pass takes in after `dt_s`."""
    return np.asarray(1.0 - np.exp(-2.0 * np.pi * np.asarray(cutoff_hz) * dt_s))


def _between(responsive: float, steady: float, strength: float) -> float:
    """Geometric interpolation: equal steps of the setting feel equal."""
    return float(responsive ** (1.0 - strength) * steady**strength)
