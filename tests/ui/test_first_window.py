"""A second start finds the first window, and opens one of its own where there is none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from app.support.folders import state_folder
from tests.ui.conftest import settle
from ui import application, strings
from ui.first_window import LONGEST_SOCKET_PATH, FirstWindow, meeting_place, raise_first_window
from ui.options import WindowOptions

ROOT = Path(__file__).resolve().parents[2]
WAIT_MS = 20_000

SECOND_START = """
import sys
from ui.first_window import raise_first_window
sys.exit(0 if raise_first_window(sys.argv[1]) else 3)
"""


def test_a_second_start_raises_the_window_of_the_first(qt_app: QApplication) -> None:
    raised, loop = [], QEventLoop()
    first = FirstWindow(meeting_place(), lambda: raised.append("yes"))
    first.open()
    second = subprocess.Popen([sys.executable, "-c", SECOND_START, meeting_place()], cwd=ROOT)
    looks, limit = QTimer(), QTimer()
    looks.timeout.connect(lambda: loop.quit() if second.poll() is not None else None)
    looks.start(20)
    limit.setSingleShot(True)
    limit.timeout.connect(loop.quit)
    limit.start(WAIT_MS)
    loop.exec()
    looks.stop()
    limit.stop()
    first.close()
    settle(qt_app)

    assert second.wait(timeout=1.0) == 0
    assert raised == ["yes"]


def test_where_no_window_is_open_none_is_raised(qt_app: QApplication) -> None:
    assert not raise_first_window(meeting_place())


def test_a_socket_that_a_crash_left_behind_is_taken_over(qt_app: QApplication) -> None:
    place = Path(meeting_place())
    first = FirstWindow(str(place), lambda: None)
    first.open()
    first.close()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"left behind")
    second = FirstWindow(str(place), lambda: None)

    second.open()

    assert place.is_socket()
    second.close()
    assert not place.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has names, not files")
def test_the_socket_is_for_this_user_alone(qt_app: QApplication) -> None:
    first = FirstWindow(meeting_place(), lambda: None)
    first.open()

    mode = Path(meeting_place()).stat().st_mode & 0o077
    first.close()

    assert mode == 0
    assert Path(meeting_place()).parent == state_folder()


def test_a_folder_too_deep_for_a_socket_is_met_by_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERSTUDY_STATE", "/" + "deep/" * 40)

    place = meeting_place()

    assert place.startswith("understudy-")
    assert len(place) < LONGEST_SOCKET_PATH


def test_a_second_start_opens_nothing_and_says_so(
    qt_app: QApplication, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ui.first_window.raise_first_window", lambda place: True)

    def make(config: object) -> None:
        raise AssertionError("no engine is needed")

    code = application.run_window(WindowOptions(), make)  # type: ignore[arg-type]

    assert code == 0
    assert capfd.readouterr().err.strip() == strings.ALREADY_OPEN
