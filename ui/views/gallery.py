"""The strip of portraits under the preview: a button for a picture of one's own, then everybody there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QFontMetrics,
    QImage,
    QImageReader,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from ui import strings
from ui.icons import pixmap
from ui.intents import GalleryIntents, PortraitIntents
from ui.shown import AvatarTile
from ui.theme import LIGHT, Theme
from ui.views.keys import PLACES, GalleryKeys, Keys, hint_with_key

THUMB = 68
TILE = QSize(96, 102)
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
        self.chosen: str | None = None

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return TILE

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        cell: QRect = option.rect
        state: QStyle.StateFlag = option.state
        picture = QRectF(cell.x() + (cell.width() - THUMB) / 2, cell.y() + 6, THUMB, THUMB)
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
        painter.setPen(QColor(self.theme.text if chosen else self.theme.muted))
        words = _words_under(cell)
        name = QFontMetrics(painter.font()).elidedText(
            str(index.data(Qt.ItemDataRole.DisplayRole)), Qt.TextElideMode.ElideRight, words.width()
        )
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, name)
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


def _ring(painter: QPainter, around: QRectF, colour: QColor, width: float, gap: float) -> None:
    grow = gap + width / 2
    painter.setPen(QPen(colour, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(around.adjusted(-grow, -grow, grow, grow), 10 + grow, 10 + grow)


class AddTile(QAbstractButton):
    """A button that looks like an empty tile."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self.setText(strings.ADD_PICTURE)
        self.setAccessibleName(strings.ADD_PICTURE_NAME)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedSize(TILE)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = QRectF((self.width() - THUMB) / 2, 6, THUMB, THUMB)
        if self.underMouse() or self.isDown():
            painter.setBrush(QColor(self._theme.hover))
        painter.setPen(QPen(QColor(self._theme.muted), 1.4, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(place.adjusted(1, 1, -1, -1), 10, 10)
        plus = pixmap("plus", self._theme.muted, 28, self.devicePixelRatioF())
        painter.drawPixmap(int(place.center().x()) - 14, int(place.center().y()) - 14, plus)
        painter.setPen(QColor(self._theme.text))
        painter.drawText(_words_under(QRect(QPoint(0, 0), TILE)), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._theme.focus), 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 0.5, -1.5, -0.5), 8, 8)
        painter.end()


def _words_under(cell: QRect) -> QRect:
    return QRect(cell.x() + 3, cell.y() + THUMB + 11, cell.width() - 6, 20)


