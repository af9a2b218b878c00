"""Which face counts as the driver's neutral one, from which relative motion is measured (LivePortrait eq. 7)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.clock import NS_PER_S
from models.motion.openness import eye_openness, lip_openness
from models.types import LANDMARK_COUNT, FloatArray, MotionState

SETTLE_S = 1.0
"""The neutral face is settled this long after the first face was seen."""

MOST_FACES = 64
"""Faces kept while settling, whatever the camera's rate."""

EYES_AT_LEAST = 0.8
"""A calm face has its eyes open at least this share of the widest seen: how wide differs from person to person."""

LIPS_AT_MOST = 0.06
"""A calm face has its lips at most this much further open than the most closed ones seen."""


@dataclass(frozen=True)
class _Seen:
    landmarks: FloatArray
    state: MotionState
    eyes: float
    lips: float


class NeutralFace:
    """Averages the calmest faces (eyes open, mouth closed) of the first second.

    The average is usable from the first face on and changes little by little while it settles.

    settle: False takes the first face as it is: a person pressed the button and meant it.
    """

    def __init__(self, *, settle: bool) -> None:
        self._settle = settle
        self._t_first_ns: int | None = None
        self._seen: list[_Seen] = []
        self.settled = False

    @property
    def landmarks(self) -> FloatArray:
        """(478, 3), the neutral face as far as it is known; at least one face must have been added."""
        return np.asarray(np.mean([face.landmarks for face in self._calm()], axis=0), np.float32)

    @property
    def state(self) -> MotionState:
        """What was observed in the face that is most like the neutral one, for animators that look at pixels."""
        mean = self.landmarks
        return min(self._calm(), key=lambda face: float(np.abs(face.landmarks - mean).sum())).state

    def _calm(self) -> list[_Seen]:
        widest, tightest = max(face.eyes for face in self._seen), min(face.lips for face in self._seen)
        calm = [
            face for face in self._seen if face.eyes >= EYES_AT_LEAST * widest and face.lips <= tightest + LIPS_AT_MOST
        ]
        return calm or self._seen

    def add(self, landmarks: FloatArray, state: MotionState, t_ns: int) -> bool:
        """Look at one more face; True where `landmarks` may have changed by it.

        Shapes:
            landmarks: (478, 3), any unit. state: what an animator observed in them.
        """
        if self.settled:
            return False
        if self._t_first_ns is None:
            self._t_first_ns = t_ns
        eyes, lips = _openness(state, landmarks)
        self._seen.append(_Seen(landmarks, state, eyes, lips))
        waited_s = (t_ns - self._t_first_ns) / NS_PER_S
        self.settled = not self._settle or waited_s >= SETTLE_S or len(self._seen) >= MOST_FACES
        return True


def _openness(state: MotionState, landmarks: FloatArray) -> tuple[float, float]:
    """Of the eye that is less open, and of the lips; in the picture where keypoints are not face landmarks."""
    shape = state.canonical + state.expression if len(state.canonical) == LANDMARK_COUNT else landmarks
    return min(eye_openness(shape)), lip_openness(shape)
