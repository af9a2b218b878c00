"""Measures of a portrait that follows another person, where no true picture exists: all by landmarks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.metrics.faces import FACE_POINTS, gaze_error, landmark_distance_px
from models.motion.landmark import LandmarkMotionEncoder
from models.motion.openness import eye_openness, lip_openness
from models.types import FloatArray, ImageArray, MotionState

PER_FACE_WIDTH = 500.0
"""Canonical faces are 2 units wide; distances are given in 1/1000 of the face's width, as `expression` is."""

CHIN, FOREHEAD = 152, 10
BAND_FROM, BAND_TO = 0.10, 0.35
"""The band below the chin, in heights of the face."""

LEAST_OPENINGS = 3
"""Fewer faces found say nothing about how openness follows."""

LEAST_MOVEMENT = 0.02
"""Eyes or lips whose openness (gap over width) differs by less between shut and open do not follow at all."""


class TransferMeasures:
    """Compares faces seen in pictures of one side with what was asked of them."""

    def __init__(self, side_px: int) -> None:
        self._side_px = side_px
        self._encoder = LandmarkMotionEncoder()

    def state_of(self, landmarks_px: FloatArray) -> MotionState:
        """What a face does, from its landmarks (478, 3) in pixels."""
        unit = landmarks_px * (2.0 / self._side_px) - np.array([1.0, 1.0, 0.0], np.float32)
        return self._encoder.encode(unit.astype(np.float32))

    def compare(self, output_px: FloatArray, wanted: MotionState) -> dict[str, float]:
        """How well a face found in the output does what was wanted; 0 is exactly.

        pose_deg: angle between the heads. expression: mean distance of the points from where the expression puts
        them, in the head's frame, in 1/1000 of the face's width. akd_px: the same in the picture, pose included.
        gaze: in 1/100 of the eye's width.
        """
        found = self.state_of(output_px)
        wanted_px = (wanted.keypoints() + np.array([1.0, 1.0, 0.0], np.float32)) * (self._side_px / 2.0)
        return {
            "pose_deg": angle_deg(found.camera_from_head, wanted.camera_from_head),
            "expression": _distance(found.expression, wanted.expression),
            "akd_px": landmark_distance_px(wanted_px, output_px),
            "gaze": gaze_error(wanted_px, output_px),
        }


def identity_distance(first: MotionState, second: MotionState) -> float:
    """How different two neutral faces are in shape: mean distance of the points in 1/1000 of the face's width."""
    return _distance(first.canonical, second.canonical)


def angle_deg(first: FloatArray, second: FloatArray) -> float:
    """Angle between two rotations."""
    cosine = (float(np.trace(first.astype(np.float64).T @ second)) - 1.0) / 2.0
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


def band_change(portrait: ImageArray, output: ImageArray, portrait_px: FloatArray) -> float | None:
    """Mean absolute change in a fixed band below the portrait's chin; None where the picture ends above it."""
    height = float(np.linalg.norm(portrait_px[CHIN, :2] - portrait_px[FOREHEAD, :2]))
    top, bottom = (int(portrait_px[CHIN, 1] + share * height) for share in (BAND_FROM, BAND_TO))
    left, right = (int(portrait_px[point, 0]) for point in (234, 454))
    band = np.s_[max(0, top) : max(0, bottom), max(0, min(left, right)) : max(0, left, right)]
    if portrait[band].size == 0:
        return None
    return float(np.abs(portrait[band].astype(np.float32) - output[band]).mean() / 255.0)


def opening_follows(wanted: Sequence[float], found: Sequence[MotionState | None], part: str) -> float | None:
    """Correlation of how open "eyes" or "lips" are with how open they were to be; 0 where they do not move.

    None where too few faces were found.
    """
    pairs = [(want, _openness(state, part)) for want, state in zip(wanted, found, strict=True) if state is not None]
    if len(pairs) < LEAST_OPENINGS:
        return None
    asked, seen = np.array(pairs).T
    if np.ptp(seen) < LEAST_MOVEMENT:
        return 0.0
    return float(np.corrcoef(asked, seen)[0, 1])


def _openness(state: MotionState, part: str) -> float:
    shape = state.canonical + state.expression
    return lip_openness(shape) if part == "lips" else float(np.mean(eye_openness(shape)))


def flicker(pictures: list[ImageArray]) -> float:
    """Standard deviation over time of what should stand still, mean over the picture, in steps of 255."""
    stack = np.stack(pictures).astype(np.float32)
    return float(stack.std(axis=0).mean())


def tremble_px(landmarks_px: list[FloatArray]) -> float:
    """Root mean square distance of the face's points from where they are on the mean."""
    points = np.stack(landmarks_px)[:, :FACE_POINTS, :2]
    return float(np.sqrt(points.var(axis=0).sum(-1).mean()))


def _distance(first: FloatArray, second: FloatArray) -> float:
    offsets = (first - second)[:FACE_POINTS, :2]
    return float(np.linalg.norm(offsets, axis=1).mean()) * PER_FACE_WIDTH
