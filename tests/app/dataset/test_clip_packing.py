from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.dataset.clip_packing import landmark_predictor, pack_clip
from app.dataset.listing import SourceFile
from app.dataset.options import PackOptions
from app.errors import UsageProblem
from app.packets import FaceObservation
from models.training.landmark_code import decode_landmarks
from models.types import FloatArray, ImageArray
from tests.helpers.faces import face_px
from tests.helpers.videos import Recipe, number_of, write_video

OPTIONS = PackOptions(size_px=64)


class NumberTracker:
    """Sees a face in every picture but those whose numbers it is told to miss, and keeps the numbers it was shown."""

    def __init__(self, missed: tuple[int, ...] = ()) -> None:
        self._missed = missed
        self.seen: list[int] = []

    def track(self, image: ImageArray, t_capture_ns: int) -> list[FaceObservation]:
        number = number_of(image)
        self.seen.append(number)
        if number in self._missed:
            return []
        return [FaceObservation(face_px((32.0 + number, 32.0), 30.0), (64, 64), presence=1.0)]

    def close(self) -> None:
        pass


class LeftSegmenter:
    """The person is the left half."""

    def segment(self, image: ImageArray) -> FloatArray:
        mask = np.zeros(image.shape[:2], np.float32)
        mask[:, : image.shape[1] // 2] = 1.0
        return mask

    def close(self) -> None:
        pass


def source_of(path: Path) -> SourceFile:
    return SourceFile(path, f"videos/{path.name}", "ada", False, {})


def test_every_other_frame_is_taken_and_those_without_a_face_are_counted(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", Recipe(frames=9, size=(64, 64)))
    tracker = NumberTracker(missed=(4,))

    clip = pack_clip(source_of(path), tracker, LeftSegmenter(), OPTIONS)

    assert tracker.seen == [0, 2, 4, 6, 8]
    assert clip.frames == (0, 2, 6, 8)
    assert clip.faceless == 1
    assert clip.movie[4:8] == b"ftyp"


def test_landmarks_are_in_unit_coordinates_of_the_square(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", Recipe(frames=3, size=(64, 64)))
    clip = pack_clip(source_of(path), NumberTracker(), LeftSegmenter(), OPTIONS)

    unit = decode_landmarks(clip.landmarks, 2, landmark_predictor())

    expected = face_px((34.0, 32.0), 30.0) / 32.0 - np.array([1, 1, 0], np.float32)
    assert np.abs(unit[1] - expected).max() < 1e-4


def test_masks_can_be_left_out(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", Recipe(frames=2, size=(64, 64)))

    assert pack_clip(source_of(path), NumberTracker(), LeftSegmenter(), PackOptions(64, masks=False)).masks is None


def test_a_clip_without_a_face_is_refused_by_name(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", Recipe(frames=2, size=(64, 64)))

    with pytest.raises(UsageProblem, match=r"No face was found in videos/v\.mp4\. Nothing in it can be learned from\."):
        pack_clip(source_of(path), NumberTracker(missed=(0, 1)), LeftSegmenter(), OPTIONS)


def test_a_clip_that_is_not_square_is_refused_by_name(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", Recipe(frames=2, size=(48, 64)))

    with pytest.raises(UsageProblem, match=r"videos/v\.mp4 cannot be packed\. It is 64 x 48 pixels, not square\."):
        pack_clip(source_of(path), NumberTracker(), LeftSegmenter(), OPTIONS)


@pytest.mark.parametrize("options", [{"stride": 0}, {"crf": 0}, {"mask_crf": 41}])
def test_a_packing_that_makes_no_sense_is_a_programmers_mistake(options: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="no packing"):
        PackOptions(**options)
