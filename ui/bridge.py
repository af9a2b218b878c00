"""The ways into the GUI thread: a bell that carries nothing, a tray for answers, a pace for frames."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.clock import NS_PER_MS, Clock

MAX_ANSWERS = 64
"""Each service has at most one answer under way per request of a person; more means a runaway."""


class Doorbell(QObject):
    """Wakes the GUI thread when a slot has news. Carries nothing; rings coalesce."""

    _rang = Signal()

    def __init__(self, on_ring: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._on_ring = on_ring
        self._waiting = threading.Event()
        self._silent = threading.Event()
        self._rang.connect(self._answer, Qt.ConnectionType.QueuedConnection)

    def ring(self) -> None:
        """Callable from any thread; queues about one wake-up however often it rings."""
        if not self._waiting.is_set() and not self._silent.is_set():
            self._waiting.set()
            self._rang.emit()

    def silence(self) -> None:
        """No more answers; rings that are under way are dropped."""
        self._silent.set()

    def _answer(self) -> None:
        self._waiting.clear()  # before reading: a ring during the read is not lost
        if not self._silent.is_set():
            self._on_ring()


class GuiTray(QObject):
    """Runs what other threads hand over on the GUI thread, in order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._answers: deque[Callable[[], None]] = deque()  # its own operations are atomic
        self._bell = Doorbell(self._take_all, self)

    def post(self, answer: Callable[[], None]) -> None:
        """Callable from any thread."""
        if len(self._answers) >= MAX_ANSWERS:
            raise OverflowError(f"{MAX_ANSWERS} answers wait for the window")
        self._answers.append(answer)
        self._bell.ring()

    def close(self) -> None:
        """Drop what has not run; what comes later is dropped as well."""
        self._bell.silence()
        self._answers.clear()

    def _take_all(self) -> None:
        while self._answers:
            answer = self._answers.popleft()
            try:
                answer()
            except BaseException:
                self._bell.ring()  # the others still get their turn; this one goes to the exception hook
                raise


class FramePump(QObject):
    """Calls `on_news` after rings, at most once per display refresh."""

    def __init__(
        self, on_news: Callable[[], None], rate_hz: float, clock: Clock, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._on_news, self._clock = on_news, clock
        self._interval_ns = int(1e9 / max(1.0, rate_hz))
        self._last_ns = -self._interval_ns
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._serve)
        self._bell = Doorbell(self._rang, self)

    def ring(self) -> None:
        """Callable from any thread."""
        self._bell.ring()

    def close(self) -> None:
        """No more calls."""
        self._bell.silence()
        self._timer.stop()

    def _rang(self) -> None:
        if self._timer.isActive():
            return
        early_ns = self._last_ns + self._interval_ns - self._clock.now_ns()
        if early_ns > NS_PER_MS:
            self._timer.start(max(1, early_ns // NS_PER_MS))
        else:
            self._serve()

    def _serve(self) -> None:
        self._last_ns = self._clock.now_ns()
        self._on_news()
