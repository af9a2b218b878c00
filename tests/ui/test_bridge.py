from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from tests.ui.conftest import HandClock
from ui.bridge import MAX_ANSWERS, Doorbell, FramePump, GuiTray

TIMEOUT_MS = 5000


def on_another_thread(work: Callable[[], None]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def wait_for(condition: Callable[[], bool]) -> None:
    """Run the event loop until `condition` holds."""
    loop, look, limit = QEventLoop(), QTimer(), QTimer()
    look.timeout.connect(lambda: condition() and loop.quit())
    limit.timeout.connect(loop.quit)
    look.start(1)
    limit.start(TIMEOUT_MS)
    loop.exec()
    look.stop()
    limit.stop()
    assert condition(), "did not happen in time"


def test_many_rings_while_the_gui_is_busy_arrive_as_one(qt_app: QApplication) -> None:
    calls: list[int] = []
    bell = Doorbell(lambda: calls.append(1))

    on_another_thread(lambda: [bell.ring() for _ in range(1000)] and None)
    qt_app.processEvents()

    assert calls == [1]


def test_a_ring_during_the_answer_is_not_lost(qt_app: QApplication) -> None:
    calls: list[int] = []

    def answer() -> None:
        calls.append(1)
        if len(calls) == 1:
            bell.ring()

    bell = Doorbell(answer)
    bell.ring()
    wait_for(lambda: len(calls) == 2)


def test_a_silenced_bell_answers_nothing(qt_app: QApplication) -> None:
    calls: list[int] = []
    bell = Doorbell(lambda: calls.append(1))
    bell.ring()

    bell.silence()
    qt_app.processEvents()

    assert calls == []


def test_answers_run_in_order_on_the_gui_thread(qt_app: QApplication) -> None:
    seen: list[tuple[int, threading.Thread]] = []
    tray = GuiTray()

    on_another_thread(
        lambda: [tray.post(lambda n=n: seen.append((n, threading.current_thread()))) for n in range(5)] and None
    )
    wait_for(lambda: len(seen) == 5)

    assert seen == [(n, threading.current_thread()) for n in range(5)]


def test_an_answer_that_fails_does_not_swallow_the_next(qt_app: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    hooked: list[BaseException] = []
    monkeypatch.setattr("sys.excepthook", lambda kind, error, trace: hooked.append(error))
    seen: list[int] = []
    tray = GuiTray()
    tray.post(lambda: 1 / 0 and None)
    tray.post(lambda: seen.append(1))

    wait_for(lambda: seen == [1])

    assert [type(error) for error in hooked] == [ZeroDivisionError]


def test_a_runaway_is_refused_instead_of_filling_memory(qt_app: QApplication) -> None:
    tray = GuiTray()
    for _ in range(MAX_ANSWERS):
        tray.post(lambda: None)

    with pytest.raises(OverflowError):
        tray.post(lambda: None)
    tray.close()


def test_frames_are_fetched_at_most_once_per_refresh(qt_app: QApplication) -> None:
    calls: list[int] = []
    clock = HandClock()
    pump = FramePump(lambda: calls.append(clock.time_ns), rate_hz=50, clock=clock)
    pump.ring()
    qt_app.processEvents()
    assert calls == [0]

    pump.ring()
    qt_app.processEvents()
    assert calls == [0]  # too early: it waits for the next refresh

    wait_for(lambda: len(calls) == 2)
    pump.close()


def test_a_closed_pump_fetches_nothing(qt_app: QApplication) -> None:
    calls: list[int] = []
    pump = FramePump(lambda: calls.append(1), rate_hz=50, clock=HandClock())
    pump.ring()

    pump.close()
    qt_app.processEvents()

    assert calls == []
