"""Faces as numbers, for tests that need no tracker: the first frame of a shipped motion clip, put anywhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.packets import FaceObservation
from app.tracking.motion_clip import load_motion
from models.types import FloatArray

MOTION = Path(__file__).resolve().parents[2] / "assets" / "motion"


def neutral_face() -> FloatArray:
    """(478, 3) in unit coordinates of its own crop."""
    return load_motion(MOTION / "calm.motion").landmarks[0]


def face_px(centre: tuple[float, float] = (640.0, 360.0), size_px: float = 222.0) -> FloatArray:
    """A face whose larger side is `size_px` (222: a crop of 512), in pixels."""
    face = neutral_face()
    middle = (face[:468].min(0) + face[:468].max(0)) / 2
    scale = size_px / np.ptp(face[:468, :2], axis=0).max()
    return ((face - middle) * scale + np.array([*centre, 0.0])).astype(np.float32)


def seen_at(centre: tuple[float, float], size_px: float = 222.0) -> FaceObservation:
    """One face in a 720p picture."""
    return FaceObservation(face_px(centre, size_px), (720, 1280))
