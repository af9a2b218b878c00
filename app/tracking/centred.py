"""Smoothing for offline work: looks at frames before *and* after, so it removes jitter without any lag.

Pose and landmarks (`head_frame`) are each averaged over neighbouring frames, the weight of a neighbour falling with
its distance in time and with how far the row has moved there, measured in the tracker's own noise (a bilateral filter
over time, after Tomasi and Manduchi, "Bilateral filtering for gray and color images", 1998): a still head is averaged
fully, a blink or a word not at all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat

import numpy as np

from app.packets import FaceObservation
from app.tracking.head_frame import HeadFrame, HeadRows, Points, moved_faces
from app.tracking.noise_level import NoiseLevel
from app.tracking.smoothing import JUMP, averaged_share
from models.types import FloatArray

RADIUS = 18
"""Frames looked at on each side."""

TIME_SIGMA = 10.0
"""Frames."""

POSE_REACH, LOCAL_REACH = 5.0, 4.0
"""Times the noise from which on a row counts as moved; a little more than live, where it costs lag."""

FRAME_S = 0.04
"""Time between two frames as far as the noise is concerned; a file has no clock of its own."""


@dataclass(frozen=True)
class _Entry:
    """One observed face. noise: of its rows, shapes (3, 1) and (478, 1)."""

    observation: FaceObservation
    head: HeadFrame
    rows: HeadRows
    pose_noise: Points
    local_noise: Points


_Slot = _Entry | FaceObservation | None
"""A bare observation holds points that are no face: it comes out as it went in."""


class _Reader:
    """Turns observations into entries; an unbroken run of them shares one head frame."""

    def __init__(self) -> None:
        self._last: HeadRows | None = None

    def read(self, observation: FaceObservation | None) -> _Slot:
        try:
            if observation is not None:
                return self._entry(observation)
        except ValueError:  # points on one spot, or not finite
            pass
        self._last = None
        return observation

    def _entry(self, observation: FaceObservation) -> _Entry:
        rows = None if self._last is None else self._head.split(observation.landmarks_px)
        if rows is None or self._last is None or moved_faces(self._last, rows) > JUMP:
            rows = self._begin(observation.landmarks_px)
        self._last = rows
        noise = self._pose_noise.update(rows.pose, FRAME_S), self._local_noise.update(rows.local, FRAME_S)
        return _Entry(observation, self._head, rows, *noise)

    def _begin(self, landmarks_px: FloatArray) -> HeadRows:
        self._head = HeadFrame(landmarks_px)
        rows = self._head.split(landmarks_px)
        self._pose_noise, self._local_noise = NoiseLevel(rows.pose), NoiseLevel(rows.local)
        return rows


def smooth_centred(observations: Iterable[FaceObservation | None]) -> Iterator[FaceObservation | None]:
    """The same observations, in the same order and number, with jitter averaged away; gaps stay gaps."""
    window: deque[_Slot] = deque([None] * RADIUS, maxlen=2 * RADIUS + 1)
    reader = _Reader()
    for index, observation in enumerate(chain(observations, repeat(None, RADIUS))):
        window.append(reader.read(observation))
        if index >= RADIUS:
            yield _smoothed_middle(window)


def _smoothed_middle(window: deque[_Slot]) -> FaceObservation | None:
    middle = window[RADIUS]
    if not isinstance(middle, _Entry):
        return middle
    offsets, run = _run_around_middle(window, middle)
    at = int(np.flatnonzero(offsets == 0)[0])
    pose = _bilateral([e.rows.pose for e in run], [e.pose_noise for e in run], (offsets, at), POSE_REACH)
    local = _bilateral([e.rows.local for e in run], [e.local_noise for e in run], (offsets, at), LOCAL_REACH)
    return replace(middle.observation, landmarks_px=middle.head.join(HeadRows(pose, local)))


def _run_around_middle(window: deque[_Slot], middle: _Entry) -> tuple[Points, list[_Entry]]:
    """The unbroken run of entries that contains the middle one, and their distances from it in frames."""
    first = last = RADIUS
    while first > 0 and _joins(window[first - 1], middle):
        first -= 1
    while last + 1 < len(window) and _joins(window[last + 1], middle):
        last += 1
    run = [entry for entry in list(window)[first : last + 1] if isinstance(entry, _Entry)]
    return np.arange(first, last + 1) - float(RADIUS), run


def _joins(entry: _Slot, middle: _Entry) -> bool:
    return isinstance(entry, _Entry) and entry.head is middle.head


def _bilateral(rows: Sequence[Points], noise: Sequence[Points], place: tuple[Points, int], reach: float) -> Points:
    """The middle row averaged with its like. The least noise found nearby counts: motion anywhere in it is motion.

    place: the frames' distances from the middle one, and the index of that one.
    """
    offsets, at = place
    values, least = np.stack(rows), np.min(np.stack(noise), axis=0)
    away = np.linalg.norm(values - values[at], axis=2, keepdims=True)  # (n, N, 1)
    nearness = np.exp(-0.5 * (offsets / TIME_SIGMA) ** 2)[:, None, None]
    weight = nearness * averaged_share(away, reach * least)
    return np.asarray((weight * values).sum(0) / weight.sum(0))
