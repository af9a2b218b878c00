from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import MagicMock, create_autospec

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.helpers.window import TILES
from tests.ui.conftest import settle
from ui.intents import PortraitIntents
from ui.views.gallery import GalleryView, StripView, load_thumbnail


@pytest.fixture
def intents() -> MagicMock:
    return create_autospec(PortraitIntents, instance=True)


@pytest.fixture
def gallery(qt_app: QApplication, intents: MagicMock) -> Iterator[GalleryView]:
    view = GalleryView(intents)
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
