from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import MagicMock, create_autospec

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
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
from app.settings import Background, BackgroundMode, FitMode, MotionSettings, OutputSettings, Region
from tests.helpers.window import TILES
from tests.ui.conftest import settle
from ui import strings
from ui.intents import (
    CameraIntents,
    CaptureIntents,
    ClipIntents,
    DoctorIntents,
    GalleryIntents,
    HelpIntents,
    LookIntents,
    OutputIntents,
    PortraitIntents,
    RemoteIntents,
    SoundIntents,
)
from ui.language import speak
from ui.shown import (
    Badge,
    BrowserLine,
    CameraEntry,
    HealthLine,
    LiveLine,
    Notice,
    NoticeKind,
    PreviewMessage,
    StatusLine,
    VirtualCameraLine,
)
from ui.theme import DARK
from ui.views.main_window import MainWindow
from ui.views.pop_out import PopOut
from ui.views.preview import PreviewView

HALVES = np.zeros((90, 160, 3), np.uint8)
HALVES[:, :80, 0], HALVES[:, 80:, 2] = 255, 255
"""Red on the left, blue on the right."""


@dataclass
class Wishes:
    """A mock for every group of intents; a call their protocols lack fails."""

    portraits: MagicMock
    cameras: MagicMock
    outputs: MagicMock
    sound: MagicMock
    looks: MagicMock
    remote: MagicMock
    doctor: MagicMock
    captures: MagicMock
    gallery: MagicMock
    help: MagicMock
    clips: MagicMock
    notice_dismissed: MagicMock
    notice_next: MagicMock
    notice_folder_wanted: MagicMock
    notice_copy_wanted: MagicMock
    try_again: MagicMock


@pytest.fixture
def wishes() -> Wishes:
    seen = (PortraitIntents, CameraIntents, OutputIntents, SoundIntents, LookIntents)
    more = (RemoteIntents, DoctorIntents, CaptureIntents, GalleryIntents, HelpIntents, ClipIntents)
    groups = (*seen, *more)
    return Wishes(*(create_autospec(group, instance=True) for group in groups), *(MagicMock() for _ in range(5)))


@pytest.fixture
def window(qt_app: QApplication, wishes: Wishes, tmp_path: Path) -> Iterator[MainWindow]:
    made = MainWindow()
    made.pasted_folder = tmp_path / "pasted"
    made.bind(wishes, lambda: None)
    made.apply_theme(DARK)
    made.show_output(OutputSettings())
    made.show_motion(MotionSettings())
    made.show_mirror(True)
    made.show_virtual_camera(VirtualCameraLine(False, "Off"))
    made.show_avatars(TILES, "ada")
    made.show_cameras(
        (CameraEntry("No camera"), CameraEntry("HD Webcam"), CameraEntry("Video file…")), 0, searching=False
    )
    made.show()
    qt_app.processEvents()
    yield made
    made.close()
    made.deleteLater()
    settle(qt_app)


def named(window: QWidget, kind: type, name: str) -> object:
    """The control of a kind that a screen reader calls `name`."""
    found = [each for each in window.findChildren(kind) if name in (each.accessibleName(), _words(each))]
    assert len(found) == 1, f"{len(found)} controls are called {name!r}"
    return found[0]


def _words(control: QWidget) -> str:
    return control.text().strip() if isinstance(control, QAbstractButton) else ""


def button(window: MainWindow, name: str) -> QAbstractButton:
    found = named(window, QAbstractButton, name)
    assert isinstance(found, QAbstractButton)
    return found


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
    nameless = [each for each in controls if not (each.accessibleName() or _words(each))]
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


def test_the_camera_list_reports_the_entry_and_not_the_row_with_the_line(window: MainWindow, wishes: Wishes) -> None:
    combo = named(window, QComboBox, strings.CAMERA)
    assert isinstance(combo, QComboBox)
    last = combo.count() - 1

    combo.activated.emit(last)

    assert combo.itemText(last) == "Video file…"
    wishes.cameras.camera_chosen.assert_called_once_with(2)


def test_setting_the_motion_controls_is_not_taken_for_a_wish(window: MainWindow, wishes: Wishes) -> None:
    window.show_motion(MotionSettings(True, Region.LIPS, 0.5, 0.9, False, 0.2, None))

    wishes.looks.motion_changed.assert_not_called()


def test_a_slider_wishes_the_whole_motion_with_one_thing_changed(window: MainWindow, wishes: Wishes) -> None:
    before = MotionSettings(relative=False, retarget_lips=0.25)
    window.show_motion(before)
    slider = named(window, QSlider, strings.SMOOTHING)
    assert isinstance(slider, QSlider)

    slider.setValue(80)

    (motion,) = wishes.looks.motion_changed.call_args.args
    assert motion == MotionSettings(relative=False, smoothing=0.8, retarget_lips=0.25)


