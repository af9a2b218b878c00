from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import MagicMock, create_autospec

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from app.picture_box import WHOLE, Box
from tests.ui.conftest import settle
from ui import strings
from ui.intents import GalleryIntents
from ui.shown import Framing
from ui.theme import DARK
from ui.views.framing_page import FramingCanvas, FramingPage

FACE = Box(0.4, 0.3, 0.6, 0.6)
FRAMING = Framing("my-me", "Me", np.full((300, 400, 3), 200, np.uint8), Box(0.25, 0.1, 0.75, 0.8), FACE)


@pytest.fixture
def intents() -> MagicMock:
    return create_autospec(GalleryIntents, instance=True)


@pytest.fixture
def page(qt_app: QApplication, intents: MagicMock) -> Iterator[FramingPage]:
    made = FramingPage(intents)
    made.apply_theme(DARK)
    made.show_framing(FRAMING)
    qt_app.processEvents()
    yield made
    made.close()
    made.deleteLater()
    settle(qt_app)


def canvas(page: FramingPage) -> FramingCanvas:
    found = page.findChild(FramingCanvas)
    assert isinstance(found, FramingCanvas)
    return found


def press(page: FramingPage, text: str) -> None:
    (button,) = [each for each in page.findChildren(QPushButton) if each.text() == text]
    button.click()


def at(page: FramingPage, x: float, y: float) -> QPoint:
    """A place on the canvas by shares of the picture."""
    stage = canvas(page).stage()
    return QPointF(stage.left() + x * stage.width(), stage.top() + y * stage.height()).toPoint()


def drag(page: FramingPage, start: QPoint, end: QPoint) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(canvas(page), left, none, start)
    QTest.mouseMove(canvas(page), end)
    QTest.mouseRelease(canvas(page), left, none, end)


def edges(page: FramingPage) -> list[float]:
    frame = canvas(page).frame
    return [frame.left, frame.top, frame.right, frame.bottom]


def test_a_corner_pulled_by_the_mouse_cuts_there(page: FramingPage, intents: MagicMock) -> None:
    drag(page, at(page, 0.0, 0.0), at(page, 0.2, 0.1))
    assert edges(page) == pytest.approx([0.2, 0.1, 1.0, 1.0], abs=0.01)

    press(page, strings.CUT_USE)

    key, box = intents.framed.call_args.args
    assert key == "my-me"
    assert [box.left, box.top] == pytest.approx([0.2, 0.1], abs=0.01)
    assert not page.isVisible()


def test_the_frame_never_cuts_the_face_and_never_leaves_the_picture(page: FramingPage) -> None:
    drag(page, at(page, 0.0, 0.0), at(page, 0.95, 0.95))
    drag(page, at(page, 1.0, 1.0), at(page, 0.05, 0.05))
    assert edges(page) == pytest.approx([0.4, 0.3, 0.6, 0.6], abs=0.01)

    canvas(page).grow(2.0)

    assert canvas(page).frame == WHOLE


def test_the_frame_is_moved_as_a_whole_until_it_would_cut_the_face(page: FramingPage) -> None:
    canvas(page).frame = Box(0.3, 0.2, 0.7, 0.7)

    drag(page, at(page, 0.5, 0.45), at(page, 0.55, 0.95))

    assert edges(page) == pytest.approx([0.35, 0.3, 0.75, 0.8], abs=0.01)


def test_keys_move_and_scale_the_frame(page: FramingPage) -> None:
    canvas(page).frame = Box(0.2, 0.2, 0.8, 0.8)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Minus):
        QTest.keyClick(canvas(page), key)

    assert edges(page) == pytest.approx([0.2, 0.2, 0.76, 0.76])


def test_the_whole_picture_is_no_wish_to_cut(page: FramingPage, intents: MagicMock) -> None:
    press(page, strings.CUT_USE)
    page.show_framing(FRAMING)
    drag(page, at(page, 0.0, 0.0), at(page, 0.2, 0.1))
    press(page, strings.CUT_WHOLE)

    intents.framed.assert_not_called()


def test_what_is_cut_away_is_dimmed(page: FramingPage) -> None:
    canvas(page).frame = Box(0.3, 0.2, 0.7, 0.7)
    picture = canvas(page).grab().toImage()

    assert picture.pixelColor(at(page, 0.1, 0.1)).lightness() < 120
    assert picture.pixelColor(at(page, 0.5, 0.5)).lightness() == 200
