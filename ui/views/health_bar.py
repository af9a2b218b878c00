"""The line of figures under the preview, with a sentence where something is slow."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from ui import strings
from ui.icons import pixmap
from ui.shown import HealthLine
from ui.theme import Theme
from ui.views.controls import ElidedLabel

SIGN_PX = 16


class HealthBar(QWidget):
    """Shows a `HealthLine`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures, self._sign, self._slow = ElidedLabel(self), QLabel(self), ElidedLabel(self)
        self._figures.setObjectName("rates")
        self._figures.setAccessibleDescription(strings.HEALTH_NAME)
        self._slow.setObjectName("slow")
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._figures)
        row.addWidget(self._sign)
        row.addWidget(self._slow, 1)
        self._sign.hide()
        self.setFixedHeight(max(SIGN_PX + 2, self.sizeHint().height()))  # the sign comes and goes

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._sign.setPixmap(pixmap("warning", theme.held, SIGN_PX, self.devicePixelRatioF()))

    def show_line(self, line: HealthLine) -> None:
        """Set everything."""
        self._figures.set_whole_text(line.figures or strings.HEALTH_NOTHING)
        self._figures.set_hint(line.hint)
        self._sign.setVisible(bool(line.slow))
        self._slow.set_whole_text(line.slow)
