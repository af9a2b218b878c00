"""Smoothing for offline work: looks at frames before *and* after, so it removes jitter without any lag.

Each landmark is averaged over a few neighbouring frames, the weight of a neighbour falling with its distance in time
and with how far the landmark has moved there (a bilateral filter over time, after Tomasi and Manduchi, "Bilateral
filtering for gray and color images", 1998): a still head is averaged fully, a blink or a word not at all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, repeat

import numpy as np

from app.packets import FaceObservation
from models.types import FloatArray

RADIUS = 4
"""Frames looked at on each side."""

TIME_SIGMA = 2.0
"""Frames."""

MOTION_SIGMA = 0.004
"""Displacement, in face sizes, from which on a neighbour counts little; twice the tracker's noise."""


def smooth_centred(observations: Iterable[FaceObservation | None]) -> Iterator[FaceObservation | None]:
    """The same observations, in the same order and number, with jitter averaged away; gaps stay gaps."""
    window: deque[FaceObservation | None] = deque([None] * RADIUS, maxlen=2 * RADIUS + 1)
    for index, observation in enumerate(chain(observations, repeat(None, RADIUS))):
        window.append(observation)
        if index >= RADIUS:
            yield _smoothed_middle(window)


def _smoothed_middle(window: deque[FaceObservation | None]) -> FaceObservation | None:
    middle = window[RADIUS]
    if middle is None:
        return None
    neighbours = _run_around_middle(window)
    points = np.stack([observation.landmarks_px for _, observation in neighbours])  # (n, 478, 3)
    offsets = np.array([offset for offset, _ in neighbours], np.float32)
    return replace(middle, landmarks_px=_bilateral(points, offsets, middle.landmarks_px))


def _run_around_middle(window: deque[FaceObservation | None]) -> list[tuple[int, FaceObservation]]:
    """The unbroken run of observations that contains the middle one, with their distance in frames."""
    run: list[tuple[int, FaceObservation]] = []
    for step in (-1, 1):
        for distance in range(1 if step > 0 else 0, RADIUS + 1):
            observation = window[RADIUS + step * distance]
            if observation is None:
                break
            run.append((step * distance, observation))
    return run


def _bilateral(points: FloatArray, offsets: FloatArray, middle: FloatArray) -> FloatArray:
    face_px = float(np.ptp(middle[:468, :2], axis=0).max())
    moved = np.linalg.norm(points[..., :2] - middle[None, :, :2], axis=-1) / max(face_px, 1e-6)  # (n, 478)
    weight = np.exp(-0.5 * (moved / MOTION_SIGMA) ** 2 - 0.5 * (offsets[:, None] / TIME_SIGMA) ** 2)
    smoothed = (weight[..., None] * points).sum(0) / weight.sum(0)[:, None]
    return np.asarray(smoothed, np.float32)
