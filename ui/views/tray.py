"""The icon in the system's tray: what is needed in a call while the window is behind others."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from ui import strings
from ui.icons import app_icon
from ui.protocols import Intents
from ui.shown import LiveLine


class Tray:
    """Shows whether the portrait is seen, and takes the few wishes of a call. Nothing where there is no tray.

    Closing the window still ends the program: one that goes on unseen would keep the camera.
    """

    def __init__(self, intents: Intents, raise_window: Callable[[], None], quit_program: Callable[[], None]) -> None:
        self._closed = False
        self._icon = QSystemTrayIcon(app_icon())
        self._menu = QMenu()
        self._add(strings.TRAY_SHOW, raise_window)
        self._menu.addSeparator()
        self._live = self._add(strings.LIVE, intents.outputs.live_toggled)
        self._live.setCheckable(True)
        self._add(strings.TRAY_AWAY, lambda: intents.outputs.away_wanted(True))
        self._record = self._add(strings.RECORD, intents.outputs.record_toggled)
        self._add(strings.TRAY_NEXT, lambda: intents.gallery.next_wanted(1))
        self._menu.addSeparator()
        self._add(strings.TRAY_QUIT, quit_program)
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(lambda reason: self._clicked(reason, raise_window))

    @property
    def menu(self) -> QMenu:
        """What a click on the icon offers."""
        return self._menu

    def open(self) -> None:
        """Appear, where the system has a place for it."""
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._icon.show()

    def close(self) -> None:
        """Disappear for good; idempotent."""
        if self._closed:
            return
        self._closed = True
        self._icon.hide()
        self._icon.deleteLater()
        self._menu.deleteLater()

    def show_live(self, line: LiveLine) -> None:
        """Whether others see the portrait."""
        if self._closed:
            return
        self._live.setChecked(line.live)
        self._icon.setToolTip(f"{strings.APP_NAME}: {line.text}")

    def show_recording(self, length: str | None) -> None:
        """None: not recording."""
        if self._closed:
            return
        self._record.setText(strings.RECORD if length is None else strings.RECORD_STOP.format(length=length))

    def _add(self, text: str, wish: Callable[[], None]) -> QAction:
        action = self._menu.addAction(text)
        action.triggered.connect(lambda _checked=False: wish())
        return action

    def _clicked(self, reason: QSystemTrayIcon.ActivationReason, raise_window: Callable[[], None]) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            raise_window()


def raise_window(window: QWidget) -> None:
    """Bring a window to the front, from wherever it is."""
    if window.isMinimized():
        window.showNormal()
    window.show()
    window.raise_()
    window.activateWindow()
