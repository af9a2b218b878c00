"""How much of a person's pictures the live animation looks at: every view and every pixel costs time in each frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from app.resample import resized
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


def scaled(view: PortraitView, side_px: int | None) -> PortraitView:
    """The view at most `side_px` wide; None leaves it as it is. Landmarks are in unit coordinates and stay."""
    side = view.image.shape[0]
    if side_px is None or side <= side_px:
        return view
    size = (side_px, side_px)
    return replace(
        view,
        image=resized(view.image, size),
        foreground=None if view.foreground is None else resized(view.foreground, size),
        background=None if view.background is None else resized(view.background, size),
    )


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
