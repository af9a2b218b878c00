"""A driver's motion as the motion of one portrait (LivePortrait eq. 7, with control by region, gain and openness)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from models.motion.canonical import CanonicalFace, load_canonical
from models.motion.controls import MotionControls, Region
from models.motion.eye_range import EyeRange, with_lids_at, with_lips_apart
from models.motion.gaze import at_camera, with_gaze
from models.motion.landmark_sets import EYES, IRISES, LIPS
from models.motion.retarget import AnalyticRetargeter, Retargeter
from models.motion.rotation import rotation_vector, scaled_rotation
from models.types import LANDMARK_COUNT, FloatArray, MotionState

SCALE_REST = 0.04
"""Changes of apparent head size below about 4 % are mostly noise and expression: the head must not pulse."""

FARTHEST_SHIFT = 0.25
"""How far, in half sides of the square, a relative motion can carry the head from its place."""

EYE_REACH, LIP_REACH = 0.22, 0.40
"""How far around eyes and lips (face half width 1) the skin belongs to them when only they follow the driver."""


@dataclass(frozen=True)
class TurnLimit:
    """Turns up to `free` are followed as they are, farther ones less and less, and never beyond `free + more`; radians.

    One picture shows no more of a head than its front: farther round, an animator without a network draws ear and
    temple out over the cheek.
    """

    free: float
    more: float

    def of(self, turn: FloatArray) -> FloatArray:
        """The turn that is shown for the one that was made, (3, 3) each."""
        angle = float(np.linalg.norm(rotation_vector(turn)))
        if angle <= self.free:
            return turn
        return scaled_rotation(turn, (self.free + self.more * float(np.tanh((angle - self.free) / self.more))) / angle)


@dataclass(frozen=True)
class MotionTransfer:
    """One driver's neutral state, against which relative motion is measured.

    It works on any keypoints for pose, expression and gain; regions, openness and gaze need the 478 landmarks of
    FaceMesh as keypoints and are left out for others. retargeter: how eyes and lips are opened and shut; None is along
    the average direction, without a network. turns: how far a relative motion turns the head; None is as far as the
    driver's.
    """

    neutral: MotionState
    face: CanonicalFace = field(default_factory=load_canonical, repr=False)
    retargeter: Retargeter | None = field(default=None, repr=False)
    turns: TurnLimit | None = None

    def drive(self, source: MotionState, driver: MotionState, controls: MotionControls) -> MotionState:
        """What the portrait with state `source` has to do when the driver does `driver`.

        The result has the source's `canonical`.
        """
        moved = self._relative(source, driver, controls.gain)
        if not controls.relative:
            moved = _absolute(source, driver, controls.gain)
        chosen = self._in_region(source, moved, controls.region)
        if len(source.canonical) != LANDMARK_COUNT:
            return chosen
        if controls.relative:
            chosen = self._as_far_shut(source, chosen, driver, controls)
        return self._with_eyes_and_lips(source, chosen, controls)

    def _relative(self, source: MotionState, driver: MotionState, gain: float) -> MotionState:
        """Eq. 7. The paper's row form R_d R_0^-1 R_s is, for columns, R_s R_0^-1 R_d: a turn in the head's frame."""
        turned = scaled_rotation(self.neutral.camera_from_head.T @ driver.camera_from_head, gain)
        if self.turns is not None:
            turned = self.turns.of(turned)
        grown = _rested(float(np.log(driver.scale / self.neutral.scale)) * gain)
        shift = gain * (driver.translation - self.neutral.translation)
        return replace(
            source,
            expression=(source.expression + gain * (driver.expression - self.neutral.expression)).astype(np.float32),
            camera_from_head=(source.camera_from_head @ turned).astype(np.float32),
            scale=source.scale * float(np.exp(grown)),
            translation=(source.translation + FARTHEST_SHIFT * np.tanh(shift / FARTHEST_SHIFT)).astype(np.float32),
        )

    def _in_region(self, source: MotionState, moved: MotionState, region: Region) -> MotionState:
        if region is Region.ALL:
            return moved
        if region is Region.POSE:
            return replace(moved, expression=source.expression)
        still = replace(
            moved, camera_from_head=source.camera_from_head, scale=source.scale, translation=source.translation
        )
        if region is Region.EXPRESSION or len(source.canonical) != LANDMARK_COUNT:
            return still
        share = _around(self.face.mean, EYES + IRISES, EYE_REACH)
        if region is Region.LIPS:
            share = _around(self.face.mean, LIPS, LIP_REACH)
        change = share[:, None] * (moved.expression - source.expression)
        return replace(still, expression=(source.expression + change).astype(np.float32))

    @cached_property
    def _eyes(self) -> EyeRange:
        return EyeRange(self.neutral.canonical + self.neutral.expression)

    def _as_far_shut(
        self, source: MotionState, moved: MotionState, driver: MotionState, controls: MotionControls
    ) -> MotionState:
        """Eyes and lips that shut when the driver's do, unless they are held at an openness of their own."""
        own, shape = source.canonical + source.expression, moved.canonical + moved.expression
        shares = self._eyes.shares(driver.canonical + driver.expression)
        if controls.retarget_eyes is None and controls.region not in (Region.POSE, Region.LIPS):
            shape = with_lids_at(shape, own, shares, controls.gain, self.face)
        if controls.retarget_lips is None and controls.region not in (Region.POSE, Region.EYES):
            shape = with_lips_apart(shape, own, self.face)
        return replace(moved, expression=(shape - moved.canonical).astype(np.float32))

    def _with_eyes_and_lips(self, source: MotionState, moved: MotionState, controls: MotionControls) -> MotionState:
        own, shape = source.canonical + source.expression, moved.canonical + moved.expression
        retargeter = self.retargeter or AnalyticRetargeter(self.face)
        if controls.retarget_eyes is not None:
            shape = retargeter.open_eyes(shape, own, controls.retarget_eyes)
        if controls.retarget_lips is not None:
            shape = retargeter.open_lips(shape, controls.retarget_lips)
        to_camera = at_camera(source.camera_from_head, moved.camera_from_head)
        shape = with_gaze(shape, own, controls.gaze, to_camera)
        return replace(moved, expression=(shape - moved.canonical).astype(np.float32))


def _absolute(source: MotionState, driver: MotionState, gain: float) -> MotionState:
    """The driver's pose and expression on the portrait's face; a gain other than 1 goes on from the portrait's own."""
    turned = source.camera_from_head.T @ driver.camera_from_head
    return replace(
        source,
        expression=(source.expression + gain * (driver.expression - source.expression)).astype(np.float32),
        camera_from_head=(source.camera_from_head @ scaled_rotation(turned, gain)).astype(np.float32),
        scale=source.scale * float((driver.scale / source.scale) ** gain),
        translation=(source.translation + gain * (driver.translation - source.translation)).astype(np.float32),
    )


def _rested(growth: float) -> float:
    """Small growth suppressed, large growth kept, without a corner between the two."""
    return growth * growth**2 / (growth**2 + SCALE_REST**2)


def _around(mean: FloatArray, points: list[int], reach: float) -> FloatArray:
    """(478,): 1 at the points, falling to 0 with the distance from the nearest of them."""
    distance = np.linalg.norm(mean[:, None] - mean[points][None], axis=-1).min(1)
    return np.asarray(np.exp(-((distance / reach) ** 2)), np.float32)
