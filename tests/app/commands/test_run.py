"""Window or no window, demo or not: what `run` decides before anything starts."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from app.animators import default_model
from app.commands import run as command
from app.commands.run_options import RunOptions
from app.errors import EnvironmentProblem, UsageProblem
from app.live_driver import check_camera


class Runs:
    """Stands in for the headless run and writes down what it was asked to do."""

    def __init__(self) -> None:
        self.asked: list[RunOptions] = []

    def __call__(self, options: RunOptions, *_: object) -> Runs:
        self.asked.append(options)
        return self

    def run(self) -> int:
        return 0


@pytest.fixture
def headless(monkeypatch: pytest.MonkeyPatch) -> Runs:
    runs = Runs()
    monkeypatch.setattr(command, "HeadlessRun", runs)
    monkeypatch.setattr(command, "DEMO_DRIVER", Path(__file__))
    monkeypatch.setattr(command, "first_avatar", lambda: "somebody")
    monkeypatch.setattr(command, "DEMO_AVATAR", "nobody")
    monkeypatch.setattr(command, "check_camera", lambda camera: None)
    return runs


def no_window(options: RunOptions) -> int:
    raise EnvironmentProblem("The window cannot be opened.", why="There is no screen.", fix="Use one.")


def test_a_run_with_a_display_is_the_window(headless: Runs) -> None:
    shown: list[RunOptions] = []
    code = command.run(RunOptions(avatar="me"), lambda options: shown.append(options) or 7)  # type: ignore[func-returns-value]
    assert code == 7
    assert shown == [RunOptions(avatar="me")]
    assert headless.asked == []


def test_a_run_without_a_display_is_refused(headless: Runs) -> None:
    with pytest.raises(EnvironmentProblem, match="There is no screen") as caught:
        command.run(RunOptions(), no_window)
    assert caught.value.exit_code == 3
    with pytest.raises(EnvironmentProblem, match="This copy of the program has no window"):
        command.run(RunOptions(), None)
    assert headless.asked == []


def test_the_demo_without_a_display_says_so_and_writes_a_movie(
    headless: Runs, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run(RunOptions(demo=True), no_window) == 0
    (asked,) = headless.asked
    assert (asked.headless, asked.duration_s, asked.record) == (True, 10.0, Path("understudy-demo.mp4"))
    assert (asked.camera, asked.avatar) == (str(Path(__file__)), "somebody")
    assert capsys.readouterr().err == (
        "The window cannot be opened. There is no screen. "
        "The demo runs for 10 s without one and writes understudy-demo.mp4.\n"
    )


def test_the_demo_without_a_window_ends_by_itself_and_writes_a_movie(headless: Runs) -> None:
    assert command.run(RunOptions(demo=True, headless=True), no_window) == 0
    assert command.run(RunOptions(demo=True, headless=True, record=Path("my.mkv"))) == 0
    first, second = headless.asked
    assert (first.duration_s, first.record) == (10.0, Path("understudy-demo.mp4"))
    assert (second.duration_s, second.record) == (10.0, Path("my.mkv"))


def test_the_demo_keeps_what_was_chosen(headless: Runs) -> None:
    chosen = RunOptions(demo=True, headless=True, camera="clip.mp4", avatar="me", duration_s=3.0)
    assert command.run(chosen) == 0
    assert headless.asked == [chosen]


def test_a_headless_run_takes_the_first_camera_and_the_first_avatar(headless: Runs) -> None:
    command.run(RunOptions(headless=True))
    (asked,) = headless.asked
    assert (asked.camera, asked.avatar) == ("0", "somebody")


@pytest.mark.parametrize("camera", ["nowhere.mp4", "nowhere.motion"])
def test_a_camera_file_that_is_missing_is_refused_before_anything_starts(
    headless: Runs, monkeypatch: pytest.MonkeyPatch, camera: str
) -> None:
    monkeypatch.setattr(command, "check_camera", check_camera)
    with pytest.raises(UsageProblem, match=re.escape(camera)) as caught:
        command.run(RunOptions(headless=True, camera=camera))
    assert caught.value.exit_code == 2
    assert headless.asked == []


def test_a_demo_without_its_video_says_what_is_missing(headless: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "DEMO_DRIVER", Path("nowhere/driver.mp4"))
    with pytest.raises(EnvironmentProblem) as caught:
        command.run(RunOptions(demo=True), no_window)
    assert str(caught.value) == (
        "The demo cannot run. Its video is missing: assets/demo/driver.mp4. "
        "Get a complete copy of the program, or name a video with --camera."
    )


def test_the_engine_starts_as_the_options_say() -> None:
    options = RunOptions(device="cpu", virtual_camera="OBS", record=Path("a.mp4"), size=(640, 368), fps=24.0)
    options = replace(options, face_model=Path("face.task"))
    config = options.engine_config("clip.mp4")
    assert (config.model, config.device, config.camera) == (default_model(), "cpu", "clip.mp4")
    assert (config.virtual_camera, config.record) == ("OBS", Path("a.mp4"))
    assert config.face_model == Path("face.task")
    assert (config.output.width, config.output.height, config.output.fps) == (640, 368, 24.0)


def test_the_demo_shows_somebody_else_than_its_driver(headless: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()

    assert Path(command.demo_avatar()).name == command.DEMO_AVATAR != "amara"
