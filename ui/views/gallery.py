"""The strip of portraits under the preview: a button for a picture of one's own, then everybody there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHBoxLayout, QListView, QWidget

from ui import strings
from ui.intents import GalleryIntents, PortraitIntents
from ui.shown import AvatarTile
from ui.theme import Theme
from ui.views.keys import PLACES, GalleryKeys, Keys, hint_with_key
from ui.views.tiles import (
    KEY_ROLE,
    LARGE,
    OWN_ROLE,
    SMALL,
    THUMB_ROLE,
    AddTile,
    Index,
    TileDelegate,
    load_thumbnail,
)

ROOM_PX = 12
"""Of the strip beyond its tiles: its border, and the bar that scrolls it."""


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

    def set_small(self, small: bool) -> None:
        """Take little height: small pictures without their names."""
        size = SMALL if small else LARGE
        if size is self._delegate.size:
            return
        self._delegate.size = size
        self._add.set_size(size)
        self._strip.setFixedHeight(size.tile.height() + ROOM_PX)
        self._strip.doItemsLayout()

    @property
    def last_control(self) -> QWidget:
        """Where the Tab key leaves it."""
        return self._strip

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
        strip.setFixedHeight(LARGE.tile.height() + ROOM_PX)
        strip.setMouseTracking(True)
        strip.setDragDropMode(QListView.DragDropMode.InternalMove)
        strip.setSelectionMode(QListView.SelectionMode.SingleSelection)
        strip.setAccessibleName(strings.GALLERY)
        strip.setAccessibleDescription(strings.GALLERY_HINT)
        strip.clicked.connect(lambda index: self._intents.avatar_chosen(index.data(KEY_ROLE)))
        return strip
