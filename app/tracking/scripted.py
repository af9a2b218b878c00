"""A driver without a camera: a motion clip played by time, as a tracker that does not look at its pictures."""

from __future__ import annotations

import numpy as np

from app.clock import NS_PER_MS
from app.packets import FaceObservation
from app.tracking.motion_clip import MotionClip
from app.tracking.motion_player import MotionPlayer
from models.types import FloatArray, ImageArray


class ScriptedTracker:
    """Reports the landmarks of a clip, its crop laid as the largest centred square into each picture.

    The clip begins with the first call, or with the time given to `restart`.
    """

    def __init__(self, clip: MotionClip, *, loop: bool = True) -> None:
        self._player = MotionPlayer(clip, loop=loop)
        self._start_ns: int | None = None

    def restart(self, t_ns: int) -> None:
        """Begin the clip at `t_ns`."""
        self._start_ns = t_ns

    def track(self, image: ImageArray, t_capture_ns: int) -> list[FaceObservation]:
        """One face; of the picture only the size is used."""
        return [self.observe((image.shape[0], image.shape[1]), t_capture_ns)]

    def observe(self, picture_size: tuple[int, int], t_ns: int) -> FaceObservation:
        """The face at `t_ns` in a picture of (h, w) that need not exist."""
        if self._start_ns is None:
            self._start_ns = t_ns
        landmarks = self._player.at((t_ns - self._start_ns) / NS_PER_MS)
        return FaceObservation(_in_centre(landmarks, picture_size), picture_size, recorded=True)

    def close(self) -> None:
        """Nothing to give back."""


def _in_centre(landmarks: FloatArray, size: tuple[int, int]) -> FloatArray:
    h, w = size
    centre = np.array([w / 2.0, h / 2.0, 0.0], np.float32)
    return (landmarks * np.float32(min(h, w) / 2.0) + centre).astype(np.float32)
