from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QWidget,
)

from tests.ui.conftest import settle
from tests.ui.views.window_parts import Wishes
from ui.shown import (
    LiveLine,
    PreviewMessage,
)
from ui.views.main_window import MainWindow
from ui.views.pop_out import PopOut
from ui.views.preview import PreviewView

HALVES = np.zeros((90, 160, 3), np.uint8)
HALVES[:, :80, 0], HALVES[:, 80:, 2] = 255, 255
"""Red on the left, blue on the right."""


def pop_out(window: MainWindow) -> PopOut:
    (found,) = [each for each in QApplication.topLevelWidgets() if isinstance(each, PopOut) and each.isVisible()]
    return found


def middle_of(widget: QWidget, left: bool) -> QColor:
    picture = widget.grab().toImage()
    return picture.pixelColor(picture.width() // 4 * (1 if left else 3), picture.height() // 2)


def test_the_popped_out_picture_is_never_mirrored(window: MainWindow, qt_app: QApplication) -> None:
    window.show_mirror(True)
    window.show_pop_out(True)
    window.show_message(None)
    window.show_frame(HALVES)
    qt_app.processEvents()

    assert middle_of(pop_out(window), left=True) == QColor(255, 0, 0)
    assert middle_of(pop_out(window), left=False) == QColor(0, 0, 255)
    window.show_pop_out(False)


def test_a_card_with_words_is_not_mirrored_in_the_preview(window: MainWindow, qt_app: QApplication) -> None:
    window.show_message(None)
    preview = window.findChild(PreviewView)
    assert preview is not None
    seen = []
    for mirror, has_words in ((False, False), (True, False), (True, True)):
        window.show_mirror(mirror)
        window.show_frame(HALVES, has_words=has_words)
        qt_app.processEvents()
        seen.append(middle_of(preview, left=True))

    assert seen == [QColor(255, 0, 0), QColor(0, 0, 255), QColor(255, 0, 0)]


def test_the_popped_out_picture_goes_dark_while_nothing_is_live(window: MainWindow, qt_app: QApplication) -> None:
    window.show_pop_out(True)
    window.show_message(None)
    window.show_frame(HALVES)
    window.show_message(PreviewMessage("The picture stopped", "", retry=True))
    qt_app.processEvents()

    assert middle_of(pop_out(window), left=True).lightness() < 20
    window.show_pop_out(False)


def test_closing_the_popped_out_picture_is_told_and_its_escape_goes_away(
    window: MainWindow, wishes: Wishes, qt_app: QApplication
) -> None:
    window.show_pop_out(True)
    out = pop_out(window)
    out.activateWindow()
    qt_app.processEvents()

    QTest.keyClick(out, Qt.Key.Key_Escape)
    wishes.outputs.away_wanted.assert_called_once_with(True)
    out.close()

    wishes.looks.pop_out_closed.assert_called_once_with()


def test_the_window_takes_the_popped_out_picture_with_it(window: MainWindow, qt_app: QApplication) -> None:
    window.show_pop_out(True)

    window.close()
    settle(qt_app)

    assert [each for each in QApplication.topLevelWidgets() if isinstance(each, PopOut)] == []


def test_the_tray_follows_what_is_live_and_offers_the_wishes_of_a_call(window: MainWindow, wishes: Wishes) -> None:
    window.show_live(LiveLine(True, "Others see the portrait."))
    window.show_recording("0:12")
    actions = {action.text(): action for action in window._tray.menu.actions() if action.text()}

    assert list(actions) == ["Show window", "Go live", "Go away at once", "Stop  0:12", "Next portrait", "Quit"]
    assert actions["Go live"].isChecked()
    for text in list(actions)[1:5]:
        actions[text].trigger()
    wishes.outputs.live_toggled.assert_called_once_with()
    wishes.outputs.away_wanted.assert_called_once_with(True)
    wishes.outputs.record_toggled.assert_called_once_with()
    wishes.gallery.next_wanted.assert_called_once_with(1)
