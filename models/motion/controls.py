"""What a person can choose about how motion is carried over. Plain values; nothing heavy is imported."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Region(Enum):
    """Which part of the driver's motion reaches the portrait."""

    ALL = "all"
    POSE = "pose"
    EXPRESSION = "expression"
    EYES = "eyes"
    LIPS = "lips"


class Gaze(Enum):
    """Where the portrait looks."""

    FOLLOW = "follow"
    SOFTEN = "soften"
    CAMERA = "camera"


@dataclass(frozen=True)
class MotionControls:
    """How one driver's motion becomes one portrait's.

    relative: True moves the portrait by what changed since the neutral state; False takes the driver's pose and
        expression as they are.
    gain: 1 carries the motion over as it is, 0 leaves the portrait still.
    retarget_eyes, retarget_lips: wanted openness, 0 closed, 1 as open as they get; None follows the driver.
    gaze: the irises follow the driver's, go half as far from the camera, or stay at the camera however the head turns.
    """

    relative: bool = True
    region: Region = Region.ALL
    gain: float = 1.0
    retarget_eyes: float | None = None
    retarget_lips: float | None = None
    gaze: Gaze = Gaze.FOLLOW

    def __post_init__(self) -> None:
        for name, value in (("retarget_eyes", self.retarget_eyes), ("retarget_lips", self.retarget_lips)):
            if value is not None and not 0.0 <= value <= 1.0:
                raise ValueError(f"{name} must be between 0 (closed) and 1 (open), got {value:g}")
        if not 0.0 <= self.gain <= 3.0:
            raise ValueError(f"gain must be between 0 and 3, got {self.gain:g}")
