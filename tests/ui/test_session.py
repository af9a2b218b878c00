"""The whole window over a fake engine: real threads, real event loop, no device and no model."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
from PySide6.QtCore import Qt, QTimer, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from app.capture.base import CameraDescription
from app.control import EngineConfig, EngineControl, Problem
from app.errors import EnvironmentProblem
from app.support.run_mark import Crash
from tests.helpers.window import CAMERAS, FakeEngine, rendered
from tests.ui.conftest import settle
from ui import services, strings
from ui.application import run_window
from ui.options import ColourScheme, WindowOptions
from ui.session import EXIT_INTERRUPTED, Session
from ui.theme import DARK

ROOT = Path(__file__).resolve().parents[2]

QUICK = WindowOptions(remember=False, duration_s=0.05, colours=ColourScheme.DARK)


@pytest.fixture
def no_devices(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two cameras that are not there, an empty gallery, and settings in a folder of the test."""
    monkeypatch.setattr(services, "_list_cameras", lambda: CAMERAS)
    monkeypatch.setattr(services, "_all_tiles", lambda: ())
    monkeypatch.setenv("UNDERSTUDY_SETTINGS", str(tmp_path / "settings.json"))


@pytest.fixture
def gui(qt_app: QApplication, no_devices: None) -> Iterator[QApplication]:
    """An application for a whole session; the session's own message handler is taken off again."""
    handler = qInstallMessageHandler(None)
    qInstallMessageHandler(handler)
    yield qt_app
    qInstallMessageHandler(handler)
    settle(qt_app)


class Performer(FakeEngine):
    """Shows one frame as soon as it is started; runs `act` then."""

    def __init__(self, config: EngineConfig, act: Callable[[], None] = lambda: None) -> None:
        super().__init__(config)
        self._act = act

    def start(self) -> None:
        super().start()
        self.show(rendered())
        self._act()


def test_a_session_runs_for_its_duration_and_stops_the_engine(gui: QApplication) -> None:
    made: list[Performer] = []
    stopped: list[tuple[object, ...]] = []

    def make(config: EngineConfig) -> EngineControl:
        made.append(Performer(config))
        return made[0]

    options = WindowOptions(
        remember=False, duration_s=0.05, before_stop=lambda engine: stopped.append(tuple(made[0].calls))
    )
    code = run_window(options, make)

    assert code == 0
    assert made[0].calls[0] == ("start",)
    assert made[0].calls[-1] == ("stop",)
    assert len(stopped) == 1
    assert ("stop",) not in stopped[0]


def test_the_duration_counts_from_the_frame_that_the_command_line_calls_the_first(gui: QApplication) -> None:
    answers = iter([False, False, True])
    asked: list[bool] = []

    def has_begun() -> bool:
        asked.append(next(answers))
        return asked[-1]

    run_window(replace(QUICK, has_begun=has_begun), Performer)

    assert asked == [False, False, True]


def test_the_engine_is_made_as_flags_and_settings_say(gui: QApplication, tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"version": 1, "camera": "usb-2", "motion": {"gain": 0.5}}')
    configs: list[EngineConfig] = []

    def make(config: EngineConfig) -> EngineControl:
        configs.append(config)
        return Performer(config)

    run_window(WindowOptions(duration_s=0.05), make)

    assert (configs[0].camera, configs[0].motion.gain) == ("usb-2", 0.5)


def test_an_exception_in_a_slot_is_logged_and_shown_and_the_window_stays(
    gui: QApplication, expected_log: pytest.LogCaptureFixture
) -> None:
    shown: list[str] = []

    def fail() -> None:
        raise LookupError("a slot failed")

    session = Session(QUICK, lambda config: Performer(config, lambda: QTimer.singleShot(0, fail)))
    original = session._window.show_notice
    session._window.show_notice = lambda notice: (shown.append(notice.why if notice else ""), original(notice))[1]  # type: ignore[method-assign]

    assert session.run() == 0
    assert any("LookupError: a slot failed" in why for why in shown)
    assert [record.levelno for record in expected_log.records] == [logging.ERROR]


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_an_interrupt_or_a_polite_request_closes_the_window_with_its_own_code(gui: QApplication, name: str) -> None:
    if not hasattr(signal, name):
        pytest.skip("this system has no such signal")

    def make(config: EngineConfig) -> EngineControl:
        return Performer(config, lambda: signal.raise_signal(getattr(signal, name)))

    assert run_window(WindowOptions(remember=False), make) == EXIT_INTERRUPTED


