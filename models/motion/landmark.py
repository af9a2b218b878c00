"""Motion from landmarks: 478 points of a face become pose, expression and identity. No pixel is looked at."""

from __future__ import annotations

import numpy as np

from models.checks import require_shape
from models.motion.canonical import CanonicalFace, load_canonical
from models.motion.similarity import fit_similarity
from models.types import LANDMARK_COUNT, FloatArray, MotionState


class LandmarkMotionEncoder:
    """Takes the head's pose off a set of landmarks and splits what remains into identity and expression.

    The pose is a weighted similarity fit (Umeyama) of the canonical face, in which points that expressions hardly
    move count most. Keypoints of the state it returns are the landmarks it was given, exactly.

    Raises:
        CheckpointError: the canonical face is not installed or is damaged.
    """

    def __init__(self, face: CanonicalFace | None = None) -> None:
        self.face = face or load_canonical()

    def encode(self, landmarks: FloatArray) -> MotionState:
        """The motion state of one face.

        Shapes:
            landmarks: (478, 3) in unit coordinates.

        Raises:
            ShapeError: on another shape.
            ValueError: the points are not finite or lie on one spot.
        """
        require_shape("landmarks", landmarks, "N D", N=LANDMARK_COUNT, D=3)
        pose = fit_similarity(self.face.mean, landmarks, self.face.weights)
        shape = pose.undo(landmarks)
        expression = self.face.expression_of(shape)
        return MotionState(
            canonical=np.asarray(shape - expression, np.float32),
            expression=expression,
            camera_from_head=pose.rotation,
            scale=pose.scale,
            translation=pose.translation,
        )
