"""A motion clip in the camera's place, and another tracker, in the live pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.control import EngineConfig
from app.engine import Engine
from app.errors import UsageProblem
from app.live_driver import check_camera, clip_of
from app.live_stages import LiveStages
from app.packets import FrameStatus, TrackedFrame
from app.pipeline import Pipeline
from app.settings import OutputSettings
from app.tracking.base import Tracker
from app.worker import Stage
from tests.helpers.live import TestStages, small_portrait
from tests.helpers.waiting import wait_for

CALM = Path(__file__).resolve().parents[2] / "assets" / "motion" / "calm.motion"
OUTPUT = OutputSettings(width=320, height=192, fps=100.0)


class RealCameras(TestStages):
    """Cameras as they are chosen live; the tracker finds nobody in their pictures."""

    def capture(self, camera: str, pipeline: Pipeline) -> Stage:
        self.seen = None
        return LiveStages.capture(self, camera, pipeline)


@pytest.fixture
def engine() -> Iterator[Engine]:
    config = EngineConfig(camera=str(CALM), output=OUTPUT)
    engine = Engine(config, RealCameras(config))
    engine.set_portrait(small_portrait())
    yield engine
    engine.stop()


def test_a_motion_clip_drives_the_portrait_until_another_camera_is_chosen(engine: Engine) -> None:
    faces: list[TrackedFrame] = []
    engine.on_tracked(faces.append)
    engine.start()
    wait_for(lambda: engine.stats.figures().frames > 10, "frames driven by the clip")
    assert engine.status().frame_status is FrameStatus.LIVE
    seen = [face.observation.landmarks_px for face in faces if face.observation is not None]
    assert len(seen) > 5
    assert float(abs(seen[-1] - seen[0]).max()) > 0.5  # it moves
    assert engine.stats.figures().stage_ms["track"] > 0
    engine.set_camera("synthetic")
    wait_for(lambda: engine.status().frame_status in (FrameStatus.IDLE, FrameStatus.AWAY), "nobody to be seen")
    engine.set_camera(str(CALM))
    wait_for(lambda: engine.status().frame_status is FrameStatus.LIVE, "the clip again")


def test_a_clip_that_breaks_later_is_a_problem_of_the_camera(engine: Engine, tmp_path: Path) -> None:
    engine.start()
    engine.set_camera(str(tmp_path / "gone.motion"))
    wait_for(lambda: [problem.part for problem in engine.problems()] == ["camera"], "the problem")
    assert isinstance(engine.failure("camera"), UsageProblem)


@pytest.mark.parametrize("content", [None, b"no clip at all"])
def test_a_missing_or_broken_clip_is_refused_before_anything_starts(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "mine.motion"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageProblem, match=r"mine\.motion") as caught:
        check_camera(str(path))
    assert caught.value.exit_code == 2


def test_only_the_ending_makes_a_clip() -> None:
    assert clip_of(str(CALM)) is not None
    assert [clip_of(camera) for camera in ("0", "synthetic", "clip.mp4", "motion")] == [None] * 4
    check_camera("synthetic")


def test_a_face_model_that_is_missing_is_a_problem_of_tracking(tmp_path: Path) -> None:
    class RealTracker(TestStages):
        def open_tracker(self, pipeline: Pipeline) -> Tracker:
            return LiveStages.open_tracker(self, pipeline)

    config = EngineConfig(camera="synthetic", output=OUTPUT, face_model=tmp_path / "mine.task")
    engine = Engine(config, RealTracker(config))
    engine.start()
    try:
        wait_for(lambda: bool(engine.problems()), "the problem")
        (problem,) = engine.problems()
        assert problem.part == "tracking"
        assert problem.what == "The face model mine.task cannot be used."
        assert "--face-model" in problem.fix
    finally:
        engine.stop()
