"""Which of a person's further pictures the live animation looks at: every one costs time in every frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from models.types import Animator, FaceView, FloatArray, PortraitView

MOST_LIVE_REFERENCES = 1
"""On two cores each takes 1 to 2 ms of every frame; with two, the slowest frames came late (docs/measurements.md)."""


def widest_spread(
    animator: Animator[Any],
    portrait: PortraitView,
    references: Sequence[PortraitView],
    most: int = MOST_LIVE_REFERENCES,
) -> tuple[PortraitView, ...]:
    """At most `most`, each turned as far as possible from the portrait and those before it.

    What one picture hides another turned away from it shows; two alike help no more than one. The order stays.
    """
    if len(references) <= most:
        return tuple(references)
    turns = [
        animator.observe(FaceView(view.landmarks, view.image)).camera_from_head for view in (portrait, *references)
    ]
    return tuple(references[place - 1] for place in sorted(farthest_turns(turns, most)))


def farthest_turns(turns: Sequence[FloatArray], count: int) -> list[int]:
    """Places of `count` rotations (3, 3), each farthest from the first one and those chosen before it."""
    stacked = np.stack(turns)
    traces = np.einsum("aij,bij->ab", stacked, stacked)  # 1 + 2 cos of the angle between: the smaller, the farther
    nearest, chosen = traces[0].copy(), list[int]()
    for _ in range(min(count, len(turns) - 1)):
        nearest[[0, *chosen]] = np.inf
        chosen.append(int(nearest.argmin()))
        nearest = np.maximum(nearest, traces[chosen[-1]])
    return chosen