def test_holding_the_eyes_open_shows_its_slider(window: MainWindow, wishes: Wishes) -> None:
    box = named(window, QCheckBox, strings.EYES)
    slider = named(window, QSlider, strings.EYES_AMOUNT)
    assert isinstance(box, QCheckBox)
    assert isinstance(slider, QSlider)
    assert not slider.isVisible()

    box.click()

    assert slider.isVisible()
    assert wishes.looks.motion_changed.call_args.args[0].retarget_eyes == 0.6


def test_frame_and_background_are_wishes_of_their_own(window: MainWindow, wishes: Wishes) -> None:
    frame, background = named(window, QComboBox, strings.FIT), named(window, QComboBox, strings.BACKGROUND)
    assert isinstance(frame, QComboBox)
    assert isinstance(background, QComboBox)

    frame.setCurrentIndex(frame.findData(FitMode.FIT))
    frame.activated.emit(frame.currentIndex())
    background.setCurrentIndex(background.findData(BackgroundMode.BLUR))
    background.activated.emit(background.currentIndex())

    wishes.looks.fit_chosen.assert_called_once_with(FitMode.FIT)
    wishes.looks.background_mode_chosen.assert_called_once_with(BackgroundMode.BLUR)


def test_colour_and_picture_buttons_appear_with_their_background(window: MainWindow, wishes: Wishes) -> None:
    window.show_output(OutputSettings(background=Background(BackgroundMode.PICTURE, picture=Path("beach.jpg"))))
    assert button(window, strings.BACKGROUND_BUTTON).isVisible()
    assert not button(window, strings.COLOUR_BUTTON).isVisible()
    button(window, strings.BACKGROUND_BUTTON).click()
    wishes.looks.background_picture_wanted.assert_called_once_with()

    window.show_output(OutputSettings(background=Background(BackgroundMode.COLOUR)))
    assert button(window, strings.COLOUR_BUTTON).isVisible()


def test_a_message_can_be_dismissed_turned_and_its_folder_opened(window: MainWindow, wishes: Wishes) -> None:
    window.show_notice(Notice(NoticeKind.INFO, "Saved.", "Here.", "", folder=Path("/videos"), index=1, count=2))
    button(window, strings.DISMISS).click()
    button(window, strings.OPEN_FOLDER).click()
    button(window, "Next (1 of 2)").click()

    wishes.notice_dismissed.assert_called_once_with()
    wishes.notice_folder_wanted.assert_called_once_with()
    wishes.notice_next.assert_called_once_with()


def test_the_virtual_camera_explains_itself_only_in_trouble(window: MainWindow, wishes: Wishes) -> None:
    why = button(window, strings.VIRTUAL_WHY)
    assert not why.isVisible()

    window.show_virtual_camera(VirtualCameraLine(True, "Not available", trouble=True))
    why.click()

    assert why.isVisible()
    wishes.outputs.virtual_camera_explained.assert_called_once_with()


def test_recording_and_away_change_their_buttons(window: MainWindow) -> None:
    window.show_recording("1:05")
    window.show_away(True)

    texts = {each.text().strip() for each in window.findChildren(QPushButton)}
    assert "Stop  1:05" in texts
    assert strings.BACK in texts


def test_the_status_line_is_words_for_screen_readers_too(window: MainWindow) -> None:
    window.show_status(StatusLine(Badge.HELD, "HELD", "Your face was lost for a moment."))
    window.show_health(HealthLine("30 fps", "", "Your camera slowed to 15 fps."))

    names = {each.accessibleName() for each in window.findChildren(QWidget)}
    assert {"HELD", "Your face was lost for a moment.", "Your camera slowed to 15 fps."} <= names


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


def test_the_pause_button_is_there_only_while_recording(window: MainWindow, wishes: Wishes) -> None:
    pause = button(window, strings.PAUSE)
    assert not pause.isVisible()
    window.show_recording("0:07")
    assert pause.isVisible()
    pause.click()
    wishes.outputs.pause_toggled.assert_called_once_with()
    window.show_paused(True)
    assert pause.toolTip().startswith("Go on with the recording")
    window.show_recording(None)
    assert not pause.isVisible()


def test_the_address_of_the_browser_source_can_be_copied_only_while_it_listens(window: MainWindow) -> None:
    copy = button(window, strings.BROWSER_COPY)
    window.show_browser_source(BrowserLine(True, "Starting…"))
    assert not copy.isVisibleTo(window)
    window.show_browser_source(BrowserLine(True, "On", listens=True))
    assert copy.isVisibleTo(window)
    assert named(window, QAbstractButton, strings.BROWSER).isChecked()  # type: ignore[attr-defined]


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


def test_the_window_comes_back_to_the_front_when_it_was_minimised(window: MainWindow) -> None:
    window.showMinimized()

    window.raise_to_front()

    assert not window.isMinimized()
    assert window.isVisible()
