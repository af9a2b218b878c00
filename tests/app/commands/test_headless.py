"""A run without a window: what ends it, what it reports, what it says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from unittest.mock import create_autospec

import pytest

from app.commands import run as command
from app.commands.headless import HeadlessRun
from app.commands.run_options import RunOptions
from app.control import EngineConfig, EngineStatus, Problem
from app.engine import Engine
from app.errors import EnvironmentProblem, UsageProblem
from app.governor.levels import QualityWish
from app.live_driver import check_camera
from app.pipeline import Pipeline
from app.portrait import LoadedPortrait
from app.tracking.motion_clip import load_motion
from tests.helpers.live import StillAnimator, TestStages, small_portrait
from tests.helpers.waiting import wait_for

OPTIONS = RunOptions(
    headless=True, camera="synthetic", avatar="small", virtual_camera="none", size=(320, 192), duration_s=0.3
)


class Run:
    """A headless run on the stages of the tests."""

    def __init__(self, options: RunOptions) -> None:
        self.options = options
        self.stages: TestStages | None = None
        self.prepare = lambda stages: None

    def __call__(self) -> int:
        return HeadlessRun(self.options, self._engine, _portrait).run()

    def _engine(self, config: EngineConfig) -> Engine:
        self.stages = TestStages(config)
        self.prepare(self.stages)
        return Engine(config, self.stages)


def _portrait(who: str, references: Sequence[Path]) -> LoadedPortrait:
    return small_portrait(who)


def test_the_report_has_every_figure_of_the_contract(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    assert Run(replace(OPTIONS, stats=path))() == 0
    report = json.loads(path.read_text())
    names = "frames fps latency_ms stage_ms dropped rss_mb first_frame_s model device width height"
    assert list(report) == names.split()
    assert report["frames"] >= 1
    assert 0 < report["fps"] <= report["frames"] / 0.3
    assert 0 < report["latency_ms"]["p50"] <= report["latency_ms"]["p95"] <= report["latency_ms"]["p99"]
    assert set(report["stage_ms"]) == {"capture", "track", "animate", "compose"}
    assert report["rss_mb"]["start"] > 10
    assert report["first_frame_s"] > 0
    assert (report["model"], report["device"], report["width"], report["height"]) == ("still", "cpu", 320, 192)


def test_with_automatic_quality_the_report_tells_the_levels_that_were_used(tmp_path: Path) -> None:
    stats = tmp_path / "stats.json"
    assert Run(replace(OPTIONS, quality=QualityWish.AUTO, stats=stats))() == 0
    assert json.loads(stats.read_text())["quality"] == {"wish": "auto", "changes": []}


def test_bench_gets_the_figures_of_a_demo_without_those_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "DEMO_DRIVER", Path(__file__))
    monkeypatch.setattr(command, "first_avatar", lambda: "somebody")
    monkeypatch.setattr(command, "DEMO_AVATAR", "nobody")
    monkeypatch.setattr(command, "MEASURED_S", 0.2)
    monkeypatch.setattr(command, "portrait_loading", lambda model: _portrait)
    monkeypatch.setattr(command, "live_engine", lambda config: Engine(config, TestStages(config)))
    figures = command.measure_live("geometric", "cpu")
    assert list(figures) == "frames fps latency_ms stage_ms dropped model device width height".split()


def test_a_run_without_a_face_counts_the_idle_portrait() -> None:
    run = Run(OPTIONS)
    run.prepare = lambda stages: setattr(stages, "seen", None)
    assert run() == 0


def test_the_recording_begins_with_the_first_animated_frame(tmp_path: Path) -> None:
    run = Run(replace(OPTIONS, record=tmp_path / "movie.mp4"))
    assert run() == 0
    assert run.stages is not None
    assert run.stages.recorder_sink.closed == 1
    assert run.stages.recorder_sink.frames > 0


def test_a_camera_that_cannot_be_opened_ends_the_run_with_its_own_error() -> None:
    run = Run(OPTIONS)

    def no_camera(name: str) -> None:
        raise EnvironmentProblem("No camera was found.", why="None is there.", fix="Plug one in.")

    run.prepare = lambda stages: setattr(stages, "source", no_camera)
    with pytest.raises(EnvironmentProblem, match="No camera was found"):
        run()


def test_a_camera_file_that_cannot_be_used_is_a_usage_problem() -> None:
    run = Run(OPTIONS)

    def no_file(name: str) -> None:
        raise UsageProblem("There is no such file.", why="It is missing.", fix="Check the path.")

    run.prepare = lambda stages: setattr(stages, "source", no_file)
    with pytest.raises(UsageProblem, match="There is no such file"):
        run()


def test_a_virtual_camera_asked_for_by_name_must_be_there() -> None:
    with pytest.raises(EnvironmentProblem, match="It is gone"):
        Run(replace(OPTIONS, virtual_camera="broken"))()


def test_a_recording_that_fails_ends_the_run(tmp_path: Path) -> None:
    run = Run(replace(OPTIONS, record=tmp_path / "movie.mp4", duration_s=20.0))
    error = EnvironmentProblem("The disk is full.", why="Too much.", fix="Delete some.")
    run.prepare = lambda stages: setattr(stages.recorder_sink, "error", error)
    with pytest.raises(EnvironmentProblem, match="The disk is full"):
        run()


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_recording_whose_end_cannot_be_written_fails_the_run_after_everything_was_stopped(
    tmp_path: Path, expected_log: pytest.LogCaptureFixture, *, interrupted: bool
) -> None:
    run = Run(replace(OPTIONS, record=tmp_path / "movie.mp4", stats=tmp_path / "s.json"))
    error = EnvironmentProblem("The disk is full.", why="Too much.", fix="Delete some.")
    run.prepare = lambda stages: setattr(stages.recorder_sink, "end_error", error)
    headless = HeadlessRun(run.options, run._engine, _portrait)
    if interrupted:
        headless._wait_for_end = lambda *_: _interrupt_a_recording(run)  # type: ignore[method-assign]
    with pytest.raises(EnvironmentProblem, match="The disk is full") as caught:
        headless.run()
    assert caught.value.exit_code == 3
    assert (tmp_path / "s.json").exists()
    assert run.stages is not None
    assert run.stages.first_sink.closed == 1
    assert "recorder: The disk is full. Too much. Delete some." in expected_log.messages


def _interrupt_a_recording(run: Run) -> None:
    wait_for(lambda: run.stages is not None and run.stages.recorder_sink.frames > 0, "a recorded frame")
    raise KeyboardInterrupt


def test_the_drivers_motion_is_kept_as_a_clip_that_can_be_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.motion"
    assert Run(replace(OPTIONS, record_motion=path, duration_s=1.0))() == 0
    clip = load_motion(path)
    assert len(clip.landmarks) >= 10
    assert clip.duration_ms < 3000  # from the first animated frame on, as the recording
    assert f"of motion were saved as {path}." in capsys.readouterr().err
    check_camera(str(path))


def test_a_run_in_which_nobody_was_seen_has_no_motion_to_keep(tmp_path: Path) -> None:
    path = tmp_path / "mine.motion"
    run = Run(replace(OPTIONS, record_motion=path))
    run.prepare = lambda stages: setattr(stages, "seen", None)
    with pytest.raises(UsageProblem, match="There is no motion to save"):
        run()
    assert not path.exists()
    run.options = replace(run.options, virtual_camera="broken")
    with pytest.raises(EnvironmentProblem, match="It is gone"):  # what ended the run says more
        run()


def test_motion_goes_only_into_files_that_are_taken_for_motion(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as caught:
        Run(replace(OPTIONS, record_motion=tmp_path / "mine.mp4"))()
    assert caught.value.why == "A motion clip cannot have the ending '.mp4'."
    assert caught.value.fix == "Name it mine.motion."


def test_a_face_model_that_cannot_be_used_ends_the_run(tmp_path: Path) -> None:
    run = Run(replace(OPTIONS, duration_s=20.0))

    def no_model(pipeline: Pipeline) -> None:
        raise UsageProblem("The face model cannot be used.", why="It is missing.", fix="Leave it out.")

    run.prepare = lambda stages: setattr(stages, "open_tracker", no_model)
    with pytest.raises(UsageProblem, match="The face model cannot be used"):
        run()


def test_outputs_without_a_folder_are_refused_before_anything_starts(tmp_path: Path) -> None:
    for options in (replace(OPTIONS, record=tmp_path / "no" / "a.mp4"), replace(OPTIONS, stats=tmp_path / "no" / "s")):
        run = Run(options)
        with pytest.raises(UsageProblem, match="There is no folder"):
            run()
        assert run.stages is None


def test_an_interrupted_run_ends_everything_and_still_reports(tmp_path: Path) -> None:
    run = Run(replace(OPTIONS, stats=tmp_path / "s.json", record=tmp_path / "movie.mp4", duration_s=None))

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    headless = HeadlessRun(run.options, run._engine, _portrait)
    headless._wait_for_end = interrupt  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        headless.run()
    assert json.loads((tmp_path / "s.json").read_text())["frames"] >= 1
    assert run.stages is not None
    assert run.stages.first_sink.closed == 1


def test_a_bug_in_the_animator_is_raised_as_it_is(expected_log: pytest.LogCaptureFixture) -> None:
    class Broken(StillAnimator):
        def step(self, *_: object) -> object:  # type: ignore[override]
            raise ZeroDivisionError("a bug")

    run = Run(OPTIONS)
    run.prepare = lambda stages: setattr(stages, "animator", Broken)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        run()


def test_notices_go_to_stderr_unless_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    Run(OPTIONS)()
    assert capsys.readouterr().err == "Live with still on cpu. Ctrl-C ends it.\n"
    Run(replace(OPTIONS, quiet=True))()
    assert capsys.readouterr().err == ""


def test_references_that_a_model_ignores_are_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    Run(replace(OPTIONS, references=(Path("a.png"),)))()
    assert "The model 'still' uses one picture; the references are ignored." in capsys.readouterr().err


@pytest.mark.parametrize(("given_up", "goes_on"), [(False, True), (True, False)])
def test_a_lost_recording_does_not_end_a_run_whose_camera_is_being_opened_again(given_up: bool, goes_on: bool) -> None:
    engine = create_autospec(Engine, instance=True)
    engine.given_up.return_value, engine.failed = given_up, False
    engine.status.return_value = EngineStatus()
    engine.failure.return_value = LookupError("the recording")
    run = HeadlessRun(replace(OPTIONS, virtual_camera=None), lambda config: engine, _portrait)
    problems = (Problem("recorder", "Lost.", "", ""), Problem("virtual camera", "Lost.", "", ""))

    if goes_on:
        run._raise_what_was_asked_for(engine, problems)
    else:
        with pytest.raises(LookupError, match="the recording"):
            run._raise_what_was_asked_for(engine, problems)
