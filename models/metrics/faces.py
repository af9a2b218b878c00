"""How alike two faces are, by their landmarks in pictures of 256 x 256."""

from __future__ import annotations

import numpy as np

from models.motion.similarity import Similarity, fit_similarity
from models.types import FloatArray

STIFF_POINTS = [33, 133, 362, 263, 168, 6, 4, 1, 10, 234, 454, 127, 356]
"""Points that expressions hardly move."""

FACE_POINTS = 468
"""Without the irises."""


def landmark_distance_px(truth_px: FloatArray, output_px: FloatArray) -> float:
    """Mean distance of the face's points in the picture (akd)."""
    offsets = truth_px[:FACE_POINTS, :2] - output_px[:FACE_POINTS, :2]
    return float(np.linalg.norm(offsets, axis=1).mean())


def stiff_fit(truth_px: FloatArray, output_px: FloatArray) -> Similarity:
    """The 3D similarity that brings the output's stiff points to the truth's."""
    return fit_similarity(output_px[STIFF_POINTS], truth_px[STIFF_POINTS], np.ones(len(STIFF_POINTS), np.float32))


def expression_error(truth_px: FloatArray, output_px: FloatArray, fit: Similarity) -> float:
    """Mean distance in the picture after the fit, in 1/1000 of the true face's width."""
    width = float(np.linalg.norm(truth_px[454] - truth_px[234]))
    offsets = fit.apply(output_px[:FACE_POINTS]) - truth_px[:FACE_POINTS]
    return float(np.linalg.norm(offsets[:, :2], axis=1).mean()) / width * 1000.0


def rotation_degrees(fit: Similarity) -> float:
    """Angle by which the output's head would have to turn."""
    cosine = (float(np.trace(fit.rotation.astype(np.float64))) - 1.0) / 2.0
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


def gaze_error(truth_px: FloatArray, output_px: FloatArray) -> float:
    """Mean difference of where the irises are between the corners of their eyes, in 1/100 of the eye's width."""
    return float(np.abs(_gaze(truth_px) - _gaze(output_px)).mean())


def _gaze(landmarks_px: FloatArray) -> FloatArray:
    places = []
    for iris, (start, end) in ((468, (33, 133)), (473, (362, 263))):
        eye = landmarks_px[end, :2] - landmarks_px[start, :2]
        width = float(np.linalg.norm(eye)) + 1e-6
        places.append(float((landmarks_px[iris, :2] - landmarks_px[start, :2]) @ eye) / width**2 * 100.0)
    return np.array(places, np.float32)