class StripView(QListView):
    """A list in one row; Enter and Space choose, arrows only move, dragging puts a portrait elsewhere.

    moved: from which row, to which place counted without that row.
    """

    moved = Signal(int, int)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.source() is self:
            super().dragEnterEvent(event)
        else:
            event.ignore()  # files are for the window

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.IgnoreAction)  # the list is filled anew; Qt must not move rows by itself
        event.accept()
        self._let_go(event.position().toPoint())

    def _let_go(self, where: QPoint) -> None:
        index, row = self.indexAt(where), self.currentIndex().row()
        place = self.model().rowCount()
        if index.isValid():
            place = index.row() + (where.x() > self.visualRect(index).center().x())
        place -= place > row
        if row >= 0 and place != row:
            self.moved.emit(row, place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.currentIndex().isValid():
            self.clicked.emit(self.currentIndex())
            return
        super().keyPressEvent(event)


class GalleryView(QWidget):
    """Shows `AvatarTile`s; remembers decoded thumbnails as long as their files are listed.

    references_wanted: of the avatar with this key.
    """

    references_wanted = Signal(str)

    def __init__(self, intents: PortraitIntents, gallery: GalleryIntents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._intents, self._wishes = intents, gallery
        self._tiles: tuple[AvatarTile, ...] = ()
        self._model = QStandardItemModel(self)
        self._add = AddTile(self)
        self._add.setToolTip(hint_with_key(strings.ADD_PICTURE_HINT, Keys.ADD_PICTURE))
        self._add.clicked.connect(lambda: intents.add_picture())
        self._strip = self._make_strip()
        self._delegate = TileDelegate(self._strip)
        self._strip.setItemDelegate(self._delegate)
        self._own_actions = self._add_actions()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._add, alignment=Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._strip, 1)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._delegate.theme = theme
        self._add.apply_theme(theme)
        self._strip.viewport().update()

    def show_avatars(self, tiles: Sequence[AvatarTile], chosen: str | None) -> None:
        """Show everybody, with a ring around the chosen one."""
        if tuple(tiles) != self._tiles:
            current = self._strip.currentIndex().data(KEY_ROLE)
            self._tiles = tuple(tiles)
            self._fill()
            self._go_to(current)  # whoever was moved or renamed keeps the keyboard
        if chosen != self._delegate.chosen:
            self._delegate.chosen = chosen
            self._go_to(chosen)
        self._strip.viewport().update()

    def _fill(self) -> None:
        self._model.clear()
        for place, tile in enumerate(self._tiles, 1):
            name = strings.TILE_KEY.format(name=tile.name, key=place) if place <= PLACES else tile.name
            item = QStandardItem(tile.name)
            item.setEditable(False)
            item.setData(tile.key, KEY_ROLE)
            item.setData(load_thumbnail(tile.thumbnail), THUMB_ROLE)
            item.setDropEnabled(False)  # between others, never onto one
            item.setData(tile.own, OWN_ROLE)
            item.setToolTip(f"{name}\n{strings.OWN_PICTURE}" if tile.own else name)
            item.setAccessibleText(tile.name)
            self._model.appendRow(item)

    def _add_actions(self) -> tuple[QAction, ...]:
        """What can be done with a portrait, by its menu or by keys; those of the person's own ones."""
        rename = self._action(strings.RENAME, GalleryKeys.RENAME, lambda key, row: self._wishes.rename_wanted(key))
        remove = self._action(strings.REMOVE, GalleryKeys.REMOVE, lambda key, row: self._wishes.removal_wanted(key))
        self._action(strings.MOVE_EARLIER, GalleryKeys.EARLIER, lambda key, row: self._wishes.moved(key, row - 1))
        self._action(strings.MOVE_LATER, GalleryKeys.LATER, lambda key, row: self._wishes.moved(key, row + 1))
        self._strip.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._strip.moved.connect(
            lambda row, place: self._wishes.moved(self._model.index(row, 0).data(KEY_ROLE), place)
        )
        self._strip.selectionModel().currentChanged.connect(self._offer)
        cut = self._action(strings.CUT, GalleryKeys.CUT, lambda key, row: self._wishes.framing_wanted(key))
        further = self._action(
            strings.REFERENCES, GalleryKeys.REFERENCES, lambda key, row: self.references_wanted.emit(key)
        )
        return rename, remove, cut, further

    def _action(self, text: str, key: GalleryKeys, wish: Callable[[str, int], None]) -> QAction:
        action = QAction(text, self._strip)
        action.setShortcut(key.sequence)
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: self._with_current(wish))
        self._strip.addAction(action)
        return action

    def _with_current(self, wish: Callable[[str, int], None]) -> None:
        index = self._strip.currentIndex()
        if index.isValid():
            wish(index.data(KEY_ROLE), index.row())

    def _offer(self, current: Index) -> None:
        for action in self._own_actions:
            action.setEnabled(bool(current.data(OWN_ROLE)))

    def _go_to(self, key: str | None) -> None:
        for row in range(self._model.rowCount()):
            index = self._model.index(row, 0)
            if index.data(KEY_ROLE) == key:
                self._strip.setCurrentIndex(index)
                self._strip.scrollTo(index)

    def _make_strip(self) -> StripView:
        strip = StripView(self)
        strip.setObjectName("gallery")
        strip.setModel(self._model)
        strip.setFlow(QListView.Flow.LeftToRight)
        strip.setWrapping(False)
        strip.setUniformItemSizes(True)
        strip.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        strip.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        strip.setFixedHeight(TILE.height() + 8)
        strip.setMouseTracking(True)
        strip.setDragDropMode(QListView.DragDropMode.InternalMove)
        strip.setSelectionMode(QListView.SelectionMode.SingleSelection)
        strip.setAccessibleName(strings.GALLERY)
        strip.setAccessibleDescription(strings.GALLERY_HINT)
        strip.clicked.connect(lambda index: self._intents.avatar_chosen(index.data(KEY_ROLE)))
        return strip


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
