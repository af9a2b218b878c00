from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from app.errors import UsageProblem
from app.tracking import face_landmarker
from app.tracking.face_landmarker import MAX_MODEL_BYTES, FaceLandmarkerTracker
from tests.helpers.faces import neutral_face


@dataclass
class FakeLandmarker:
    """Answers with one face and notes the times; refuses times that do not rise, as the real one does."""

    times_ms: list[int] = field(default_factory=list)
    closed: int = 0
    points: int = 478

    def detect_for_video(self, image: Any, time_ms: int) -> Any:
        assert isinstance(time_ms, int)
        if self.times_ms and time_ms <= self.times_ms[-1]:
            raise ValueError("Input timestamp must be monotonically increasing.")
        self.times_ms.append(time_ms)
        face = [SimpleNamespace(x=(x + 1) / 2, y=(y + 1) / 2, z=z / 2) for x, y, z in neutral_face()[: self.points]]
        return SimpleNamespace(face_landmarks=[face])

    def close(self) -> None:
        self.closed += 1


class FakeVision:
    """The part of `mediapipe.tasks.vision` the tracker touches."""

    RunningMode = SimpleNamespace(VIDEO="video")

    def __init__(self) -> None:
        self.landmarker = FakeLandmarker()
        self.options: Any = None
        self.FaceLandmarkerOptions = SimpleNamespace
        self.FaceLandmarker = SimpleNamespace(create_from_options=self._create)

    def _create(self, options: Any) -> FakeLandmarker:
        self.options = options
        return self.landmarker


@pytest.fixture
def vision(monkeypatch: pytest.MonkeyPatch) -> FakeVision:
    fake = FakeVision()
    library = SimpleNamespace(
        tasks=SimpleNamespace(vision=fake, BaseOptions=SimpleNamespace),
        Image=SimpleNamespace,
        ImageFormat=SimpleNamespace(SRGB="srgb"),
    )
    monkeypatch.setattr(face_landmarker, "import_mediapipe", lambda: library)
    return fake


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "face_landmarker.task"
    path.write_bytes(b"not a model" * 50)
    return path


def test_landmarks_come_in_pixels_like_those_of_face_mesh(vision: FakeVision, model: Path) -> None:
    (face,) = FaceLandmarkerTracker(model, max_faces=2).track(np.zeros((400, 800, 3), np.uint8), 10**9)
    expected = (neutral_face() + [1, 1, 0]) * [400, 200, 400]  # noqa: RUF005 - numbers are added, not joined
    np.testing.assert_allclose(face.landmarks_px, expected, atol=1e-3)
    assert face.picture_size == (400, 800)
    assert vision.options.num_faces == 2
    assert vision.options.running_mode == "video"
    assert vision.options.base_options.model_asset_path == str(model)


def test_times_rise_strictly_whatever_the_source_says(vision: FakeVision, model: Path) -> None:
    tracker = FaceLandmarkerTracker(model)
    for t_ns in (10**9, 10**9 + 5, 10**9 + 999_999, 5, 2 * 10**9):
        tracker.track(np.zeros((40, 40, 3), np.uint8), t_ns)
    assert vision.landmarker.times_ms == [0, 1000, 1001, 1002, 1003, 2000]


def test_a_model_without_irises_gives_no_face(vision: FakeVision, model: Path) -> None:
    vision.landmarker.points = 468
    assert FaceLandmarkerTracker(model).track(np.zeros((40, 40, 3), np.uint8), 1) == []


def test_closing_twice_is_fine_and_tracking_afterwards_is_not(vision: FakeVision, model: Path) -> None:
    tracker = FaceLandmarkerTracker(model)
    tracker.close()
    tracker.close()
    assert vision.landmarker.closed == 1
    with pytest.raises(ValueError, match="was closed"):
        tracker.track(np.zeros((40, 40, 3), np.uint8), 1)


def test_a_missing_model_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as caught:
        FaceLandmarkerTracker(tmp_path / "face_landmarker.task")
    assert str(caught.value) == (
        "The face model face_landmarker.task cannot be used. The system says: No such file or directory. "
        "Choose the face_landmarker.task file of MediaPipe, or leave --face-model out to use the built-in tracker."
    )


def test_a_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="It is not a file"):
        FaceLandmarkerTracker(tmp_path)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.task"
    with path.open("wb") as file:
        file.truncate(MAX_MODEL_BYTES + 1)
    with pytest.raises(UsageProblem, match="larger than 64 MB"):
        FaceLandmarkerTracker(path)


@pytest.mark.parametrize("kind", ["text", "empty", "zip"])
def test_the_real_library_refuses_another_file_and_says_nothing_on_stderr(
    tmp_path: Path, kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"{kind}.task"
    path.write_bytes(b"hello" * 100 if kind == "text" else b"")
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("face_landmarks_detector.tflite", b"no network")
    with pytest.raises(UsageProblem, match="It is not a FaceLandmarker model"):
        FaceLandmarkerTracker(path)
    assert capfd.readouterr().err == ""
