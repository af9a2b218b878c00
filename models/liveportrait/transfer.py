"""A driver's motion as a portrait's, as LivePortrait does it: eq. 7 and the retargeting of Algorithm 1.

Where eyes or lips are to be opened as wanted, line 9 of the algorithm starts from the source's keypoints, so that
nothing else of the driver would reach the portrait. Here only the points of that region start from the source's
expression and the rest follows the driver: with a driver who does nothing this is line 9 exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import numpy as np

from models.liveportrait.state import ImplicitMotion
from models.motion.controls import MotionControls, Region
from models.motion.rotation import scaled_rotation
from models.types import FloatArray, MotionState

EYE_POINTS = (11, 13, 15, 16, 18)
LIP_POINTS = (6, 12, 14, 17, 19, 20)
"""Which of the 21 keypoints the public weights move with the eyes and with the lips."""

M = TypeVar("M", bound=MotionState)


class Openers(Protocol):
    """R_eyes and R_lip: (K, 3), what to add to the keypoints of `source` for an openness of 0 (shut) to 1."""

    def eyes(self, source: ImplicitMotion, wanted: float) -> FloatArray: ...

    def lips(self, source: ImplicitMotion, wanted: float) -> FloatArray: ...


@dataclass(frozen=True)
class ImplicitTransfer:
    """One driver's neutral state, against which relative motion is measured.

    openers: None where there are no networks for it (animals): eyes and lips then follow the driver.
    """

    neutral: MotionState
    openers: Openers | None = None

    def drive(self, source: MotionState, driver: MotionState, controls: MotionControls) -> MotionState:
        """What the portrait with state `source` has to do when the driver does `driver`.

        The result has the source's `canonical`.
        """
        moved = self._relative(source, driver, controls.gain)
        if not controls.relative:
            moved = _absolute(source, driver, controls.gain)
        moved = _in_region(source, moved, controls.region)
        openings = self._openings(source, controls)
        if not openings:
            return moved
        expression = moved.expression.copy()
        for points, _ in openings:
            expression[list(points)] = source.expression[list(points)]
        displaced = np.sum([displacement for _, displacement in openings], axis=0)  # of keypoints, after the scale
        return replace(moved, expression=(expression + displaced / moved.scale).astype(np.float32))

    def _openings(self, source: MotionState, controls: MotionControls) -> list[tuple[tuple[int, ...], FloatArray]]:
        """Which points start from the source's expression, and what is added to all of them, for eyes and lips."""
        found: list[tuple[tuple[int, ...], FloatArray]] = []
        if self.openers is None or not isinstance(source, ImplicitMotion):
            return found
        if controls.retarget_eyes is not None:
            found.append((EYE_POINTS, self.openers.eyes(source, controls.retarget_eyes)))
        if controls.retarget_lips is not None:
            found.append((LIP_POINTS, self.openers.lips(source, controls.retarget_lips)))
        return found

    def _relative(self, source: M, driver: MotionState, gain: float) -> M:
        """Eq. 7; row form R_d R_0^-1 R_s is, for columns, R_s R_0^-1 R_d."""
        neutral = self.neutral
        turned = neutral.camera_from_head.T @ driver.camera_from_head
        return replace(
            source,
            expression=(source.expression + gain * (driver.expression - neutral.expression)).astype(np.float32),
            camera_from_head=(source.camera_from_head @ scaled_rotation(turned, gain)).astype(np.float32),
            scale=source.scale * (driver.scale / neutral.scale) ** gain,
            translation=(source.translation + gain * (driver.translation - neutral.translation)).astype(np.float32),
        )


def _absolute(source: M, driver: MotionState, gain: float) -> M:
    """Eq. 2 with the source's canonical keypoints; a gain other than 1 goes on from the source's own motion."""
    turned = source.camera_from_head.T @ driver.camera_from_head
    return replace(
        source,
        expression=(source.expression + gain * (driver.expression - source.expression)).astype(np.float32),
        camera_from_head=(source.camera_from_head @ scaled_rotation(turned, gain)).astype(np.float32),
        scale=source.scale * (driver.scale / source.scale) ** gain,
        translation=(source.translation + gain * (driver.translation - source.translation)).astype(np.float32),
    )


def _in_region(source: M, moved: M, region: Region) -> M:
    if region is Region.ALL:
        return moved
    if region is Region.POSE:
        return replace(moved, expression=source.expression)
    if region is Region.EXPRESSION:
        return replace(source, expression=moved.expression)
    points = list(EYE_POINTS if region is Region.EYES else LIP_POINTS)
    expression = source.expression.copy()
    expression[points] = moved.expression[points]
    return replace(source, expression=expression)
