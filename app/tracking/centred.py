"""Smoothing for offline work: looks at frames before *and* after, so it removes jitter without any lag.

The One-Euro filter of the live path (`one_euro`) runs over the frames twice, forwards and backwards; the one is behind
a motion by as much as the other is ahead of it. Each frame takes the mean of the two, weighted by how many frames
either has averaged: beside a blink the one that has not met it yet counts (the two-filter form of a smoother, D. Fraser
and J. Potter, "The Optimum Linear Smoother as a Combination of Two Optimum Linear Filters", IEEE Trans. Automatic
Control 1969).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from app.packets import FaceObservation
from app.tracking.head_frame import HeadFrame, HeadRows, Points, moved_faces
from app.tracking.noise_level import NoiseLevel
from app.tracking.one_euro import LOCAL_DEAD_ZONE, POSE_DEAD_ZONE, OneEuro
from app.tracking.smoothing import JUMP

BLOCK, AHEAD = 25, 25
"""Frames that are finished together, and frames after them that are looked at: a second each."""

SURPRISE = 4.0
"""As in `noise_level`; less than live, because the noise is known from a second ahead."""

FRAME_S = 0.04
"""Time between two frames as far as filters are concerned; a file has no clock of its own."""


class _CentredRows:
    """The rows of an unbroken run of frames: put in one by one, taken out in blocks, steadied."""

    def __init__(self, first: Points, dead_zone: float) -> None:
        self._dead_zone = dead_zone
        self._level = NoiseLevel(first, SURPRISE)
        self._noise: Points  # of the latest frame; one alone needs none
        self._forward: OneEuro | None = None
        self._waiting = [first]

    def add(self, rows: Points) -> None:
        self._noise = self._level.update(rows, FRAME_S)
        self._waiting.append(rows)

    def take(self, count: int) -> list[Points]:
        """The first `count` of the waiting frames."""
        backward = self._backward()[:count]
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        steadied = []
        for rows, (later, later_frames) in zip(taken, backward, strict=True):
            forward = self._step_forward(rows)
            # Both averages hold the frame itself; it counts once.
            frames = forward.frames + later_frames - 1.0
            steadied.append((forward.frames * forward.value + later_frames * later - rows) / frames)
        return steadied

    def _step_forward(self, rows: Points) -> OneEuro:
        if self._forward is None:
            self._forward = OneEuro(rows)
        else:
            self._forward.update(rows, self._noise, FRAME_S, self._dead_zone)
        return self._forward

    def _backward(self) -> list[tuple[Points, Points]]:
        """Value and frames of the filter that comes from the end, for every waiting frame."""
        *earlier, last = self._waiting
        backward = OneEuro(last)
        found = [(backward.value, backward.frames)]
        for rows in reversed(earlier):
            found.append((backward.update(rows, self._noise, FRAME_S, self._dead_zone), backward.frames))
        return found[::-1]


class _Run:
    """Faces without a gap or a jump between them, in one head frame.

    Raises:
        ValueError: points on one spot, or not finite.
    """

    def __init__(self, first: FaceObservation) -> None:
        self._head = HeadFrame(first.landmarks_px)
        self._last = self._head.split(first.landmarks_px)
        self._pose = _CentredRows(self._last.pose, POSE_DEAD_ZONE)
        self._local = _CentredRows(self._last.local, LOCAL_DEAD_ZONE)
        self._waiting = [first]

    def add(self, observation: FaceObservation) -> bool:
        """Take one more face; False: it belongs to another run."""
        rows = self._head.split(observation.landmarks_px)
        if moved_faces(self._last, rows) > JUMP:
            return False
        self._pose.add(rows.pose)
        self._local.add(rows.local)
        self._waiting.append(observation)
        self._last = rows
        return True

    def finished(self) -> Sequence[FaceObservation]:
        """The next block, once enough frames after it are known."""
        return self._take(BLOCK) if len(self._waiting) == BLOCK + AHEAD else []

    def rest(self) -> Sequence[FaceObservation]:
        """All that is left; nothing may be added after it."""
        return self._take(len(self._waiting)) if self._waiting else []

    def _take(self, count: int) -> list[FaceObservation]:
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        steadied = zip(self._pose.take(count), self._local.take(count), strict=True)
        faces = [self._head.join(HeadRows(pose, local)) for pose, local in steadied]
        return [replace(seen, landmarks_px=face) for seen, face in zip(taken, faces, strict=True)]


def smooth_centred(observations: Iterable[FaceObservation | None]) -> Iterator[FaceObservation | None]:
    """The same observations, in the same order and number, with jitter averaged away; gaps stay gaps.

    Up to BLOCK + AHEAD observations are read before the first comes out.
    """
    run: _Run | None = None
    for observation in observations:
        try:
            if observation is not None and run is not None and run.add(observation):
                yield from run.finished()
                continue
            following = None if observation is None else _Run(observation)
        except ValueError:  # no face has such points: they come out as they went in
            following = None
        if run is not None:
            yield from run.rest()
        run = following
        if run is None:
            yield observation
    if run is not None:
        yield from run.rest()
