"""Shows what of a picture is animated, with a frame around the part that is kept: moved, and pulled at its corners."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.picture_box import WHOLE, Box
from ui import strings
from ui.intents import GalleryIntents
from ui.shown import Framing
from ui.theme import LIGHT, Theme
from ui.views.controls import muted_label
from ui.views.pages import open_at
from ui.views.preview import STAGE

SIZE = QSize(720, 560)
GRIP_PX = 14.0
"""So near to a corner the mouse takes the corner."""

STEP = 0.02
"""Of the picture, for one press of a key."""

MARGIN_PX = 12
DIM = QColor(0, 0, 0, 150)


class FramingCanvas(QWidget):
    """The picture with the frame over it. The frame never leaves the picture and never cuts the face."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._image = LIGHT, QImage()
        self._animated, self._face, self.frame = WHOLE, WHOLE, WHOLE
        self._grip: tuple[bool, bool, bool, bool] | None = None  # which edges the mouse moves
        self._taken_at = QPointF()
        self.setMinimumSize(200, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(strings.CUT_CANVAS)
        self.setAccessibleDescription(strings.CUT_CANVAS_HINT)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def show_framing(self, framing: Framing) -> None:
        """Begin with all of a picture."""
        picture = np.ascontiguousarray(framing.picture)
        h, w = picture.shape[:2]
        self._image = QImage(picture.tobytes(), w, h, 3 * w, QImage.Format.Format_RGB888).copy()
        self._animated, self._face, self.frame = framing.animated, framing.face, WHOLE
        self.update()

    def stage(self) -> QRectF:
        """Where the picture is."""
        room = QRectF(self.rect()).adjusted(MARGIN_PX, MARGIN_PX, -MARGIN_PX, -MARGIN_PX)
        size = self._image.size().toSizeF().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        return QRectF(room.center() - QPointF(size.width() / 2, size.height() / 2), size)

    def pull(self, edges: tuple[bool, bool, bool, bool], dx: float, dy: float) -> None:
        """Move edges (left, top, right, bottom) by shares of the picture, as far as face and picture allow."""
        frame, face = self.frame, self._face
        left, top, right, bottom = edges
        if all(edges):
            dx = min(max(dx, face.right - frame.right, -frame.left), face.left - frame.left, 1.0 - frame.right)
            dy = min(max(dy, face.bottom - frame.bottom, -frame.top), face.top - frame.top, 1.0 - frame.bottom)
        self.frame = Box(
            min(max(frame.left + dx * left, 0.0), face.left),
            min(max(frame.top + dy * top, 0.0), face.top),
            max(min(frame.right + dx * right, 1.0), face.right),
            max(min(frame.bottom + dy * bottom, 1.0), face.bottom),
        )
        self.update()

    def grow(self, by: float) -> None:
        """Move all edges outwards by a share of the picture; negative inwards."""
        self.pull((True, True, False, False), -by, -by)
        self.pull((False, False, True, True), by, by)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {
            Qt.Key.Key_Left: (-STEP, 0.0),
            Qt.Key.Key_Right: (STEP, 0.0),
            Qt.Key.Key_Up: (0.0, -STEP),
            Qt.Key.Key_Down: (0.0, STEP),
        }
        key = Qt.Key(event.key())
        if key in moves:
            self.pull((True, True, True, True), *moves[key])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.grow(-STEP if key is Qt.Key.Key_Minus else STEP)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        where, frame = event.position(), self._on_stage(self.frame)
        left, right = abs(where.x() - frame.left()) < GRIP_PX, abs(where.x() - frame.right()) < GRIP_PX
        top, bottom = abs(where.y() - frame.top()) < GRIP_PX, abs(where.y() - frame.bottom()) < GRIP_PX
        if (left or right) and (top or bottom):
            self._grip = (left, top, right and not left, bottom and not top)
        else:
            self._grip = (True, True, True, True) if frame.contains(where) else None
        self._taken_at = where

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is None:
            return
        moved, stage = event.position() - self._taken_at, self.stage()
        before = self.frame
        self.pull(self._grip, moved.x() / stage.width(), moved.y() / stage.height())
        if self.frame != before:
            self._taken_at = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), STAGE)
        if not self._image.isNull():
            self._paint(painter)
        painter.end()

    def _paint(self, painter: QPainter) -> None:
        stage, frame = self.stage(), self._on_stage(self.frame)
        painter.drawImage(stage, self._image)
        outside, inside = QPainterPath(), QPainterPath()
        outside.addRect(stage)
        inside.addRect(frame)
        painter.fillPath(outside.subtracted(inside), DIM)
        painter.setPen(QPen(QColor("#3ecf8e"), 2, Qt.PenStyle.DashLine))
        animated = self._on_stage(self._animated).intersected(stage)
        painter.drawRect(animated.adjusted(1, 1, -1, -1))
        self._label(painter, animated)
        painter.setPen(QPen(QColor(self._theme.accent), 2.5))
        painter.drawRect(frame)
        painter.setBrush(QColor(self._theme.accent))
        for corner in (frame.topLeft(), frame.topRight(), frame.bottomLeft(), frame.bottomRight()):
            painter.drawEllipse(corner, 5, 5)

    def _label(self, painter: QPainter, animated: QRectF) -> None:
        """What the dashed square means, readable on any picture."""
        words = painter.fontMetrics().boundingRect(strings.CUT_ANIMATED).toRectF()
        patch = QRectF(animated.topLeft() + QPointF(6, 6), words.size() + QSizeF(14, 6))
        shape = QPainterPath()
        shape.addRoundedRect(patch, 5, 5)
        painter.fillPath(shape, STAGE)
        painter.drawText(patch, Qt.AlignmentFlag.AlignCenter, strings.CUT_ANIMATED)

    def _on_stage(self, box: Box) -> QRectF:
        stage = self.stage()
        corner = QPointF(stage.left() + box.left * stage.width(), stage.top() + box.top * stage.height())
        return QRectF(
            corner,
            QPointF(stage.left() + box.right * stage.width(), stage.top() + box.bottom * stage.height()),
        )


class FramingPage(QDialog):
    """A window of its own; closing it keeps the whole picture."""

    def __init__(self, intents: GalleryIntents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._intents = intents
        self._framing: Framing | None = None
        self.setWindowTitle(strings.CUT_TITLE)
        open_at(self, SIZE)
        self._canvas = FramingCanvas(self)
        whole, use = QPushButton(strings.CUT_WHOLE, self), QPushButton(strings.CUT_USE, self)
        use.setObjectName("primary")
        use.setDefault(True)
        whole.setAutoDefault(False)
        whole.clicked.connect(self.close)
        use.clicked.connect(self._use)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(whole)
        buttons.addWidget(use)
        body = QVBoxLayout(self)
        body.setContentsMargins(20, 18, 20, 16)
        body.setSpacing(12)
        body.addWidget(muted_label(strings.CUT_HINT, self, wraps=True))
        body.addWidget(self._canvas, 1)
        body.addLayout(buttons)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._canvas.apply_theme(theme)

    def show_framing(self, framing: Framing) -> None:
        """Open for a picture."""
        self._framing = framing
        self._canvas.show_framing(framing)
        self.show()
        self.raise_()
        self._canvas.setFocus()

    def _use(self) -> None:
        framing, frame = self._framing, self._canvas.frame
        self.close()
        if framing is not None and frame != WHOLE:
            self._intents.framed(framing.key, frame)
