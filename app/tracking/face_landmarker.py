"""MediaPipe's newer FaceLandmarker, for those who have its `.task` file (which we do not ship).

VIDEO mode on one thread: LIVE_STREAM callbacks can hang or repeat timestamps (mediapipe issues 5457, 5466).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from app.clock import NS_PER_MS
from app.errors import UsageProblem
from app.packets import FaceObservation
from app.tracking.chatter import import_mediapipe, without_chatter
from app.tracking.drawn_face import drawn_face
from app.tracking.face_mesh import landmarks_in_pixels
from app.tracking.regions import Window, size_of
from models.types import LANDMARK_COUNT, ImageArray

MAX_MODEL_BYTES = 64_000_000
"""The real file has 4 MB."""

FIX = "Choose the face_landmarker.task file of MediaPipe, or leave --face-model out to use the built-in tracker."


class FaceLandmarkerTracker:
    """Up to `max_faces` faces per picture, same landmarks and conventions as `FaceMeshTracker`.

    Raises:
        UsageProblem: the model file is missing or of another kind.
    """

    def __init__(self, model: Path, max_faces: int = 3) -> None:
        _check_file(model)
        self._last_ms = -1
        self._mediapipe = import_mediapipe()
        with without_chatter():
            self._landmarker: Any = _open_landmarker(self._mediapipe, model, max_faces)
            self.track(drawn_face(), 0)

    def track(self, image: ImageArray, t_capture_ns: int) -> list[FaceObservation]:
        """All faces in an RGB picture.

        The library refuses milliseconds that do not rise, so two pictures within one count as one apart.
        """
        if self._landmarker is None:
            raise ValueError("this tracker was closed")
        self._last_ms = max(t_capture_ns // NS_PER_MS, self._last_ms + 1)
        picture = self._mediapipe.Image(image_format=self._mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(image))
        result = self._landmarker.detect_for_video(picture, self._last_ms)
        whole = Window.whole(image)
        faces = (points for points in result.face_landmarks if len(points) >= LANDMARK_COUNT)
        return [
            FaceObservation(landmarks_in_pixels(points[:LANDMARK_COUNT], whole), size_of(image)) for points in faces
        ]

    def close(self) -> None:
        """Idempotent."""
        if self._landmarker is not None:
            self._landmarker.close()
            self._landmarker = None


def _check_file(model: Path) -> None:
    try:
        size = model.stat().st_size
    except OSError as error:
        raise _unusable(model, f"The system says: {error.strerror}.") from error
    if not model.is_file():
        raise _unusable(model, "It is not a file.")
    if size > MAX_MODEL_BYTES:
        raise _unusable(model, f"It is larger than {MAX_MODEL_BYTES // 1_000_000} MB, the real one has 4 MB.")


def _open_landmarker(mediapipe: Any, model: Path, max_faces: int) -> Any:  # mediapipe has no types
    tasks = mediapipe.tasks
    options = tasks.vision.FaceLandmarkerOptions(
        base_options=tasks.BaseOptions(model_asset_path=str(model)),
        running_mode=tasks.vision.RunningMode.VIDEO,
        num_faces=max_faces,
    )
    try:
        return tasks.vision.FaceLandmarker.create_from_options(options)
    except (RuntimeError, ValueError) as error:
        raise _unusable(model, "It is not a FaceLandmarker model.") from error


def _unusable(model: Path, why: str) -> UsageProblem:
    return UsageProblem(f"The face model {model.name} cannot be used.", why=why, fix=FIX)
