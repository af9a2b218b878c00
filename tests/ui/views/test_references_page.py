"""The page of an avatar's further pictures as a person uses it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import MagicMock, create_autospec

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QProgressBar, QPushButton

from ui.intents import ReferenceIntents
from ui.shown import ReferenceShot, ReferencesPhase, ReferencesState
from ui.theme import DARK
from ui.views.references_page import ReferencesPage

PICTURE = np.full((90, 120, 3), 120, np.uint8)
SHOTS = (ReferenceShot("0", "a.jpg", PICTURE), ReferenceShot("1", "Turned left", PICTURE))
LISTED = ReferencesState(ReferencesPhase.LISTED, "Cat", "Words", (ReferenceShot("f-1.jpg", "Picture 1", PICTURE),))
FOUND = ReferencesState(ReferencesPhase.FOUND, "Cat", "Keep these pictures?", SHOTS, ("b.jpg: blurred.",))


@pytest.fixture
def intents() -> MagicMock:
    made: MagicMock = create_autospec(ReferenceIntents, instance=True)
    return made


@pytest.fixture
def page(qt_app: QApplication, intents: MagicMock) -> Iterator[ReferencesPage]:
    page = ReferencesPage(intents)
    page.apply_theme(DARK)
    yield page
    page.close()
    page.deleteLater()


def button(page: ReferencesPage, name: str) -> QPushButton:
    return next(each for each in page.findChildren(QPushButton) if each.accessibleName() == name)


def press(page: ReferencesPage, name: str) -> None:
    assert button(page, name).isVisible()
    QTest.mouseClick(button(page, name), Qt.MouseButton.LeftButton)


def test_listed_pictures_can_be_removed_and_more_be_looked_for(page: ReferencesPage, intents: MagicMock) -> None:
    page.show_state(LISTED)
    press(page, "Remove: Picture 1")
    press(page, "Add photos…")
    press(page, "Take from a video…")
    intents.reference_removed.assert_called_once_with("f-1.jpg")
    intents.photos_wanted.assert_called_once_with()
    intents.video_wanted.assert_called_once_with()
    assert page.windowTitle() == "Further pictures of Cat"
    assert not button(page, "Keep").isVisible()


def test_while_it_looks_there_is_a_bar_and_a_way_out(page: ReferencesPage, intents: MagicMock) -> None:
    page.show_state(ReferencesState(ReferencesPhase.LOOKING, "Cat", "Looking…", share=0.4))
    (bar,) = page.findChildren(QProgressBar)
    assert (bar.isVisible(), bar.value()) == (True, 400)
    assert not button(page, "Add photos…").isVisible()
    press(page, "Cancel")
    intents.search_cancelled.assert_called_once_with()


def test_what_is_unticked_is_left_out_also_after_another_moment(page: ReferencesPage, intents: MagicMock) -> None:
    page.show_state(FOUND)
    {box.text(): box for box in page.findChildren(QCheckBox)}["a.jpg"].click()
    page.show_state(replace(FOUND, sentence="Still?"))
    press(page, "Keep")
    intents.references_kept.assert_called_once_with((0,))
    assert "b.jpg: blurred." in [label.text() for label in page.findChildren(QLabel) if label.isVisible()]


def test_where_nothing_was_found_there_is_nothing_to_keep(page: ReferencesPage, intents: MagicMock) -> None:
    page.show_state(ReferencesState(ReferencesPhase.FOUND, "Cat", "Nothing.", refused=("a.jpg: no face.",)))
    assert not button(page, "Keep").isVisible()
    press(page, "Throw away")
    intents.references_dropped.assert_called_once_with()


@pytest.mark.parametrize("how", ["button", "escape"])
def test_closing_is_told_and_leaves_no_picture_in_the_page(page: ReferencesPage, intents: MagicMock, how: str) -> None:
    page.show_state(FOUND)
    if how == "button":
        press(page, "Close")
    else:
        QTest.keyClick(page, Qt.Key.Key_Escape)
    intents.references_closed.assert_called()
    assert not page.isVisible()
    assert not [label for label in page.findChildren(QLabel) if label.isVisibleTo(page) and not label.pixmap().isNull()]


def test_files_can_be_dropped_several_at_once(page: ReferencesPage, intents: MagicMock, tmp_path: Path) -> None:
    page.show_state(LISTED)
    files, mime = [tmp_path / "a.jpg", tmp_path / "b.mp4"], QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file)) for file in files] + [QUrl("web:c.jpg")])
    page.dropEvent(
        QDropEvent(
            QPointF(5, 5),
            Qt.DropAction.CopyAction,
            mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    intents.files_chosen.assert_called_once_with(files)
