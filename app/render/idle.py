"""What a portrait does when nobody drives it: it breathes, sways a little and blinks, so that it does not look frozen.

The amplitudes are ours, chosen small enough to be felt rather than seen; the rates are those of a person at rest:
about 14 breaths and 15 blinks a minute, a blink lasting a third of a second with the closing faster than the opening.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from models.motion.controls import MotionControls
from models.motion.rotation import rotation_matrix, scaled_rotation
from models.motion.transfer import MotionTransfer
from models.types import FloatArray, MotionState, Transfer

BREATH_PERIOD_S = 4.2
BREATH_NOD_RAD = 0.012
BREATH_RISE = 0.006
"""Unit coordinates: 1.5 pixels in a crop of 512."""

SWAY_RAD = 0.02
SWAY_PERIODS_S = (7.3, 11.9)
"""Two periods without a common multiple worth the name, so that the sway never visibly repeats."""

BLINK_GAP_S = (2.5, 6.0)
BLINK_CLOSE_S, BLINK_HOLD_S, BLINK_OPEN_S = 0.09, 0.04, 0.18


@dataclass(frozen=True)
class IdlePose:
    """A small offset from the portrait's own pose.

    pitch, yaw, roll: radians about the head's x, y and z axes. rise: unit coordinates, down is positive.
    blink: 0 leaves the eyes as they are in the portrait, 1 closes them.
    """

    pitch: float = 0.0
    yaw: float = 0.0
    roll: float = 0.0
    rise: float = 0.0
    blink: float = 0.0

    def moved(self, portrait: MotionState) -> MotionState:
        """The portrait's own motion with this pose added; the eyes are left to `IdleMotion`."""
        turn = rotation_matrix(np.array([self.pitch, self.yaw, self.roll], np.float32))
        lift = np.array([0.0, self.rise, 0.0], np.float32)
        return replace(
            portrait,
            camera_from_head=(portrait.camera_from_head @ turn).astype(np.float32),
            translation=(portrait.translation + lift).astype(np.float32),
        )


class IdleMotion:
    """Poses over time; `seed` makes them repeatable."""

    def __init__(self, seed: int = 0) -> None:
        self._random = np.random.default_rng(seed)
        self._t_blink_s: float | None = None
        self._portrait: MotionState | None = None
        self._closing: FloatArray = np.zeros(0, np.float32)

    def motion_at(
        self, t_s: float, portrait: MotionState, transfer: Callable[[MotionState], Transfer] = MotionTransfer
    ) -> MotionState:
        """What `portrait` does at a time that never runs backwards.

        transfer: how a portrait follows a driver; a blink is what that does to shut the eyes.
        """
        if portrait is not self._portrait:
            self._portrait, self._closing = portrait, _closing_of(portrait, transfer(portrait))
        pose = self.pose_at(t_s)
        moved = pose.moved(portrait)
        return replace(moved, expression=(moved.expression + pose.blink * self._closing).astype(np.float32))

    def pose_at(self, t_s: float) -> IdlePose:
        """The pose at a time that never runs backwards."""
        breath = math.sin(2 * math.pi * t_s / BREATH_PERIOD_S)
        slow, slower = (math.sin(2 * math.pi * t_s / period) for period in SWAY_PERIODS_S)
        return IdlePose(
            pitch=BREATH_NOD_RAD * breath,
            yaw=SWAY_RAD * (0.6 * slow + 0.4 * slower),
            roll=0.4 * SWAY_RAD * slower,
            rise=-BREATH_RISE * breath,
            blink=self._blink_at(t_s),
        )

    def _blink_at(self, t_s: float) -> float:
        if self._t_blink_s is None or t_s > self._t_blink_s + BLINK_CLOSE_S + BLINK_HOLD_S + BLINK_OPEN_S:
            self._t_blink_s = t_s + float(self._random.uniform(*BLINK_GAP_S))
        since_s = t_s - self._t_blink_s
        if since_s < 0:
            return 0.0
        if since_s < BLINK_CLOSE_S:
            return ease(since_s / BLINK_CLOSE_S)
        return 1.0 - ease((since_s - BLINK_CLOSE_S - BLINK_HOLD_S) / BLINK_OPEN_S)


def _closing_of(portrait: MotionState, transfer: Transfer) -> FloatArray:
    """(K, 3), what closing the eyes adds to the portrait's expression; zero where keypoints have no eyelids."""
    closed, own = (
        transfer.drive(portrait, portrait, MotionControls(retarget_eyes=wanted)).expression for wanted in (0.0, None)
    )
    return closed - own


def ease(share: float) -> float:
    """0 to 1 with no speed at both ends (smoothstep); what lies outside [0, 1] is held."""
    x = min(1.0, max(0.0, share))
    return x * x * (3.0 - 2.0 * x)


def blended(start: MotionState, end: MotionState, share: float) -> MotionState:
    """Between two motions of one portrait: 0 is `start`, 1 is `end`; rotation takes the shortest way."""
    between = start.camera_from_head.T @ end.camera_from_head
    turn = scaled_rotation(between, share)
    return replace(
        end,
        expression=_mix(start.expression, end.expression, share),
        camera_from_head=(start.camera_from_head @ turn).astype(np.float32),
        scale=float(start.scale + (end.scale - start.scale) * share),
        translation=_mix(start.translation, end.translation, share),
    )


def _mix(start: FloatArray, end: FloatArray, share: float) -> FloatArray:
    return (start + (end - start) * share).astype(np.float32)
