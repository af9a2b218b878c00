from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QPushButton,
    QSlider,
    QWidget,
)

from app.settings import Background, BackgroundMode, FitMode, MotionSettings, OutputSettings, Region
from tests.ui.views.window_parts import Wishes, button, named
from ui import strings
from ui.shown import (
    Badge,
    BrowserLine,
    HealthLine,
    ModelEntry,
    ModelLine,
    Notice,
    NoticeKind,
    StatusLine,
    VirtualCameraLine,
)
from ui.views.main_window import MainWindow


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


def test_the_wheel_over_a_control_is_left_to_the_panel_and_changes_nothing(window: MainWindow, wishes: Wishes) -> None:
    slider, region = named(window, QSlider, strings.SMOOTHING), named(window, QComboBox, strings.REGION)
    for control in (slider, region):
        assert isinstance(control, QWidget)
        wheel = QWheelEvent(
            QPointF(5, 5),
            control.mapToGlobal(QPointF(5, 5)),
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(control, wheel)
        assert not wheel.isAccepted()  # so that the panel around it scrolls

    wishes.looks.motion_changed.assert_not_called()


def test_the_list_of_models_shows_the_chosen_one_and_reports_a_choice_alone(window: MainWindow, wishes: Wishes) -> None:
    combo = named(window, QComboBox, strings.MODEL)
    assert isinstance(combo, QComboBox)
    entries = (ModelEntry("geometric", "Quick (geometric)"), ModelEntry("synergy", "Detailed (synergy)"))
    window.show_models(ModelLine(entries, 1))
    assert [combo.itemText(place) for place in range(combo.count())] == ["Quick (geometric)", "Detailed (synergy)"]
    assert combo.currentText() == "Detailed (synergy)"
    wishes.looks.model_chosen.assert_not_called()

    combo.setCurrentIndex(0)
    combo.activated.emit(0)

    wishes.looks.model_chosen.assert_called_once_with("geometric")
