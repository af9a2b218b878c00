"""One run of the window: makes everything, joins it, shows it, and takes it apart again in the right order."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType, TracebackType

import platformdirs
from PySide6.QtCore import QCoreApplication, QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler

from app.animators import live_models, uses_references
from app.avatars import gallery_key
from app.cli_parser import print_line
from app.clock import SystemClock
from app.commands.browser_wish import usual_browser_wish
from app.out_of_memory import is_expected
from app.output.destinations import REMOTE_PORT, BrowserWish
from app.portrait_service import PortraitMaker
from app.remote.target import RemoteTarget
from app.settings_file import SettingsFile, default_settings_path
from app.support.log_file import log_troubles
from ui.application import MakeEngine
from ui.bridge import FramePump, GuiTray
from ui.capture_service import Captures
from ui.clip_service import Clips
from ui.doctor_service import Doctor
from ui.first_window import FirstWindow, meeting_place
from ui.language import speak, spoken, system_languages, translate_dialogs
from ui.memory import Memory
from ui.notices import NoticeBoard
from ui.options import WindowOptions, session_config
from ui.presenter import FirstPortrait, Presenter, PresenterParts
from ui.qt_application import qt_application
from ui.reference_service import References
from ui.remote import WindowHands
from ui.remote_service import Remotes
from ui.services import Avatars, Cameras, Portraits, Sounds
from ui.theme import apply_theme, current_theme, wish_scheme
from ui.views.main_window import MainWindow
from ui.wording import crash_notice, notice_of

log = logging.getLogger(__name__)

TICK_MS = 200
EXIT_INTERRUPTED = 130

QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.DEBUG,
    QtMsgType.QtWarningMsg: logging.INFO,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class Session:
    """Owns the application object and everything in it for one run.

    Order of the start: settings, window, first paint, then engine and services, so that the window can be used
    while the heavy parts load. Order of the end: statistics, window away, services, engine.
    """

    def __init__(self, options: WindowOptions, make_engine: MakeEngine) -> None:
        self._options = options
        self._interrupted = False
        self._failures_to_show: list[Exception] = []
        self._log_trouble_told = False
        qInstallMessageHandler(_log_qt_message)
        self._app = qt_application()
        clock, notices = SystemClock(), NoticeBoard()
        memory = Memory(SettingsFile(default_settings_path()) if options.remember else None, clock, notices)
        config = session_config(options, memory.values)
        language = spoken(memory.values.language, system_languages())
        speak(language)
        self._dialog_words = translate_dialogs(self._app, language)
        self._window, self._tray, self._engine = MainWindow(), GuiTray(), make_engine(config)
        parts = PresenterParts(
            view=self._window,
            engine=self._engine,
            config=config,
            portraits=Portraits(self._tray.post, PortraitMaker(with_references=uses_references(config.model))),
            cameras=Cameras(self._tray.post),
            avatars=Avatars(self._tray.post),
            sounds=Sounds(self._tray.post),
            remote=self._remotes(),
            doctor=Doctor(self._tray.post),
            captures=Captures(self._tray.post),
            references=References(self._tray.post),
            clips=Clips(self._tray.post),
            memory=memory,
            notices=notices,
            clock=clock,
            videos=Path(platformdirs.user_videos_dir()),
            pictures=Path(platformdirs.user_pictures_dir()),
            browser_wish=usual_browser_wish if options.remember else BrowserWish,
            remote_wanted=options.remote_control is not None,
            models=live_models(),
        )
        who = None if options.avatar is None else gallery_key(options.avatar)
        self._presenter = Presenter(parts, FirstPortrait(who, options.references))
        self._window.bind(self._presenter, lambda: self._app.exit(0))
        self._first_window = FirstWindow(meeting_place(), self._window.raise_to_front) if options.remember else None
        rate_hz = self._app.primaryScreen().refreshRate()
        self._pump = FramePump(self._presenter.on_news, rate_hz, clock)
        self._engine.on_news(self._pump.ring)
        self._ticker = QTimer(self._window)
        self._ticker.setInterval(TICK_MS)
        self._ticker.timeout.connect(self._tick)
        self._ending: QTimer | None = None

    def run(self) -> int:
        """Show the window until it is closed; the exit code. What `before_stop` raises comes out of here."""
        hooks = _Hooks(self._on_exception, self._on_interrupt)
        hooks.install()
        scheme_changed = self._app.styleHints().colorSchemeChanged
        scheme_changed.connect(self._dress)
        try:
            self._show()
            self._app.exec()
            self._window.hide()  # first, so that waiting for devices is not seen as a hang
            if self._options.before_stop is not None:
                self._options.before_stop(self._engine)
        except BaseException as error:
            if not is_expected(error):
                self._engine.abandon()  # the others see the away card until the program is started again
            raise
        finally:
            self._take_apart()
            scheme_changed.disconnect(self._dress)
            hooks.remove()
        return EXIT_INTERRUPTED if self._interrupted else 0

    def _show(self) -> None:
        wish_scheme(self._options.colours)
        self._dress()
        self._presenter.show_remembered()
        if self._options.away:
            self._presenter.outputs.away_wanted(True)
        if self._options.crash is not None:
            self._presenter.say(crash_notice(self._options.crash, away=self._options.away))
        self._window.show()
        self._window.show_tray()
        if self._first_window is not None:
            self._first_window.open()
        self._ticker.start()
        QTimer.singleShot(0, self._window, self._after_first_paint)

    def _remotes(self) -> Remotes:
        port, post, engine = self._options.remote_control, self._tray.post, self._engine
        hands = WindowHands(post, lambda: self._presenter.portraits, lambda: self._presenter.outputs, engine)
        tell = None if port is None else print_line
        return Remotes(post, RemoteTarget(engine, hands), REMOTE_PORT if port is None else port, tell)

    def _take_apart(self) -> None:
        self._ticker.stop()
        if self._first_window is not None:
            self._first_window.close()
        self._pump.close()
        self._tray.close()
        self._presenter.close()
        self._window.put_away()
        if self._dialog_words is not None:
            self._app.removeTranslator(self._dialog_words)
        self._window.deleteLater()
        QCoreApplication.sendPostedEvents(None, 0)

    def _after_first_paint(self) -> None:
        self._window.repaint()
        QTimer.singleShot(0, self._window, self._presenter.start)

    def _tick(self) -> None:
        if self._interrupted:
            self._window.close()
            return
        while self._failures_to_show:
            self._presenter.failed(self._failures_to_show.pop(0))
        self._tell_log_trouble()
        self._presenter.tick()
        duration_s = self._options.duration_s
        if duration_s is not None and self._ending is None and self._has_begun():
            self._ending = QTimer(self._window)
            self._ending.setSingleShot(True)
            self._ending.timeout.connect(self._window.close)
            self._ending.start(round(duration_s * 1000))

    def _tell_log_trouble(self) -> None:
        if not self._log_trouble_told:
            for problem in log_troubles():
                self._log_trouble_told = True
                self._presenter.say(notice_of(problem))

    def _has_begun(self) -> bool:
        ask = self._options.has_begun
        return ask() if ask is not None else self._presenter.animated_frames > 0

    def _dress(self) -> None:
        theme = current_theme(self._options.colours)
        apply_theme(self._app, theme)
        self._window.apply_theme(theme)

    def _on_exception(self, error: BaseException, where: str) -> None:
        """From any thread: log it whole, show it at the next tick."""
        log.error("unexpected failure in %s", where, exc_info=error)
        if isinstance(error, Exception):
            self._failures_to_show.append(error)

    def _on_interrupt(self) -> None:
        self._interrupted = True


class _Hooks:
    """The one place that exceptions nobody caught, Ctrl-C, and polite requests to end, end up in."""

    def __init__(self, on_exception: Callable[[BaseException, str], None], on_interrupt: Callable[[], None]) -> None:
        self._on_exception, self._on_interrupt = on_exception, on_interrupt

    def install(self) -> None:
        """Take over from Python."""
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._from_gui
        threading.excepthook = self._from_thread
        wanted = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
        self._signals = {number: signal.getsignal(number) for number in wanted}
        for number, handler in self._signals.items():
            if handler is not signal.SIG_IGN:  # as nohup leaves it
                signal.signal(number, self._from_signal)

    def remove(self) -> None:
        """Give back."""
        sys.excepthook, threading.excepthook = self._before
        for number, handler in self._signals.items():
            signal.signal(number, handler)

    def _from_gui(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._on_interrupt()
        else:
            self._on_exception(error, "the window")

    def _from_thread(self, details: threading.ExceptHookArgs) -> None:
        if details.exc_value is not None:
            self._on_exception(details.exc_value, f"thread {details.thread.name if details.thread else '?'}")

    def _from_signal(self, number: int, frame: FrameType | None) -> None:
        self._on_interrupt()  # the ticker gives Python the chance to get here


def _log_qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    log.log(QT_LEVELS.get(kind, logging.INFO), "Qt: %s", text)
