"""The engine with real threads, real stages, a synthetic camera and a scripted tracker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.capture.base import CameraLost
from app.capture.synthetic import marker_share
from app.control import EngineConfig, EngineState
from app.engine import Engine
from app.errors import EnvironmentProblem
from app.governor.levels import QualityWish
from app.packets import CapturedFrame, FaceObservation, FrameStatus, TrackedFrame
from app.settings import Background, BackgroundMode, OutputSettings
from models.types import AnimatedFrame, FaceView, MotionState, PortraitView, StageMaps, StepOptions
from tests.app.guided_capture.acting import SIZE, Act, landmarks_of
from tests.helpers.live import SMALL_PX, StillAnimator, TestStages, face, small_portrait
from tests.helpers.waiting import wait_for

CONFIG = EngineConfig(camera="synthetic", output=OutputSettings(width=320, height=192, fps=100.0))


class Live:
    """A running engine and the stages it is made of."""

    def __init__(self, config: EngineConfig = CONFIG) -> None:
        self.stages = TestStages(config)
        self.engine = Engine(config, self.stages)
        self.engine.set_portrait(small_portrait())

    def wait_for_status(self, status: FrameStatus, timeout_s: float = 10.0) -> None:
        wait_for(lambda: self.engine.status().frame_status is status, f"frames that are {status.value}", timeout_s)

    def wait_for_problem(self, part: str | None) -> None:
        def reached() -> bool:
            parts = [problem.part for problem in self.engine.problems()]
            return parts == ([] if part is None else [part])

        wait_for(reached, f"problem of {part}; there are {self.engine.problems()}")


@pytest.fixture
def live() -> Iterator[Live]:
    live = Live()
    yield live
    live.engine.stop()


def test_a_started_engine_delivers_live_frames_and_measures_them(live: Live) -> None:
    assert live.engine.status().state is EngineState.STOPPED
    live.engine.start()
    wait_for(lambda: live.engine.stats.figures().frames > 20, "twenty frames")
    wait_for(lambda: live.engine.status().calibrated, "a neutral face")
    status = live.engine.status()
    assert status.state is EngineState.RUNNING
    assert status.frame_status is FrameStatus.LIVE
    assert (status.model, status.device, status.camera, status.portrait) == ("still", "cpu", "synthetic", "small")
    assert status.fps > 5
    assert 0 < status.latency_ms.p50 <= status.latency_ms.p95 <= status.latency_ms.p99
    assert set(status.dropped) == {"captured", "tracked", "rendered for first"}
    assert live.engine.preview.take() is not None
    assert status.problems == ()


def test_an_animator_that_needs_pixels_gets_the_drivers_face_in_the_square_of_its_landmarks(live: Live) -> None:
    views: list[FaceView] = []

    class Looking(StillAnimator):
        needs_pixels = True

        def observe(self, view: FaceView) -> MotionState:
            views.append(view)
            return super().observe(view)

        def motion_of(self, prepared: PortraitView) -> MotionState:
            return super().observe(FaceView(prepared.landmarks))

    live.stages.animator = Looking
    live.engine.start()
    live.wait_for_status(FrameStatus.LIVE)
    assert views
    for view in views:
        assert view.image is not None
        assert view.image.shape == (SMALL_PX, SMALL_PX, 3)
        assert marker_share(view.image) > 0.5  # the camera shows nothing but the marker
        assert abs(view.landmarks[:, :2]).max() < 1.0
    assert live.engine.problems() == ()


def test_news_ring_for_every_frame_and_problem(live: Live) -> None:
    rings: list[int] = []
    live.engine.on_news(lambda: rings.append(1))
    live.engine.start()
    wait_for(lambda: len(rings) > 20, "twenty rings")


def test_stop_is_idempotent_and_a_stopped_engine_starts_again(live: Live) -> None:
    live.engine.stop()
    for _ in range(2):
        live.engine.start()
        live.engine.start()
        live.wait_for_status(FrameStatus.LIVE)
        live.engine.stop()
        live.engine.stop()
        assert live.engine.status().state is EngineState.STOPPED
        assert live.engine.status().problems == ()


def test_a_recording_starts_and_ends_while_the_engine_runs(live: Live) -> None:
    live.engine.start()
    live.wait_for_status(FrameStatus.LIVE)
    live.engine.start_recording(Path("movie.mp4"))
    wait_for(lambda: len(live.stages.recorder_sink.sent) > 5, "recorded frames")
    assert live.engine.status().recording == Path("movie.mp4")
    live.engine.stop_recording()
    wait_for(lambda: live.stages.recorder_sink.closed == 1, "the file's end")
    assert live.engine.status().recording is None


def test_a_sink_that_fails_is_a_problem_and_stops_no_other(live: Live) -> None:
    live.stages.recorder_sink.error = EnvironmentProblem("The disk is full.", why="Too much.", fix="Delete some.")
    live.engine.start()
    live.engine.start_recording(Path("movie.mp4"))
    live.wait_for_problem("recorder")
    assert live.engine.problems()[0].what == "The disk is full."
    assert live.engine.status().recording is None
    before = live.engine.stats.figures().frames
    wait_for(lambda: live.engine.stats.figures().frames > before + 10, "frames in the other sink")
    live.stages.recorder_sink.error = None
    live.engine.start_recording(Path("another.mp4"))
    live.wait_for_problem(None)


def test_a_virtual_camera_that_cannot_be_opened_is_a_problem_until_another_is_chosen(live: Live) -> None:
    live.engine.start()
    live.wait_for_status(FrameStatus.LIVE)
    live.engine.set_virtual_camera("broken")
    live.wait_for_problem("virtual camera")
    assert isinstance(live.engine.failure("virtual camera"), EnvironmentProblem)
    live.engine.set_virtual_camera("none")
    live.wait_for_problem(None)


def test_an_animator_that_fails_once_is_tried_again(live: Live, expected_log: pytest.LogCaptureFixture) -> None:
    broken = StillAnimator()
    broken.step = lambda *_: 1 / 0  # type: ignore[assignment, method-assign, return-value]
    animators = iter([broken])
    live.stages.animator = lambda: next(animators, None) or StillAnimator()
    live.engine.start()
    live.wait_for_problem("render")
    live.wait_for_problem(None)
    live.wait_for_status(FrameStatus.LIVE)
    assert "render failed: division by zero" in expected_log.messages


def test_an_animator_that_always_fails_leaves_the_card_running_until_another_portrait(
    live: Live, expected_log: pytest.LogCaptureFixture
) -> None:
    broken = StillAnimator()
    broken.step = lambda *_: 1 / 0  # type: ignore[assignment, method-assign, return-value]
    live.stages.animator = lambda: broken
    live.engine.start()
    wait_for(lambda: live.engine.status().state is EngineState.FAILED, "giving up")
    live.stages.first_sink.sent.clear()
    wait_for(lambda: len(live.stages.first_sink.sent) > 10, "cards")
    assert {frame.status for frame in live.stages.first_sink.sent} == {FrameStatus.AWAY}
    live.stages.animator = StillAnimator
    live.engine.set_portrait(small_portrait("another"))
    live.wait_for_status(FrameStatus.LIVE)
    assert live.engine.status().state is EngineState.RUNNING


def test_a_tracker_that_raises_is_no_face_then_is_loaded_again(
    live: Live, expected_log: pytest.LogCaptureFixture
) -> None:
    live.engine.start()
    live.wait_for_status(FrameStatus.LIVE)
    live.stages.seen = RuntimeError("native code")
    live.wait_for_status(FrameStatus.IDLE)
    live.wait_for_problem("tracking")
    live.stages.seen = face()
    live.wait_for_problem(None)
    live.wait_for_status(FrameStatus.LIVE)


def test_tracking_that_was_given_up_runs_again_after_stop_and_start(
    live: Live, expected_log: pytest.LogCaptureFixture
) -> None:
    live.stages.seen = RuntimeError("native code")
    live.engine.start()
    wait_for(lambda: live.engine.given_up("tracking"), "giving up", timeout_s=30.0)
    assert live.engine.status().state is EngineState.FAILED
    live.stages.seen = face()
    live.engine.stop()
    live.engine.start()
    live.wait_for_status(FrameStatus.LIVE)
    assert live.engine.status().state is EngineState.RUNNING
    assert live.engine.problems() == ()


def test_a_virtual_camera_lost_in_mid_call_is_opened_again(live: Live) -> None:
    live.engine.start()
    live.wait_for_status(FrameStatus.LIVE)
    live.stages.first_sink.error = EnvironmentProblem("It is gone.", why="Unloaded.", fix="Load it.")
    live.wait_for_problem("virtual camera")
    live.stages.first_sink.error = None
    live.wait_for_problem(None)
    assert not live.engine.given_up("virtual camera")


def test_an_unreadable_background_is_a_problem_until_another_is_chosen_and_rendering_goes_on(
    live: Live, tmp_path: Path
) -> None:
    missing = Background(BackgroundMode.PICTURE, picture=tmp_path / "gone.jpg")
    live.engine.set_output(replace(CONFIG.output, background=missing))
    live.engine.start()
    live.wait_for_status(FrameStatus.LIVE)
    live.wait_for_problem("background")
    live.engine.set_output(CONFIG.output)
    live.wait_for_problem(None)
    live.wait_for_status(FrameStatus.LIVE)


def test_a_recording_whose_end_cannot_be_written_is_a_problem(
    live: Live, expected_log: pytest.LogCaptureFixture
) -> None:
    live.stages.recorder_sink.end_error = EnvironmentProblem("The disk is full.", why="Too much.", fix="Delete some.")
    live.engine.start()
    live.engine.start_recording(Path("movie.mp4"))
    wait_for(lambda: len(live.stages.recorder_sink.sent) > 2, "recorded frames")
    live.engine.stop_recording()
    live.wait_for_problem("recorder")
    assert live.engine.problems()[0].what == "The disk is full."
    assert any("The disk is full" in message for message in expected_log.messages)


class DyingSource:
    """Wraps a source that can be unplugged."""

    unplugged = False

    def __init__(self, stages: TestStages) -> None:
        self._source = stages.source("")
        self.name = self._source.name

    def open(self) -> None:
        self._require()
        self._source.open()

    def grab(self, timeout_s: float) -> CapturedFrame:
        self._require()
        return self._source.grab(timeout_s)

    def release(self) -> None:
        self._source.release()

    def interrupt(self) -> None:
        self._source.interrupt()

    def _require(self) -> None:
        if self.unplugged:
            raise CameraLost("The camera is gone.", why="It was unplugged.", fix="Plug it in.")


def test_a_lost_camera_is_away_and_a_problem_and_live_again_when_it_is_back(live: Live) -> None:
    source = DyingSource(live.stages)
    live.stages.source = lambda name: source
    live.engine.start()
    live.wait_for_status(FrameStatus.LIVE)
    source.unplugged = True
    live.wait_for_status(FrameStatus.AWAY, timeout_s=5.0)
    live.wait_for_problem("camera")
    source.unplugged = False
    live.wait_for_status(FrameStatus.LIVE)
    live.wait_for_problem(None)


def test_without_a_camera_the_portrait_idles_and_a_camera_chosen_later_drives_it() -> None:
    live = Live(EngineConfig(camera=None, output=CONFIG.output))
    live.engine.start()
    live.wait_for_status(FrameStatus.IDLE)
    live.engine.set_camera("synthetic")
    live.wait_for_status(FrameStatus.LIVE)
    live.engine.set_camera(None)
    live.wait_for_status(FrameStatus.IDLE)
    live.engine.stop()


def test_a_stage_that_hangs_is_left_behind_and_reported(live: Live, expected_log: pytest.LogCaptureFixture) -> None:
    import threading

    hang, hanging = threading.Event(), threading.Event()

    def block(frame: object) -> None:
        hanging.set()
        hang.wait(20)

    live.stages.first_sink.send = block  # type: ignore[assignment, method-assign]
    live.engine.start()
    assert hanging.wait(10)
    live.engine.stop(timeout_s=0.3)
    assert any("still running" in message for message in expected_log.messages)
    assert live.engine.status().state is EngineState.STOPPED
    assert [problem.part for problem in live.engine.problems()] == ["virtual camera"]
    hang.set()


def test_a_locked_level_of_quality_is_in_use_soon_and_the_model_in_use_is_named(live: Live) -> None:
    live.engine.set_quality(QualityWish.LIGHT)
    live.engine.start()
    wait_for(lambda: live.engine.status().quality.place > 0, "the light level", 30.0)
    status = live.engine.status()
    assert (status.model, status.quality.wish, status.quality.reason) == ("geometric", QualityWish.LIGHT, None)
    assert status.quality.place == status.quality.levels - 1
    live.wait_for_status(FrameStatus.LIVE)
    assert [change.place for change in live.engine.quality.changes()] == [status.quality.place]
    assert status.problems == ()


def test_who_watches_the_driver_sees_every_picture_before_it_is_tracked_until_that_is_ended(live: Live) -> None:
    seen: list[tuple[str, int]] = []

    class Watch:
        def captured(self, frame: CapturedFrame) -> None:
            seen.append(("captured", frame.frame_id))

        def tracked(self, frame: TrackedFrame) -> None:
            seen.append(("tracked", frame.frame_id))

    live.engine.start()
    live.wait_for_status(FrameStatus.LIVE)
    live.engine.watch_driver(Watch())
    wait_for(lambda: sum(kind == "tracked" for kind, _ in seen) > 5, "tracked pictures")
    live.engine.watch_driver(None)
    live.engine.stop()
    known = [number for kind, number in seen if kind == "captured"]
    first = known[0]
    tracked = [number for kind, number in seen if kind == "tracked" and number >= first]
    assert tracked
    assert all(seen.index(("captured", number)) < seen.index(("tracked", number)) for number in tracked)


class StagedAnimator(StillAnimator):
    """Has something to tell of its stages, where that is asked for."""

    def step(self, prepared: PortraitView, driving: MotionState, options: StepOptions) -> AnimatedFrame:
        frame, flat = super().step(prepared, driving, options), np.zeros((4, 4), np.float32)
        maps = StageMaps(np.zeros((4, 4, 2), np.float32), flat, flat.astype(np.uint8), flat)
        return replace(frame, maps=maps if options.want_maps else None)


def test_who_watches_the_stages_is_told_of_every_frame_until_that_is_ended(live: Live) -> None:
    live.stages.animator = StagedAnimator
    live.engine.start()
    live.wait_for_status(FrameStatus.LIVE)
    seen: list[StageMaps] = []

    live.engine.watch_stages(seen.append)
    wait_for(lambda: len(seen) > 3, "maps of the stages")
    live.engine.watch_stages(None)
    live.engine.stop()
    told = len(seen)
    live.engine.start()
    live.wait_for_status(FrameStatus.LIVE)
    live.engine.stop()

    assert len(seen) == told


def test_a_face_with_an_open_mouth_does_not_become_the_neutral_one_and_the_reason_is_said(live: Live) -> None:
    live.stages.seen = FaceObservation(landmarks_of(Act(lips=0.8)), SIZE)
    live.engine.start()
    live.wait_for_status(FrameStatus.LIVE)
    before = live.engine._wishes.read().calibration
    live.engine.calibrate()
    assert live.engine._wishes.read().calibration == before
    (problem,) = live.engine.problems()
    assert (problem.part, problem.why, problem.fix) == (
        "calibration",
        "The mouth is open.",
        "Close your lips, then set it again.",
    )
    calm = FaceObservation(landmarks_of(Act()), SIZE)
    live.stages.seen = calm
    wait_for(lambda: live.engine._seen is calm, "the calm face")
    live.engine.calibrate()
    assert live.engine._wishes.read().calibration == before + 1
    assert live.engine.problems() == ()
