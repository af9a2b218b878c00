from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.clock import NS_PER_MS, NS_PER_S
from app.errors import UsageProblem
from app.packets import FaceObservation
from app.tracking.motion_clip import load_motion
from app.tracking.motion_recorder import MotionRecorder
from tests.helpers.faces import seen_at

STEP_NS = 33 * NS_PER_MS


def recorded(frames: int, scale: float = 1.0) -> MotionRecorder:
    recorder = MotionRecorder()
    for k in range(frames):
        recorder.add(seen_at((640 * scale + k * scale, 360 * scale), 222 * scale), 5 * NS_PER_S + k * STEP_NS)
    return recorder


def test_a_recording_begins_at_time_zero_in_the_crop_of_its_first_face() -> None:
    clip = recorded(30).clip("walk")
    assert clip.times_ms[:3].tolist() == [0, 33, 66]
    assert clip.fps == pytest.approx(30.3, abs=0.1)
    box = clip.landmarks[0, :468, :2]
    assert np.ptp(box, axis=0).max() == pytest.approx(2 / 2.3, rel=1e-3)
    assert (box.min(0) + box.max(0))[0] == pytest.approx(0, abs=1e-4)
    assert clip.landmarks[-1, 0, 0] > clip.landmarks[0, 0, 0]


def test_a_clip_does_not_depend_on_the_size_of_the_picture() -> None:
    np.testing.assert_allclose(recorded(12).clip("a").landmarks, recorded(12, 0.5).clip("b").landmarks, atol=1e-4)


def test_a_recording_stops_growing_at_its_limit() -> None:
    recorder = MotionRecorder(max_frames=20)
    for k in range(50):
        recorder.add(seen_at((640, 360)), k * STEP_NS)
    assert recorder.full
    assert len(recorder) == 20
    assert recorder.duration_s == pytest.approx(19 * 0.033)


def test_frames_without_a_face_leave_a_gap_in_time() -> None:
    recorder = MotionRecorder()
    faces: list[FaceObservation | None] = [seen_at((640, 360))] * 8 + [None] * 5 + [seen_at((640, 360))] * 8
    for k, face in enumerate(faces):
        recorder.add(face, k * STEP_NS)
    assert recorder.clip("gap").times_ms.tolist() == [33 * k for k in (*range(8), *range(13, 21))]


def test_times_that_do_not_rise_are_skipped() -> None:
    recorder = recorded(10)
    recorder.add(seen_at((640, 360)), NS_PER_S)
    assert len(recorder) == 10


def test_saving_writes_a_file_that_can_be_played(tmp_path: Path) -> None:
    clip = recorded(30).save(tmp_path / "mine.motion", licence="mine", origin="webcam")
    again = load_motion(tmp_path / "mine.motion")
    assert (again.name, again.licence, again.origin, again.loops) == ("mine", "mine", "webcam", False)
    np.testing.assert_allclose(again.landmarks, clip.landmarks, atol=0.003)


def test_a_recording_without_a_face_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as caught:
        recorded(3).save(tmp_path / "mine.motion")
    assert str(caught.value) == (
        "There is no motion to save. A face was seen in 3 frames only. "
        "Stay in the camera's view for a second or more while recording."
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("limit", [0, 10_801])
def test_a_limit_no_file_could_hold_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match="1 to 10800 frames"):
        MotionRecorder(limit)
