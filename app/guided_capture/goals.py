"""The six things a person is asked to do, and how well one picture shows each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from app.guided_capture.face_signs import FaceSigns


class Goal(Enum):
    """In the order they are asked for: what is measured against the neutral face comes after it."""

    NEUTRAL = "neutral"
    SMILE = "smile"
    OPEN_MOUTH = "open mouth"
    BLINK = "blink"
    LEFT = "left"
    RIGHT = "right"


ASKED = {
    Goal.NEUTRAL: "Look at the camera, lips together.",
    Goal.SMILE: "Smile.",
    Goal.OPEN_MOUTH: "Open your mouth wide.",
    Goal.BLINK: "Close your eyes for a moment.",
    Goal.LEFT: "Turn your head a little to your left.",
    Goal.RIGHT: "Turn your head a little to your right.",
}

MISSED = {
    Goal.NEUTRAL: "You were not seen looking at the camera with your lips together.",
    Goal.SMILE: "The smile was hardly seen.",
    Goal.OPEN_MOUTH: "The mouth was not open far enough.",
    Goal.BLINK: "The eyes were not seen closed.",
    Goal.LEFT: "The head was not turned far enough to your left.",
    Goal.RIGHT: "The head was not turned far enough to your right.",
}

FRONTAL_DEG = 20.0
"""Beyond this a face no longer looks at the camera."""

TURN_DEG = (10.0, 25.0)
"""A turned head counts from the first on, and fully from the second."""

FARTHEST_DEG = 50.0
"""Beyond this the tracker guesses more than it sees."""


@dataclass(frozen=True)
class Usual:
    """How a person's face is at rest; what moves is measured against it. The values of an average face at first."""

    eyes: float = 0.25
    mouth_width: float = 0.54
    lips: float = 0.0
    measured: bool = False

    @classmethod
    def of(cls, signs: FaceSigns) -> Usual:
        """What the neutral face of this person shows."""
        return cls(signs.eyes, signs.mouth_width, signs.lips, measured=True)


def reached(goal: Goal, signs: FaceSigns, usual: Usual) -> float:
    """How far a face does what was asked: 0 not at all, 1 fully."""
    frontal = _falling(signs.aside_deg, 0.35 * FRONTAL_DEG, FRONTAL_DEG)
    open_eyes = _rising(signs.less_open_eye / max(usual.eyes, 1e-6), 0.5, 0.8)
    shut_lips = _falling(signs.lips, 0.04, 0.14)
    wider = signs.mouth_width / max(usual.mouth_width, 1e-6)
    if goal is Goal.NEUTRAL:
        at_rest = _falling(wider, 1.03, 1.12) if usual.measured else 1.0
        return frontal * open_eyes * shut_lips * at_rest
    if goal is Goal.SMILE:
        return frontal * open_eyes * _rising(wider, 1.03, 1.15) * _falling(signs.lips, 0.25, 0.45)
    if goal is Goal.OPEN_MOUTH:
        return frontal * _rising(signs.lips - usual.lips, 0.12, 0.40)
    if goal is Goal.BLINK:
        return frontal * _falling(signs.eyes / max(usual.eyes, 1e-6), 0.30, 0.65)
    turned = signs.yaw_deg if goal is Goal.LEFT else -signs.yaw_deg
    level = _falling(abs(signs.pitch_deg), 15.0, 35.0)
    return level * open_eyes * shut_lips * _rising(turned, *TURN_DEG) * _falling(turned, 40.0, FARTHEST_DEG)


def _rising(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _falling(value: float, low: float, high: float) -> float:
    return 1.0 - _rising(value, low, high)
