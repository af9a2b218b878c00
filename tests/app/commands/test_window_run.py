"""What the command line adds to a window: the figures of `--stats`, and outputs that are checked first."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.commands.run_options import RunOptions
from app.commands.window_run import WindowRun
from app.control import EngineConfig
from app.engine import Engine
from app.errors import EnvironmentProblem, UsageProblem
from app.report_file import ReportNotWritten
from app.tracking.motion_clip import load_motion
from tests.helpers.live import TestStages, small_portrait
from tests.helpers.waiting import wait_for

CONFIG = EngineConfig(camera="synthetic", virtual_camera="none")
MakeRun = Callable[[RunOptions], "Run"]


class Run:
    """A window's run without the window, on the stages of the tests."""

    def __init__(self, options: RunOptions) -> None:
        self.run = WindowRun(options, self._engine)

    def _engine(self, config: EngineConfig) -> Engine:
        self.stages = TestStages(config)
        self.engine = Engine(config, self.stages)
        return self.engine

    def start(self) -> None:
        """Start the engine and wait for some frames."""
        self.engine.start()
        self.engine.set_portrait(small_portrait())
        wait_for(self._noticed, "animated frames")

    def _noticed(self) -> bool:
        """Whether some frames were animated, and the run knows of the first one of this start."""
        session, figures = self.run._session, self.engine.stats.figures()
        return figures.frames >= 3 and session is not None and session.t_first_ns == figures.t_first_frame_ns


@pytest.fixture
def run_of() -> Iterator[MakeRun]:
    """Makes runs whose engines are stopped at the end."""
    made: list[Run] = []

    def make(options: RunOptions) -> Run:
        made.append(Run(options))
        made[-1].run.make_engine(CONFIG)
        return made[-1]

    yield make
    for each in made:
        each.engine.stop()


def test_the_figures_are_written_before_the_engine_stops(run_of: MakeRun, tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    each = run_of(RunOptions(stats=path, size=(320, 192)))
    assert not each.run.has_begun()
    each.start()
    assert each.run.has_begun()

    each.run.before_stop(each.engine)

    report = json.loads(path.read_text())
    assert report["frames"] >= 3
    assert report["fps"] > 0
    assert report["first_frame_s"] > 0
    assert (report["model"], report["device"], report["width"], report["height"]) == ("still", "cpu", 320, 192)


def test_a_window_closed_before_its_first_frame_writes_no_figures(run_of: MakeRun, tmp_path: Path) -> None:
    each = run_of(RunOptions(stats=tmp_path / "s.json"))

    each.run.before_stop(each.engine)

    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_where_no_figures_are_asked_for(run_of: MakeRun, tmp_path: Path) -> None:
    each = run_of(RunOptions())
    each.start()

    each.run.before_stop(each.engine)

    assert list(tmp_path.iterdir()) == []


def test_after_try_again_the_figures_are_those_of_the_new_start(run_of: MakeRun, tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    each = run_of(RunOptions(stats=path))
    each.start()
    before = each.engine.stats.t_first_frame_ns
    each.engine.stop()
    each.start()

    each.run.before_stop(each.engine)

    assert each.engine.stats.t_first_frame_ns != before
    assert json.loads(path.read_text())["frames"] >= 3


def test_figures_that_cannot_be_written_are_a_problem_of_the_machine(run_of: MakeRun, tmp_path: Path) -> None:
    path = tmp_path / "folder" / "s.json"
    path.parent.mkdir()
    each = run_of(RunOptions(stats=path))
    each.start()
    path.parent.rmdir()

    with pytest.raises(ReportNotWritten):
        each.run.before_stop(each.engine)


def test_a_recording_without_its_end_fails_the_run_once_the_window_is_gone(
    run_of: MakeRun, tmp_path: Path, expected_log: pytest.LogCaptureFixture
) -> None:
    each = run_of(RunOptions())
    each.stages.recorder_sink.end_error = EnvironmentProblem("No end.", why="The disk is full.", fix="Free space.")
    each.start()
    each.engine.start_recording(tmp_path / "movie.mp4")
    wait_for(lambda: bool(each.stages.recorder_sink.sent), "a recorded frame")
    each.engine.stop()

    with pytest.raises(EnvironmentProblem, match="The disk is full"):
        each.run.after_stop()
    assert [record.levelname for record in expected_log.records] == ["ERROR"]


def test_the_drivers_motion_is_saved_once_the_window_is_gone(run_of: MakeRun, tmp_path: Path) -> None:
    path = tmp_path / "mine.motion"
    each = run_of(RunOptions(record_motion=path))
    each.start()
    wait_for(lambda: each.engine.stats.figures().frames >= 15, "more frames")
    each.engine.stop()

    each.run.after_stop()

    assert len(load_motion(path).landmarks) >= 10


def test_a_run_that_ended_well_ends_without_a_complaint(run_of: MakeRun) -> None:
    each = run_of(RunOptions())
    each.start()
    each.engine.stop()

    each.run.after_stop()


@pytest.mark.parametrize("output", ["record", "stats"])
def test_outputs_that_cannot_be_written_are_refused_before_the_window_opens(tmp_path: Path, output: str) -> None:
    with pytest.raises(UsageProblem, match=r"There is no folder .*nowhere"):
        WindowRun(RunOptions(**{output: tmp_path / "nowhere" / "file"}))  # type: ignore[arg-type]
    with pytest.raises(UsageProblem, match=r"It is a folder\."):
        WindowRun(RunOptions(**{output: tmp_path}))  # type: ignore[arg-type]
