"""The tiles of the gallery: how one portrait is painted, and the button that looks like an empty one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QImageReader, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui import strings
from ui.icons import pixmap
from ui.theme import LIGHT, Theme


@dataclass(frozen=True)
class TileSize:
    """thumb: side of the picture, which stands `top` below the edge. named: whether the name stands under it."""

    thumb: int
    tile: QSize
    top: int = 6
    named: bool = True

    def picture_in(self, cell: QRect) -> QRectF:
        """Where the picture is."""
        return QRectF(cell.x() + (cell.width() - self.thumb) / 2, cell.y() + self.top, self.thumb, self.thumb)

    def words_in(self, cell: QRect) -> QRect:
        """Where the name is."""
        return QRect(cell.x() + 3, cell.y() + self.thumb + self.top + 5, cell.width() - 6, 20)


LARGE = TileSize(68, QSize(96, 102))
SMALL = TileSize(44, QSize(60, 56), named=False)
"""For a window so low that names would take the preview's room; they are in the tool tips."""

LOADED_PX = 240
"""Side of the thumbnails kept in memory: sharp up to a scale of three."""

KEY_ROLE = Qt.ItemDataRole.UserRole + 1
THUMB_ROLE = Qt.ItemDataRole.UserRole + 2
OWN_ROLE = Qt.ItemDataRole.UserRole + 3

Index = QModelIndex | QPersistentModelIndex


class TileDelegate(QStyledItemDelegate):
    """Paints one portrait: rounded picture, name, a ring around the chosen one, a thin one where the keys are."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.size = LARGE
        self.chosen: str | None = None

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self.size.tile

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        cell: QRect = option.rect
        state: QStyle.StateFlag = option.state
        picture = self.size.picture_in(cell)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        self._paint_thumb(painter, picture, index.data(THUMB_ROLE))
        chosen = index.data(KEY_ROLE) == self.chosen
        if chosen:
            _ring(painter, picture, QColor(self.theme.accent), 3.0, 2.0)
        elif state & QStyle.StateFlag.State_MouseOver:
            _ring(painter, picture, QColor(self.theme.muted), 1.5, 1.0)
        if state & QStyle.StateFlag.State_HasFocus:
            focus = QRectF(cell).adjusted(1.5, 0.5, -1.5, -0.5)
            painter.setPen(QPen(QColor(self.theme.focus), 1.5))
            painter.drawRoundedRect(focus, 8, 8)
        if self.size.named:
            painter.setPen(QColor(self.theme.text if chosen else self.theme.muted))
            _write(painter, self.size.words_in(cell), str(index.data(Qt.ItemDataRole.DisplayRole)))
        painter.restore()

    def _paint_thumb(self, painter: QPainter, place: QRectF, thumb: QPixmap | None) -> None:
        shape = QPainterPath()
        shape.addRoundedRect(place, 10, 10)
        painter.fillPath(shape, QColor(self.theme.field))
        if thumb is None or thumb.isNull():
            ratio = painter.device().devicePixelRatio()
            painter.drawPixmap(
                place.center().toPoint() - QRect(0, 0, 36, 36).center(), pixmap("person", self.theme.muted, 36, ratio)
            )
            return
        painter.setClipPath(shape)
        painter.drawPixmap(place, thumb, QRectF(thumb.rect()))
        painter.setClipping(False)


def _write(painter: QPainter, place: QRect, name: str) -> None:
    shown = QFontMetrics(painter.font()).elidedText(name, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, shown)


def _ring(painter: QPainter, around: QRectF, colour: QColor, width: float, gap: float) -> None:
    grow = gap + width / 2
    painter.setPen(QPen(colour, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(around.adjusted(-grow, -grow, grow, grow), 10 + grow, 10 + grow)


class AddTile(QAbstractButton):
    """A button that looks like an empty tile."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._size = LIGHT, LARGE
        self.setText(strings.ADD_PICTURE)
        self.setAccessibleName(strings.ADD_PICTURE_NAME)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedSize(LARGE.tile)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def set_size(self, size: TileSize) -> None:
        """Be as large as the tiles beside it."""
        self._size = size
        self.setFixedSize(size.tile)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = self._size.picture_in(self.rect())
        if self.underMouse() or self.isDown():
            painter.setBrush(QColor(self._theme.hover))
        painter.setPen(QPen(QColor(self._theme.muted), 1.4, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(place.adjusted(1, 1, -1, -1), 10, 10)
        plus = pixmap("plus", self._theme.muted, 28, self.devicePixelRatioF())
        painter.drawPixmap(int(place.center().x()) - 14, int(place.center().y()) - 14, plus)
        if self._size.named:
            painter.setPen(QColor(self._theme.text))
            _write(painter, self._size.words_in(self.rect()), self.text())
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._theme.focus), 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 0.5, -1.5, -0.5), 8, 8)
        painter.end()


def load_thumbnail(path: Path | None) -> QPixmap:
    """The middle square of a picture, small; a null pixmap where it cannot be read."""
    if path is None:
        return QPixmap()
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid():
        cover = size.scaled(LOADED_PX, LOADED_PX, Qt.AspectRatioMode.KeepAspectRatioByExpanding)
        if cover.width() < size.width() and max(cover.width(), cover.height()) <= 8 * LOADED_PX:
            reader.setScaledSize(cover)
    picture: QImage = reader.read()
    side = min(picture.width(), picture.height())
    square = picture.copy((picture.width() - side) // 2, (picture.height() - side) // 2, side, side)
    return QPixmap.fromImage(square)
