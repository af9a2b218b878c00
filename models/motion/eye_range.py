"""Shut is shut: a driver's blink closes the portrait's eyes, however wide either's are.

Carried over as a change of shape, a blink of narrow eyes leaves wide ones half open, and one of wide eyes drives the
lids of narrow ones through each other. So below the neutral openness it is the share of the way to shut that counts.
"""

from __future__ import annotations

from collections import deque
from statistics import median

import numpy as np

from models.motion.canonical import CanonicalFace
from models.motion.openness import CLOSED_EYE, eye_openness, lip_openness
from models.types import FloatArray

BLINK_BELOW, BLINK_OVER = 0.4, 0.6
"""Shares of the neutral openness at which a blink has begun, and is over."""

BLINKS = 5
SHUT_RANGE = (-0.02, 0.09)
"""What trackers say of shut eyes; more is a squint."""

LEAST_NEUTRAL = 0.06
"""A neutral eye less open than this was not neutral."""

RAMP = 0.15
"""Over so much of the way from open to shut the portrait's lids come to follow the share alone."""


class ShutEye:
    """How open one eye of one driver is measured when it is shut: the median of the last blinks' least openness.

    neutral: openness of the eye in the neutral face.
    """

    def __init__(self, neutral: float) -> None:
        self.neutral = max(neutral, LEAST_NEUTRAL)
        self._blinks: deque[float] = deque(maxlen=BLINKS)
        self._least: float | None = None

    @property
    def shut(self) -> float:
        """The usual value of the tracker until a blink was seen."""
        return median(self._blinks) if self._blinks else CLOSED_EYE

    def share(self, openness: float) -> float:
        """0 shut, 1 as open as in the neutral face or more. Learns from what it is given."""
        if openness < BLINK_BELOW * self.neutral:
            self._least = openness if self._least is None else min(self._least, openness)
        elif self._least is not None and openness > BLINK_OVER * self.neutral:
            self._blinks.append(float(np.clip(self._least, *SHUT_RANGE)))
            self._least = None
        shut = min(self.shut, self.neutral / 2.0)
        return float(np.clip((openness - shut) / (self.neutral - shut), 0.0, 1.0))


class EyeRange:
    """Both eyes of one driver.

    Shapes:
        neutral: (478, 3), the driver's neutral shape, head frame.
    """

    def __init__(self, neutral: FloatArray) -> None:
        self._eyes = tuple(ShutEye(openness) for openness in eye_openness(neutral))

    def shares(self, shape: FloatArray) -> tuple[float, ...]:
        """`ShutEye.share` of the person's right and left eye, for the driver's shape now."""
        return tuple(eye.share(openness) for eye, openness in zip(self._eyes, eye_openness(shape), strict=True))


def with_lids_at(
    shape: FloatArray, own: FloatArray, shares: tuple[float, ...], gain: float, face: CanonicalFace
) -> FloatArray:
    """The portrait's shape with each eye as far shut, of what the portrait's own is open, as the driver's.

    Shapes:
        shape, own: (478, 3), the portrait's shape now and in its picture, head frame.
    """
    result = shape
    directions = (face.open_right_eye, face.open_left_eye)
    for side, (share, here, direction) in enumerate(zip(shares, eye_openness(own), directions, strict=True)):
        share = max(1.0 - gain * (1.0 - share), 0.0)
        strength = min((1.0 - share) / RAMP, 1.0)
        if strength <= 0.0 or here <= LEAST_NEUTRAL:  # a portrait with shut eyes has nothing to shut
            continue
        target = CLOSED_EYE + share * (here - CLOSED_EYE)
        for _ in range(2):  # openness is a ratio, so one step is nearly but not quite enough
            result = result + strength * (target - eye_openness(result)[side]) * direction
    return np.asarray(result, np.float32)


def with_lips_apart(shape: FloatArray, own: FloatArray, face: CanonicalFace) -> FloatArray:
    """The shape with lips that touch where they would pass through each other, or as far as they do in the portrait.

    Shapes:
        as `with_lids_at`.
    """
    overlap = min(lip_openness(own), 0.0) - lip_openness(shape)
    return shape if overlap <= 0.0 else np.asarray(shape + overlap * face.open_lips, np.float32)
