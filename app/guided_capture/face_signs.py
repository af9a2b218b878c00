"""What one face shows, in a handful of numbers: where it looks, how open eyes and lips are, how wide the mouth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.motion.landmark import LandmarkMotionEncoder
from models.motion.openness import eye_openness, lip_openness
from models.types import FloatArray, MotionState

LIP_CORNERS = (61, 291)
OUTER_EYE_CORNERS = (33, 263)


@dataclass(frozen=True)
class FaceSigns:
    """One face, measured in the head's own frame.

    yaw_deg: positive where the person turned to their own left. pitch_deg: positive where they look down.
    eyes: of the eye that is more open; wider_eye minus the other tells a wink. lips: gap over width of the mouth.
    mouth_width: over the distance of the outer corners of the eyes; grows with a smile.
    state: all of it, for comparing people.
    """

    yaw_deg: float
    pitch_deg: float
    eyes: float
    less_open_eye: float
    lips: float
    mouth_width: float
    state: MotionState

    @property
    def aside_deg(self) -> float:
        """How far the face looks away from the camera."""
        return float(np.hypot(self.yaw_deg, self.pitch_deg))


class FaceReader:
    """Makes `FaceSigns` of landmarks; loads the canonical face once."""

    def __init__(self) -> None:
        self._encoder = LandmarkMotionEncoder()

    def read(self, landmarks_px: FloatArray) -> FaceSigns:
        """Measure a face.

        Shapes:
            landmarks_px: (478, 3), any unit.
        """
        state = self._encoder.encode(landmarks_px.astype(np.float32))
        shape = state.canonical + state.expression
        toward = -state.camera_from_head[:, 2]  # where the nose points, in the camera's frame
        eyes = eye_openness(shape)
        return FaceSigns(
            yaw_deg=float(np.degrees(np.arctan2(toward[0], -toward[2]))),
            pitch_deg=float(np.degrees(np.arcsin(np.clip(toward[1], -1.0, 1.0)))),
            eyes=max(eyes),
            less_open_eye=min(eyes),
            lips=lip_openness(shape),
            mouth_width=_distance(shape, LIP_CORNERS) / max(_distance(shape, OUTER_EYE_CORNERS), 1e-6),
            state=state,
        )


def _distance(points: FloatArray, pair: tuple[int, int]) -> float:
    return float(np.linalg.norm(points[pair[0]] - points[pair[1]]))
