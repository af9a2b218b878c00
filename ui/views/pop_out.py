"""The picture in a window of its own, for a projector or for programs that capture a window. Never mirrored."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui import strings
from ui.icons import app_icon
from ui.shown import Picture, PreviewMessage
from ui.views.pages import open_at
from ui.views.preview import PreviewView

FIRST_SIZE = QSize(960, 540)
NOTHING = PreviewMessage("", "")
"""Covers the last frame: nobody shall take a picture that stands still for a live one."""


class PopOut(QWidget):
    """Shows frames and nothing else. A double click or F11 fills the screen."""

    closed = Signal()
    panicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle(strings.POP_OUT_TITLE)
        self.setWindowIcon(app_icon())
        self.setMinimumSize(320, 180)
        open_at(self, FIRST_SIZE)
        self._picture = PreviewView(self)
        self._picture.set_bare()
        self._picture.setToolTip("")
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.addWidget(self._picture)
        for key, wish in (("F11", self._fill_screen), ("Esc", self.panicked.emit)):
            action = QAction(self)
            action.setShortcut(QKeySequence(key))
            action.triggered.connect(lambda _checked=False, wish=wish: wish())
            self.addAction(action)

    def show_frame(self, picture: Picture) -> None:
        """Show a frame, if the window is open."""
        if self.isVisible():
            self._picture.show_frame(picture)

    def show_covered(self, covered: bool) -> None:
        """Whether there is no live picture."""
        self._picture.show_message(NOTHING if covered else None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._fill_screen()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed.emit()
        super().closeEvent(event)

    def _fill_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
