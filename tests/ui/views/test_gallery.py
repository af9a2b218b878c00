from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import MagicMock, create_autospec

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.helpers.window import TILES
from tests.ui.conftest import settle
from ui.intents import GalleryIntents, PortraitIntents
from ui.views.gallery import GalleryView, StripView, load_thumbnail


@pytest.fixture
def intents() -> MagicMock:
    return create_autospec(PortraitIntents, instance=True)


@pytest.fixture
def changes() -> MagicMock:
    return create_autospec(GalleryIntents, instance=True)


@pytest.fixture
def gallery(qt_app: QApplication, intents: MagicMock, changes: MagicMock) -> Iterator[GalleryView]:
    view = GalleryView(intents, changes)
    view.show_avatars(TILES, "ada")
    view.resize(700, 130)
    view.show()
    yield view
    view.close()
    view.deleteLater()
    settle(qt_app)


def strip_of(gallery: GalleryView) -> StripView:
    strip = gallery.findChild(StripView)
    assert isinstance(strip, StripView)
    return strip


def test_a_click_chooses_a_portrait(gallery: GalleryView, intents: MagicMock) -> None:
    strip = strip_of(gallery)
    place = strip.visualRect(strip.model().index(1, 0)).center()

    QTest.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=place)

    intents.avatar_chosen.assert_called_once_with("ben")


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_arrows_move_and_enter_chooses(gallery: GalleryView, intents: MagicMock, key: Qt.Key) -> None:
    strip = strip_of(gallery)
    QTest.keyClick(strip, Qt.Key.Key_Right)
    QTest.keyClick(strip, Qt.Key.Key_Right)
    intents.avatar_chosen.assert_not_called()

    QTest.keyClick(strip, key)

    intents.avatar_chosen.assert_called_once_with("my-cat")


def test_portraits_are_called_by_name_for_screen_readers(gallery: GalleryView) -> None:
    model = strip_of(gallery).model()

    names = [model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(model.rowCount())]

    assert names == ["Ada", "Ben", "Cat"]


def test_a_thumbnail_is_the_middle_square_of_the_picture(qt_app: QApplication, tmp_path: Path) -> None:
    picture = QImage(900, 300, QImage.Format.Format_RGB32)
    picture.fill(QColor("blue"))
    for x in range(300, 600):
        for y in range(300):
            picture.setPixelColor(x, y, QColor("red"))
    path = tmp_path / "wide.png"
    assert picture.save(str(path))

    thumb = load_thumbnail(path).toImage()

    assert thumb.width() == thumb.height() == 240
    assert thumb.pixelColor(10, 120) == QColor("red")
    assert thumb.pixelColor(230, 120) == QColor("red")


@pytest.mark.parametrize("content", [b"", b"not a picture"])
def test_a_thumbnail_that_cannot_be_read_is_an_empty_tile(qt_app: QApplication, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "thumb.png"
    path.write_bytes(content)

    assert load_thumbnail(path).isNull()
    assert load_thumbnail(None).isNull()


def go_to(strip: StripView, row: int) -> None:
    strip.setFocus()
    strip.setCurrentIndex(strip.model().index(row, 0))


CAT = 2  # the only one of the person's own


@pytest.mark.parametrize(
    ("key", "modifier", "wish", "arguments"),
    [
        (Qt.Key.Key_F2, Qt.KeyboardModifier.NoModifier, "rename_wanted", ("my-cat",)),
        (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier, "removal_wanted", ("my-cat",)),
        (Qt.Key.Key_F3, Qt.KeyboardModifier.NoModifier, "framing_wanted", ("my-cat",)),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier, "moved", ("my-cat", 1)),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier, "moved", ("my-cat", 3)),
    ],
    ids=["rename", "remove", "cut", "earlier", "later"],
)
def test_a_key_changes_the_portrait_that_has_the_keyboard(
    gallery: GalleryView,
    changes: MagicMock,
    qt_app: QApplication,
    key: Qt.Key,
    modifier: Qt.KeyboardModifier,
    wish: str,
    arguments: tuple[object, ...],
) -> None:
    gallery.activateWindow()
    qt_app.processEvents()
    go_to(strip_of(gallery), CAT)

    QTest.keyClick(strip_of(gallery), key, modifier)

    getattr(changes, wish).assert_called_once_with(*arguments)


def test_a_key_asks_for_the_further_pictures_of_ones_own_alone(gallery: GalleryView, qt_app: QApplication) -> None:
    wanted = list[str]()
    gallery.references_wanted.connect(wanted.append)
    gallery.activateWindow()
    qt_app.processEvents()
    for row in range(3):
        go_to(strip_of(gallery), row)
        QTest.keyClick(strip_of(gallery), Qt.Key.Key_F4)

    assert wanted == ["my-cat"]


def test_only_own_portraits_offer_to_be_renamed_and_removed(gallery: GalleryView) -> None:
    strip = strip_of(gallery)
    offered = []
    for row in range(3):
        go_to(strip, row)
        offered.append([action.isEnabled() for action in strip.actions()])

    assert offered == [[False, False, True, True, False, False]] * 2 + [[True] * 6]


def test_dropping_a_portrait_elsewhere_asks_for_that_and_moves_nothing_by_itself(
    gallery: GalleryView, changes: MagicMock
) -> None:
    strip = strip_of(gallery)
    go_to(strip, CAT)
    left_half_of_ada = strip.visualRect(strip.model().index(0, 0)).center() - QPoint(20, 0)
    mime = strip.model().mimeData([strip.currentIndex()])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier

    strip.dropEvent(QDropEvent(QPointF(left_half_of_ada), Qt.DropAction.MoveAction, mime, left, none))

    changes.moved.assert_called_once_with("my-cat", 0)
    assert strip.model().index(CAT, 0).data() == "Cat"


def test_dropping_a_portrait_where_it_was_is_no_wish(gallery: GalleryView, changes: MagicMock) -> None:
    strip = strip_of(gallery)
    go_to(strip, 1)
    mime = strip.model().mimeData([strip.currentIndex()])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for row, shift in ((0, 20), (1, 0), (2, -20)):
        where = strip.visualRect(strip.model().index(row, 0)).center() + QPoint(shift, 0)
        strip.dropEvent(QDropEvent(QPointF(where), Qt.DropAction.MoveAction, mime, left, none))

    changes.moved.assert_not_called()


def test_a_file_dragged_over_the_portraits_is_left_to_the_window(gallery: GalleryView) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("me.jpg")])
    enter = QDragEnterEvent(
        QPoint(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )

    strip_of(gallery).dragEnterEvent(enter)

    assert not enter.isAccepted()


def test_a_moved_portrait_keeps_the_keyboard(gallery: GalleryView) -> None:
    go_to(strip_of(gallery), CAT)

    gallery.show_avatars((TILES[2], TILES[0], TILES[1]), "ada")

    assert strip_of(gallery).currentIndex().row() == 0


def test_the_first_nine_say_their_key(gallery: GalleryView) -> None:
    model = strip_of(gallery).model()

    assert model.index(1, 0).data(Qt.ItemDataRole.ToolTipRole) == "Ben (key 2)"