def test_after_a_crash_the_window_begins_away_and_offers_the_report(gui: QApplication, tmp_path: Path) -> None:
    (tmp_path / "crash.txt").write_text("what is known")
    options = replace(QUICK, away=True, crash=Crash(tmp_path / "crash.txt"))
    made: list[Performer] = []
    notices: list[str] = []

    def act() -> None:
        notice = session._presenter._parts.notices.current()
        notices.append(notice.what if notice else "")
        session._presenter.notice_copy_wanted()

    def make(config: EngineConfig) -> EngineControl:
        made.append(Performer(config, act))
        return made[0]

    session = Session(options, make)

    assert session.run() == 0
    assert made[0].calls.index(("set_away", True)) < made[0].calls.index(("start",))
    assert notices == [strings.CRASHED]
    assert gui.clipboard().text() == "what is known"


@pytest.mark.parametrize(
    ("failure", "end"),
    [(LookupError("a bug"), "abandon"), (EnvironmentProblem("No.", why="No.", fix="No."), "stop")],
)
def test_only_a_bug_of_the_window_leaves_the_camera_to_its_keeper(
    gui: QApplication, failure: Exception, end: str
) -> None:
    made: list[Performer] = []

    def fail(engine: EngineControl) -> None:
        raise failure

    def make(config: EngineConfig) -> EngineControl:
        made.append(Performer(config))
        return made[0]

    with pytest.raises(type(failure)):
        Session(replace(QUICK, before_stop=fail), make).run()

    assert next(call[0] for call in made[0].calls if call[0] in ("abandon", "stop")) == end


def test_a_log_that_cannot_be_written_is_said_once(gui: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    trouble = Problem("log", "The log cannot be written.", "The disk is full.", "Free some space.")
    monkeypatch.setattr("ui.session.log_troubles", lambda: (trouble,))
    session = Session(replace(QUICK, duration_s=0.5), Performer)
    said: list[str] = []
    monkeypatch.setattr(session._presenter, "say", lambda notice: said.append(notice.what))

    session.run()

    assert said == ["The log cannot be written."]


def test_the_settings_hold_what_was_changed_in_the_window(gui: QApplication, tmp_path: Path) -> None:
    session = Session(
        WindowOptions(duration_s=0.05),
        lambda config: Performer(config, lambda: session._presenter.looks.mirror_wanted(False)),
    )

    session.run()

    assert '"mirror": false' in (tmp_path / "settings.json").read_text()


def test_starting_and_stopping_many_times_leaves_nothing(gui: QApplication) -> None:
    for _ in range(5):
        assert run_window(QUICK, Performer) == 0


OPEN_THE_WINDOW = """
import sys
from app.control import EngineConfig
from app.errors import AppError
from tests.helpers.window import FakeEngine
from ui import services
from ui.options import WindowOptions
from ui.presenter import Presenter
import ui.application

before_start = []
start = Presenter.start
def spy(self):
    before_start.extend(name for name in ("torch", "cv2", "mediapipe", "av", "matplotlib") if name in sys.modules)
    self._view.close()
Presenter.start = spy
from app.live_stages import live_engine
code = ui.application.run_window(WindowOptions(remember=False), live_engine)
print(code, before_start)
"""


def test_opening_the_window_imports_nothing_heavy() -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}

    done = subprocess.run(
        [sys.executable, "-c", OPEN_THE_WINDOW], capture_output=True, text=True, env=environment, cwd=ROOT, timeout=60
    )

    assert done.stdout.splitlines()[-1:] == ["0 []"], done.stderr


def test_services_answer_on_the_gui_thread_and_close_their_threads(qt_app: QApplication) -> None:
    from tests.ui.test_bridge import wait_for
    from ui.bridge import GuiTray

    tray = GuiTray()
    found: list[tuple[CameraDescription, ...]] = []
    cameras = services.Cameras(tray.post, lambda: CAMERAS)
    cameras.find(lambda answer: found.append(tuple(answer)), lambda error: pytest.fail(str(error)))

    wait_for(lambda: bool(found))
    cameras.close(5.0)
    tray.close()

    assert found == [CAMERAS]


def test_the_window_follows_the_system_from_light_to_dark(gui: QApplication) -> None:
    session: list[Session] = []
    sheets: list[str] = []

    def turn_dark() -> None:
        with patch("ui.session.current_theme", lambda scheme: DARK):
            gui.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
        sheets.append(gui.styleSheet())

    options = WindowOptions(remember=False, duration_s=0.05)
    session.append(Session(options, lambda config: Performer(config, turn_dark)))

    assert session[0].run() == 0
    assert DARK.accent in sheets[0]


def test_statistics_that_cannot_be_written_come_out_and_the_engine_is_stopped_all_the_same(gui: QApplication) -> None:
    made: list[Performer] = []

    def make(config: EngineConfig) -> EngineControl:
        made.append(Performer(config))
        return made[0]

    def fail(engine: EngineControl) -> None:
        raise EnvironmentProblem("The figures were not written.", why="The disk is full.", fix="Free some space.")

    options = WindowOptions(remember=False, duration_s=0.05, before_stop=fail)
    with pytest.raises(EnvironmentProblem, match="The disk is full"):
        run_window(options, make)

    assert made[0].calls[-1] == ("stop",)
