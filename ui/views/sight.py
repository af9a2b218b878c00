"""The face as the camera sees it, drawn as lines: enough to sit well in the picture, and nothing to give away."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ui import strings
from ui.icons import pixmap
from ui.shown import DriverSeen
from ui.theme import LIGHT, Theme

SIZE = QSize(104, 60)
LINE_PX = 1.3
ICON_PX = 26


class SightView(QWidget):
    """Shows a `DriverSeen`; mirrored as the preview is. scale: 1 is as in the side panel."""

    def __init__(self, parent: QWidget | None = None, scale: float = 1.0) -> None:
        super().__init__(parent)
        self._theme, self._mirror = LIGHT, False
        self._seen: DriverSeen | None = None
        self.setFixedSize(SIZE * scale)
        self.setAccessibleName(strings.SIGHT)
        self.setToolTip(strings.SIGHT_HINT)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def show_seen(self, seen: DriverSeen | None) -> None:
        """None: no pictures come."""
        self._seen = seen
        self.update()

    def set_mirror(self, mirror: bool) -> None:
        """Draw like a mirror, or as the camera sees it."""
        self._mirror = mirror
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._theme.border), 1))
        painter.setBrush(QColor(self._theme.window))
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, 6, 6)
        if self._seen is None or not self._seen.lines:
            self._paint_nobody(painter)
        else:
            self._paint_lines(painter, self._seen, frame)
        painter.end()

    def _paint_nobody(self, painter: QPainter) -> None:
        picture = pixmap("person", self._theme.muted, ICON_PX, self.devicePixelRatioF())
        painter.drawPixmap((self.width() - ICON_PX) // 2, (self.height() - ICON_PX) // 2, picture)

    def _paint_lines(self, painter: QPainter, seen: DriverSeen, frame: QRectF) -> None:
        """All of the camera's picture is in the frame; one of another shape leaves room at its sides."""
        width = min(frame.width(), frame.height() * seen.shape)
        height = width / seen.shape
        painter.setClipRect(frame)
        painter.translate(frame.center())
        painter.scale(-1 if self._mirror else 1, 1)
        painter.setPen(QPen(QColor(self._theme.live), LINE_PX, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        for line in seen.lines:
            painter.drawPolyline([QPointF((x - 0.5) * width, (y - 0.5) * height) for x, y in line.tolist()])
