"""The preview: paints the newest frame, mirrored if wanted, and words where there is none."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QImageReader, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ui import strings
from ui.shown import Picture, PreviewMessage
from ui.theme import LIGHT, Theme

STAGE = QColor("#0d0e11")
"""Behind the picture, in both themes: a picture is judged best on near-black."""

STAGE_SHAPE = QSizeF(16, 9)
"""Shape of the stage while there is no frame."""

SMALLEST = QSize(160, 60)
ROOM_FOR_TEXT_PX = 150
"""A lower preview shows the title alone: both would not fit."""

CORNER = 10.0

DIM = QColor(13, 14, 17, 120)
STILL_PX = 1280
"""Stills behind words are not decoded larger than this."""


class PreviewView(QWidget):
    """Paints; decides nothing. Mirroring happens here, by painting, and nowhere else.

    The frame is copied into memory of its own, in the format that paints fastest (0.5 ms for 720p), so that no
    later change of the array can reach the screen.
    """

    retry_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._frame: QImage | None = None
        self._still: QImage | None = None
        self._still_path: Path | None = None
        self._message: PreviewMessage | None = None
        self._mirror, self._dropping, self._bare, self._has_words = False, False, False, False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(SMALLEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(strings.PREVIEW)
        self.setAccessibleDescription(strings.PREVIEW_HINT)
        self._words, self._title, self._text, self._retry = self._make_words()

    def sizeHint(self) -> QSize:
        return QSize(960, 540)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def show_frame(self, picture: Picture, *, has_words: bool = False) -> None:
        """Show a frame from the next paint on; one that `has_words` is not mirrored.

        Shapes:
            picture: (H, W, 3) uint8 RGB, contiguous.
        """
        height, width, _ = picture.shape
        borrowed = QImage(picture.data, width, height, picture.strides[0], QImage.Format.Format_RGB888)
        self._frame, self._has_words = borrowed.convertToFormat(QImage.Format.Format_RGB32), has_words  # a copy
        if self._message is None:
            self.update()

    def show_message(self, message: PreviewMessage | None) -> None:
        """Cover the frame with words, or uncover it."""
        if message == self._message:
            return
        self._message = message
        self._load_still(message.picture if message else None)
        self._arrange_words()

    def set_mirror(self, mirror: bool) -> None:
        """Paint like a mirror, or as others see it."""
        self._mirror = mirror
        self.update()

    def set_bare(self) -> None:
        """Fill everything with the picture and near-black, corners too: for a window of its own."""
        self._bare = True
        self.setMinimumSize(0, 0)
        self.update()

    def set_dropping(self, dropping: bool) -> None:
        """Show that a picture can be let go here."""
        self._dropping = dropping
        self._arrange_words()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange_words()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), STAGE if self._bare else QColor(self._theme.window))
        stage = self.stage()
        painter.fillRect(stage, STAGE)
        self._paint_picture(painter, stage, self._frame if self._message is None else self._still)
        if self._message is not None or self._dropping:
            painter.fillRect(stage, DIM)
        if self._dropping:
            painter.setPen(QPen(QColor(self._theme.accent), 3, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(stage.adjusted(10, 10, -10, -10), CORNER, CORNER)
        if not self._bare:
            self._round_corners(painter, stage)
        painter.end()

    def stage(self) -> QRectF:
        """Where the picture is shown: the shape of the frames, on whole pixels."""
        shape = STAGE_SHAPE if self._frame is None else QSizeF(self._frame.size())
        return QRectF(fitted(shape, QSizeF(self.size())).toAlignedRect() & self.rect())

    def _paint_picture(self, painter: QPainter, stage: QRectF, picture: QImage | None) -> None:
        if picture is None or picture.isNull():
            return
        place = stage
        if picture is not self._frame:
            place = covering(QSizeF(picture.size()), stage)
        exact = place.size() * self.devicePixelRatioF() == QSizeF(picture.size())
        painter.save()
        painter.setClipRect(stage)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not exact)  # smoothing 1 : 1 only blurs
        if self._mirror and not (self._has_words and picture is self._frame):
            painter.translate(stage.left() + stage.right(), 0)
            painter.scale(-1, 1)
        painter.drawImage(place, picture)
        painter.restore()

    def _round_corners(self, painter: QPainter, stage: QRectF) -> None:
        """Clipping to a round shape would leave jagged edges; painting over the corners does not."""
        corners, shape = QPainterPath(), QPainterPath()
        corners.addRect(stage)
        shape.addRoundedRect(stage, CORNER, CORNER)
        painter.fillPath(corners.subtracted(shape), QColor(self._theme.window))

    def _load_still(self, path: Path | None) -> None:
        if path == self._still_path:
            return
        self._still_path, self._still = path, None
        if path is not None:
            reader = QImageReader(str(path))
            reader.setAutoTransform(True)
            size = reader.size()
            if size.isValid() and max(size.width(), size.height()) > STILL_PX:
                reader.setScaledSize(size.scaled(STILL_PX, STILL_PX, Qt.AspectRatioMode.KeepAspectRatio))
            self._still = reader.read()

    def _arrange_words(self) -> None:
        title, text, retry = "", "", False
        if self._dropping:
            title, text = strings.DROP_TITLE, strings.DROP_TEXT
        elif self._message is not None:
            title, text, retry = self._message.title, self._message.text, self._message.retry
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text) and self.height() >= ROOM_FOR_TEXT_PX)
        self._words.setToolTip(text)
        self._retry.setVisible(retry)
        self._words.setVisible(bool(title))
        self.update()

    def _make_words(self) -> tuple[QWidget, QLabel, QLabel, QPushButton]:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(8, 2, 8, 2)
        words = QWidget(self)
        words.setObjectName("previewWords")
        inner = QVBoxLayout(words)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        title, text = QLabel(words), QLabel(words)
        title.setObjectName("previewTitle")
        text.setObjectName("previewText")
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 1.5)
        title.setFont(font)
        for label in (title, text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            inner.addWidget(label)
        retry = QPushButton(strings.TRY_AGAIN, words)
        retry.setObjectName("primary")
        retry.clicked.connect(self.retry_pressed)
        inner.addWidget(retry, alignment=Qt.AlignmentFlag.AlignCenter)
        outer.addStretch(1)
        outer.addWidget(words)
        outer.addStretch(1)
        words.hide()
        return words, title, text, retry


def fitted(picture: QSizeF, room: QSizeF) -> QRectF:
    """The largest centred rectangle of the picture's shape that fits the room; exact size where it fits exactly."""
    size = picture.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
    return QRectF((room.width() - size.width()) / 2, (room.height() - size.height()) / 2, size.width(), size.height())


def covering(picture: QSizeF, room: QRectF) -> QRectF:
    """The smallest rectangle of the picture's shape that leaves no gap in the room, centred on it."""
    size = picture.scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
    centre = room.center()
    return QRectF(centre.x() - size.width() / 2, centre.y() - size.height() / 2, size.width(), size.height())
