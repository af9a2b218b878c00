from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import MagicMock, create_autospec

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPushButton

from tests.ui.conftest import settle
from ui.intents import SoundIntents
from ui.shown import SoundChoice, SoundLine, SoundLists
from ui.theme import DARK
from ui.views.sound_panel import LevelMeter, SoundPanel

LISTS = SoundLists(
    SoundChoice(("No microphone", "Desk"), 1), SoundChoice(("Nowhere", "Cable"), 1), SoundChoice(("Not at all",), 0)
)


@pytest.fixture
def intents() -> MagicMock:
    made: MagicMock = create_autospec(SoundIntents, instance=True)
    return made


@pytest.fixture
def panel(qt_app: QApplication, intents: MagicMock) -> Iterator[SoundPanel]:
    made = SoundPanel(intents)
    made.apply_theme(DARK)
    made.show_devices(LISTS)
    made.show_line(SoundLine(True, False, 0.5, 0.7, "Held back by 96 ms, as the picture is."))
    made.resize(268, 220)
    made.show()
    settle(qt_app)
    yield made
    made.deleteLater()
    settle(qt_app)


def combo(panel: SoundPanel, name: str) -> QComboBox:
    return next(found for found in panel.findChildren(QComboBox) if found.accessibleName() == name)


def button(panel: SoundPanel) -> QPushButton:
    return panel.findChildren(QPushButton)[0]


@pytest.mark.parametrize(
    ("name", "wish"),
    [("Microphone", "microphone_chosen"), ("Send to", "output_chosen"), ("Hear on", "monitor_chosen")],
)
def test_every_list_is_a_wish_of_its_own(panel: SoundPanel, intents: MagicMock, name: str, wish: str) -> None:
    combo(panel, name).activated.emit(0)

    getattr(intents, wish).assert_called_once_with(0)
    assert sum(len(method.mock_calls) for method in (intents,)) == 1


def test_the_button_mutes_and_says_what_it_would_do_next(panel: SoundPanel, intents: MagicMock) -> None:
    QTest.mouseClick(button(panel), Qt.MouseButton.LeftButton)
    intents.muted_wanted.assert_called_once_with(True)

    panel.show_line(SoundLine(True, True, 0.0, 0.0, "Muted: others hear nothing."))
    assert (button(panel).text(), button(panel).isChecked()) == ("Unmute", True)


def test_without_a_microphone_there_is_nothing_to_mute_or_to_send(panel: SoundPanel) -> None:
    panel.show_line(SoundLine(False, False, 0.0, 0.0, "No sound is sent or recorded."))

    assert not button(panel).isEnabled()
    assert not combo(panel, "Send to").isEnabled()
    assert combo(panel, "Microphone").isEnabled()


def test_trouble_looks_like_trouble(panel: SoundPanel) -> None:
    panel.show_line(SoundLine(True, False, 0.0, 0.0, "The microphone Desk stopped.", trouble=True))

    label = next(found for found in panel.findChildren(QLabel) if found.text() == "The microphone Desk stopped.")
    assert label.objectName() == "trouble"


def test_the_bar_is_as_long_as_the_sound_is_loud(panel: SoundPanel) -> None:
    meter = panel.findChildren(LevelMeter)[0]
    image = meter.grab().toImage()
    middle = image.height() // 2

    def colour(share: float) -> str:
        return image.pixelColor(round(share * (image.width() - 1)), middle).name()

    assert colour(0.25) == DARK.live
    assert colour(0.6) == DARK.border
    assert colour(0.695) == DARK.live, "the mark of the peak"
