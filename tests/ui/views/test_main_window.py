from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QPushButton,
    QSlider,
    QToolButton,
    QWidget,
)

from app.remembered import Language
from tests.ui.conftest import settle
from tests.ui.views.window_parts import Wishes, button, words_on
from ui import strings
from ui.language import speak
from ui.theme import DARK
from ui.views.main_window import MainWindow

PRESSES: list[tuple[str, Callable[[Wishes], MagicMock], tuple[object, ...]]] = [
    (strings.LIVE, lambda w: w.outputs.live_wanted, (True,)),
    (strings.RECORD, lambda w: w.outputs.record_toggled, ()),
    (strings.SNAPSHOT, lambda w: w.outputs.snapshot_wanted, ()),
    (strings.BROWSER, lambda w: w.outputs.browser_source_wanted, (True,)),
    (strings.BROWSER_COPY, lambda w: w.outputs.browser_address_wanted, ()),
    (strings.CALIBRATE, lambda w: w.outputs.calibrate, ()),
    (strings.AWAY, lambda w: w.outputs.away_toggled, ()),
    (strings.MIRROR, lambda w: w.looks.mirror_wanted, (False,)),
    (strings.POP_OUT, lambda w: w.looks.pop_out_toggled, ()),
    (strings.ADD_PICTURE_NAME, lambda w: w.portraits.add_picture, ()),
    (strings.CAMERA_REFRESH, lambda w: w.cameras.cameras_wanted, ()),
    (strings.VIRTUAL_CAMERA, lambda w: w.outputs.virtual_camera_wanted, (True,)),
    (strings.RESET, lambda w: w.looks.motion_reset, ()),
    (strings.CAPTURE, lambda w: w.captures.capture_wanted, ()),
    (strings.DOCTOR, lambda w: w.doctor.doctor_wanted, ()),
    (strings.CLIPS, lambda w: w.clips.clips_wanted, ()),
    (strings.GUIDE, lambda w: w.help.guide_wanted, ()),
    (strings.STAGES, lambda w: w.help.stages_wanted, ()),
    (strings.KEYS, lambda w: w.help.keys_wanted, ()),
]


@pytest.mark.parametrize(("name", "wish", "arguments"), PRESSES, ids=[press[0] for press in PRESSES])
def test_every_button_is_one_wish(
    window: MainWindow,
    wishes: Wishes,
    name: str,
    wish: Callable[[Wishes], MagicMock],
    arguments: tuple[object, ...],
) -> None:
    button(window, name).click()

    wish(wishes).assert_called_once_with(*arguments)


KEYS: list[tuple[Qt.Key, Qt.KeyboardModifier, Callable[[Wishes], MagicMock], tuple[object, ...]]] = [
    (Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier, lambda w: w.portraits.add_picture, ()),
    (Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier, lambda w: w.outputs.record_toggled, ()),
    (Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier, lambda w: w.outputs.pause_toggled, ()),
    (Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier, lambda w: w.outputs.snapshot_wanted, ()),
    (Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier, lambda w: w.outputs.calibrate, ()),
    (Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier, lambda w: w.outputs.away_toggled, ()),
    (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier, lambda w: w.outputs.away_wanted, (True,)),
    (Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier, lambda w: w.outputs.virtual_camera_wanted, (True,)),
    (Qt.Key.Key_F5, Qt.KeyboardModifier.NoModifier, lambda w: w.cameras.cameras_wanted, ()),
    (
        Qt.Key.Key_M,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
        lambda w: w.looks.mirror_toggled,
        (),
    ),
    (Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier, lambda w: w.looks.pop_out_toggled, ()),
    (Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier, lambda w: w.outputs.live_toggled, ()),
    (Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier, lambda w: w.gallery.next_wanted, (1,)),
    (Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier, lambda w: w.gallery.next_wanted, (-1,)),
    (Qt.Key.Key_1, Qt.KeyboardModifier.NoModifier, lambda w: w.gallery.place_chosen, (0,)),
    (Qt.Key.Key_9, Qt.KeyboardModifier.NoModifier, lambda w: w.gallery.place_chosen, (8,)),
    (Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier, lambda w: w.help.keys_wanted, ()),
]


@pytest.mark.parametrize(("key", "modifier", "wish", "arguments"), KEYS, ids=[key[0].name for key in KEYS])
def test_every_key_is_one_wish(
    window: MainWindow,
    wishes: Wishes,
    key: Qt.Key,
    modifier: Qt.KeyboardModifier,
    wish: Callable[[Wishes], MagicMock],
    arguments: tuple[object, ...],
) -> None:
    window.activateWindow()

    QTest.keyClick(window, key, modifier)

    wish(wishes).assert_called_once_with(*arguments)


