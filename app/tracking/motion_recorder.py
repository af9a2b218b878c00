"""Keeps what a tracked face does during a live session, to be saved as a motion clip: numbers, no pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.clock import NS_PER_MS
from app.crop import CropTransform
from app.errors import UsageProblem
from app.packets import FaceObservation
from app.tracking.motion_clip import MAX_FRAMES, MotionClip, save_motion
from models.types import FloatArray

CROP_PX = 512
"""Only a unit here: unit coordinates do not depend on it."""

MIN_FRAMES = 10


class MotionRecorder:
    """Collects observations up to a bounded length. Used by one thread.

    max_frames bounds the memory (5.7 kB a frame); later observations are ignored and `full` says so.
    """

    def __init__(self, max_frames: int = MAX_FRAMES) -> None:
        if not 1 <= max_frames <= MAX_FRAMES:
            raise ValueError(f"a recording may have 1 to {MAX_FRAMES} frames, got {max_frames}")
        self._max_frames = max_frames
        self._crop: CropTransform | None = None
        self._landmarks: list[FloatArray] = []
        self._times_ms: list[int] = []
        self._start_ns = 0

    def __len__(self) -> int:
        return len(self._landmarks)

    @property
    def full(self) -> bool:
        """Whether the recording has reached its longest length."""
        return len(self) >= self._max_frames

    @property
    def duration_s(self) -> float:
        return self._times_ms[-1] / 1000.0 if self._times_ms else 0.0

    def add(self, observation: FaceObservation | None, t_capture_ns: int) -> None:
        """Keep one observation; None (no face) and times that do not rise by a millisecond are skipped."""
        if observation is None or self.full:
            return
        if self._crop is None:
            self._crop = CropTransform.around_face(observation.landmarks_px, CROP_PX)
            self._start_ns = t_capture_ns
        time_ms = (t_capture_ns - self._start_ns) // NS_PER_MS
        if self._times_ms and not self._times_ms[-1] < time_ms < np.iinfo(np.int32).max:
            return
        self._landmarks.append(self._crop.to_unit(observation.landmarks_px))
        self._times_ms.append(int(time_ms))

    def clip(self, name: str, *, licence: str = "", origin: str = "") -> MotionClip:
        """What was recorded so far.

        Raises:
            UsageProblem: there is not enough of it.
        """
        if len(self) < MIN_FRAMES:
            raise UsageProblem(
                "There is no motion to save.",
                why=f"A face was seen in {len(self)} frames only.",
                fix="Stay in the camera's view for a second or more while recording.",
            )
        fps = 1000.0 / float(np.median(np.diff(self._times_ms)))
        return MotionClip(
            np.stack(self._landmarks),
            np.array(self._times_ms, np.int32),
            name=name,
            fps=float(np.clip(fps, 1.0, 240.0)),
            licence=licence,
            origin=origin,
        )

    def save(self, path: Path, *, licence: str = "", origin: str = "") -> MotionClip:
        """Write the recording under `path`, whole or not at all.

        Raises:
            UsageProblem: there is not enough of it.
            EnvironmentProblem: the folder refuses.
        """
        clip = self.clip(path.stem, licence=licence, origin=origin)
        save_motion(clip, path)
        return clip
