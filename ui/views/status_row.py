"""The line under the preview: badge, sentence, the promise about the camera's picture."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from ui import strings
from ui.icons import pixmap
from ui.shown import Badge, StatusLine
from ui.theme import LIGHT, Theme
from ui.views.controls import ElidedLabel


class BadgePill(QWidget):
    """One word on a rounded patch of its colour, with a dot before it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._badge, self._word = LIGHT, Badge.STARTING, strings.BADGE_STARTING
        font = self.font()
        font.setBold(True)
        font.setPointSizeF(font.pointSizeF() * 0.9)
        self.setFont(font)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def show_badge(self, badge: Badge, word: str) -> None:
        """Set word and colour."""
        if (badge, word) != (self._badge, self._word):
            self._badge, self._word = badge, word
            self.setAccessibleName(word)
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(QFontMetrics(self.font()).horizontalAdvance(self._word) + 32, 26)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        colour = QColor(getattr(self._theme, self._badge.value))
        patch = QColor(colour)
        patch.setAlphaF(0.16)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(patch)
        painter.drawRoundedRect(QRectF(self.rect()), 13, 13)
        painter.setBrush(colour)
        painter.drawEllipse(QRectF(10, self.height() / 2 - 3.5, 7, 7))
        painter.setPen(colour)
        painter.drawText(QRectF(22, 0, self.width() - 22, self.height()), Qt.AlignmentFlag.AlignVCenter, self._word)
        painter.end()


class StatusRow(QWidget):
    """Shows a `StatusLine`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        self._pill, self._sentence = BadgePill(self), ElidedLabel(self)
        self._shield, promise = QLabel(self), QLabel(strings.ONLY_AVATAR, self)
        promise.setObjectName("muted")
        for label in (self._shield, promise):
            label.setToolTip(strings.ONLY_AVATAR_HINT)
        layout.addWidget(self._pill)
        layout.addWidget(self._sentence, 1)
        assurance = QHBoxLayout()
        assurance.setSpacing(5)
        assurance.addWidget(self._shield)
        assurance.addWidget(promise)
        layout.addLayout(assurance)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._pill.apply_theme(theme)
        self._shield.setPixmap(pixmap("shield", theme.live, 18, self.devicePixelRatioF()))

    def show_status(self, line: StatusLine) -> None:
        """Set everything."""
        self._pill.show_badge(line.badge, line.word)
        self._sentence.set_whole_text(line.sentence)
