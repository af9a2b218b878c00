"""A person who does what is asked, as landmarks in a picture: for tests of guided capture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from app.clock import NS_PER_S
from app.guided_capture.face_signs import LIP_CORNERS
from app.guided_capture.goals import Goal
from app.guided_capture.session import GuidedCapture
from app.packets import CapturedFrame, FaceObservation, TrackedFrame
from models.motion.canonical import load_canonical
from models.motion.openness import open_eyes, open_lips
from models.types import FloatArray, ImageArray
from tests.helpers.portraits import textured

SIZE = (480, 640)
FPS = 25


@dataclass(frozen=True)
class Act:
    """What a face does. yaw: positive to the person's own left, radians. eyes, lips: 0 shut, 1 open."""

    yaw: float = 0.0
    eyes: float = 1.0
    lips: float = 0.0
    smile: float = 1.0


ACTS = {
    Goal.NEUTRAL: Act(),
    Goal.SMILE: Act(smile=1.25),
    Goal.OPEN_MOUTH: Act(lips=1.0),
    Goal.BLINK: Act(eyes=0.0),
    Goal.LEFT: Act(yaw=0.5),
    Goal.RIGHT: Act(yaw=-0.5),
}


def landmarks_of(act: Act, side: float = 90.0) -> FloatArray:
    """(478, 3) pixels of a picture of `SIZE`."""
    canonical = load_canonical()
    shape = open_lips(canonical.mean, act.lips, canonical)
    shape = open_eyes(shape, canonical.mean, act.eyes, canonical)
    shape[list(LIP_CORNERS), 0] *= act.smile
    c, s = np.cos(-act.yaw), np.sin(-act.yaw)
    camera_from_head = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]], np.float32)
    return np.asarray(shape @ camera_from_head.T * side + (SIZE[1] / 2, SIZE[0] / 2, 0), np.float32)


@cache
def picture(seed: int = 0) -> ImageArray:
    """A sharp picture of nothing, bright enough; read-only."""
    grain = np.random.default_rng(seed).integers(-20, 20, (*SIZE, 1))
    image = np.clip(textured(SIZE, seed).astype(np.int16) + grain, 0, 255).astype(np.uint8)
    image.flags.writeable = False
    return image


class Actor:
    """Sits before a guided capture, which it feeds picture by picture."""

    def __init__(self, capture: GuidedCapture) -> None:
        self.capture, self.number = capture, 0

    def act(self, act: Act | None, seconds: float, image: ImageArray | None = None) -> None:
        """Do one thing for so long; None is nobody there."""
        shown = picture() if image is None else image
        for _ in range(round(seconds * FPS)):
            self.number += 1
            t_ns = 10 * NS_PER_S + self.number * NS_PER_S // FPS
            seen = None if act is None else FaceObservation(landmarks_of(act), SIZE)
            self.capture.captured(CapturedFrame(self.number, shown, t_ns, "test"))
            self.capture.tracked(TrackedFrame(self.number, t_ns, seen, t_ns))

    def obey(self, acts: dict[Goal, Act] | None = None) -> None:
        """Do what is asked, as soon as it is asked, until there is no more."""
        acts = acts or ACTS
        while (goal := self.capture.progress().goal) is not None:
            self.act(acts[goal], 1.0 / FPS)
