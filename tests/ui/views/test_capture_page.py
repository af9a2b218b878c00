"""The page of guided capture as a person uses it."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import MagicMock, create_autospec

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QPushButton

from ui.intents import CaptureIntents
from ui.shown import CapturePhase, CaptureShot, CaptureState
from ui.theme import DARK
from ui.views.capture_page import CapturePage

PICTURE = np.full((90, 120, 3), 120, np.uint8)
SHOTS = (CaptureShot("neutral", "Neutral", PICTURE), CaptureShot("blink", "Eyes closed", PICTURE))
FOUND = CaptureState(CapturePhase.FOUND, shots=SHOTS, missing=("Smile: hardly seen.",), can_keep=True)


@pytest.fixture
def intents() -> MagicMock:
    made: MagicMock = create_autospec(CaptureIntents, instance=True)
    return made


@pytest.fixture
def page(qt_app: QApplication, intents: MagicMock) -> Iterator[CapturePage]:
    page = CapturePage(intents)
    page.apply_theme(DARK)
    yield page
    page.close()
    page.deleteLater()


def button(page: CapturePage, name: str) -> QPushButton:
    return next(each for each in page.findChildren(QPushButton) if each.accessibleName() == name)


def press(page: CapturePage, name: str) -> None:
    QTest.mouseClick(button(page, name), Qt.MouseButton.LeftButton)


def test_while_it_asks_there_is_a_sentence_and_nothing_to_keep(page: CapturePage) -> None:
    page.show_state(CaptureState(CapturePhase.ASKING, "Smile.", "Got it.", 0.3))
    words = [label.text() for label in page.findChildren(QLabel) if label.isVisible()]
    assert "Smile." in words
    assert "Got it." in words
    assert not button(page, "Keep").isVisible()


def test_what_is_unticked_is_left_out_and_the_portrait_itself_cannot_be(page: CapturePage, intents: MagicMock) -> None:
    page.show_state(FOUND)
    boxes = {box.text(): box for box in page.findChildren(QCheckBox)}
    assert not boxes["Neutral"].isEnabled()
    boxes["Eyes closed"].click()
    press(page, "Keep")
    intents.capture_kept.assert_called_once_with("Me", ("blink",))


def test_throwing_away_closes_it_and_leaves_no_picture_in_the_page(page: CapturePage, intents: MagicMock) -> None:
    page.show_state(FOUND)
    press(page, "Throw away")
    intents.capture_closed.assert_called()
    assert not page.isVisible()
    assert not [label for label in page.findChildren(QLabel) if label.isVisibleTo(page) and not label.pixmap().isNull()]


def test_escape_throws_away_too(page: CapturePage, intents: MagicMock) -> None:
    page.show_state(FOUND)
    QTest.keyClick(page, Qt.Key.Key_Escape)
    intents.capture_closed.assert_called()
    assert not page.isVisible()


def test_without_a_portrait_there_is_only_again_and_throw_away(page: CapturePage, intents: MagicMock) -> None:
    page.show_state(CaptureState(CapturePhase.FOUND, missing=("Neutral: No face was seen.",)))
    assert not button(page, "Keep").isVisible()
    press(page, "Capture again")
    intents.capture_wanted.assert_called_once_with()


def test_what_was_kept_can_be_deleted(page: CapturePage, intents: MagicMock) -> None:
    page.show_state(CaptureState(CapturePhase.KEPT, asked="Me is among your portraits now."))
    press(page, "Delete it again")
    intents.capture_deleted.assert_called_once_with()