def test_every_control_has_a_name_for_screen_readers_and_takes_the_keyboard(window: MainWindow) -> None:
    kinds = (QPushButton, QToolButton, QComboBox, QSlider, QCheckBox)
    controls = [each for kind in kinds for each in window.findChildren(kind)]
    nameless = [each for each in controls if not (each.accessibleName() or words_on(each))]
    deaf = [each for each in controls if not each.focusPolicy() & Qt.FocusPolicy.TabFocus]

    assert len(controls) > 15
    assert nameless == []
    assert deaf == []


def test_the_tab_key_reaches_every_visible_control_once_around(window: MainWindow, qt_app: QApplication) -> None:
    window.activateWindow()
    seen: list[QWidget | None] = []
    while len(seen) < 60 and qt_app.focusWidget() not in seen[1:]:
        seen.append(qt_app.focusWidget())
        QTest.keyClick(qt_app.focusWidget() or window, Qt.Key.Key_Tab)
    kinds = (QPushButton, QComboBox, QSlider, QCheckBox, QToolButton)
    wanted = {each for kind in kinds for each in window.findChildren(kind) if each.isVisible() and each.isEnabled()}

    assert wanted - set(seen) == set()


def test_a_dropped_file_is_a_chosen_picture(window: MainWindow, wishes: Wishes, tmp_path: Path) -> None:
    picture = tmp_path / "me.png"
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(picture))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier

    enter = QDragEnterEvent(QPoint(50, 50), Qt.DropAction.CopyAction, mime, left, none)
    QApplication.sendEvent(window, enter)
    drop = QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, mime, left, none)
    QApplication.sendEvent(window, drop)

    assert enter.isAccepted()
    wishes.portraits.picture_chosen.assert_called_once_with(picture)


def test_a_pasted_picture_is_written_to_a_file_and_chosen(window: MainWindow, wishes: Wishes) -> None:
    picture = QImage(20, 10, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.red)
    QGuiApplication.clipboard().setImage(picture)

    window.paste()

    (path,) = wishes.portraits.picture_chosen.call_args.args
    assert QImage(str(path)).size() == picture.size()


def test_pasting_without_a_picture_says_so(window: MainWindow, wishes: Wishes) -> None:
    QGuiApplication.clipboard().setText("hello")

    window.paste()

    (notice,) = wishes.portraits.picture_not_usable.call_args.args
    assert notice.what == "There is no picture to paste."


def test_a_file_dialog_answers_and_leaves_nothing_behind(
    window: MainWindow, wishes: Wishes, qt_app: QApplication
) -> None:
    window.ask_video()
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    dialog.reject()
    settle(qt_app)

    wishes.cameras.video_refused.assert_called_once_with()
    assert window.findChild(QFileDialog) is None


def test_the_window_comes_back_where_it_was(window: MainWindow, qt_app: QApplication) -> None:
    window.resize(900, 640)
    kept = window.geometry_text()
    window.resize(900, 700)

    window.restore_geometry(kept)

    assert window.height() == 640


@pytest.mark.parametrize("text", ["", "nonsense", "é" * 50, "AAAA"], ids=["empty", "words", "accents", "short"])
def test_a_geometry_of_nonsense_is_ignored(window: MainWindow, text: str) -> None:
    before = window.size()

    window.restore_geometry(text)

    assert window.size() == before


@pytest.mark.parametrize("language", [Language.GERMAN, Language.CHINESE], ids=lambda each: each.value)
def test_the_window_fits_a_small_laptop_screen_in_every_language(
    qt_app: QApplication, wishes: Wishes, language: Language
) -> None:
    speak(language)
    made = MainWindow()
    made.bind(wishes, lambda: None)
    made.apply_theme(DARK)
    made.show_recording("1:00:05")
    made.show_away(True)
    smallest = made.minimumSizeHint()
    made.put_away()
    made.deleteLater()
    settle(qt_app)

    assert smallest.width() <= 900
    assert smallest.height() <= 600


def test_the_window_fits_a_small_laptop_screen(window: MainWindow) -> None:
    assert window.minimumSizeHint().width() <= 900
    assert window.minimumSizeHint().height() <= 600


def test_the_window_comes_back_to_the_front_when_it_was_minimised(window: MainWindow) -> None:
    window.showMinimized()

    window.raise_to_front()

    assert not window.isMinimized()
    assert window.isVisible()
