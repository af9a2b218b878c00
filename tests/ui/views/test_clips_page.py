from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import MagicMock, create_autospec

import pytest
from PySide6.QtWidgets import QApplication, QListWidget, QPushButton

from tests.ui.conftest import settle
from ui.intents import ClipIntents
from ui.shown import ClipLine, ClipsState
from ui.theme import DARK
from ui.views.clips_page import ClipsPage

MINE, CALM = Path("/mine/nod.motion"), Path("/shipped/calm.motion")


def state(playing: Path | None = None, recording: str | None = None) -> ClipsState:
    clips = (
        ClipLine(MINE, "Nod", "1:05", own=True, playing=playing == MINE),
        ClipLine(CALM, "Calm", "0:08", own=False, playing=playing == CALM),
    )
    return ClipsState(clips, recording, can_record=True, text="Words")


@pytest.fixture
def intents() -> MagicMock:
    return create_autospec(ClipIntents, instance=True)


@pytest.fixture
def page(qt_app: QApplication, intents: MagicMock) -> Iterator[ClipsPage]:
    made = ClipsPage(intents)
    made.apply_theme(DARK)
    made.show_state(state())
    yield made
    made.close()
    made.deleteLater()
    settle(qt_app)


def press(page: ClipsPage, text: str) -> None:
    (button,) = [each for each in page.findChildren(QPushButton) if each.text().strip() == text]
    assert button.isEnabled()
    button.click()


def choose(page: ClipsPage, row: int) -> None:
    found = page.findChild(QListWidget)
    assert isinstance(found, QListWidget)
    found.setCurrentRow(row)


def test_every_button_is_one_wish_for_the_chosen_clip(page: ClipsPage, intents: MagicMock) -> None:
    for text in ("Play", "Export…", "Remove recording…", "Record movement", "Import…"):
        press(page, text)

    intents.play_toggled.assert_called_once_with(MINE)
    intents.export_wanted.assert_called_once_with(MINE)
    intents.removal_wanted.assert_called_once_with(MINE)
    intents.record_toggled.assert_called_once_with()
    intents.import_wanted.assert_called_once_with()


def test_a_shipped_clip_offers_no_removal(page: ClipsPage) -> None:
    choose(page, 1)

    (remove,) = [each for each in page.findChildren(QPushButton) if each.text() == "Remove recording…"]
    assert not remove.isEnabled()


def test_while_a_clip_plays_the_button_stops_it_whatever_is_chosen(page: ClipsPage, intents: MagicMock) -> None:
    page.show_state(state(playing=CALM))

    press(page, "Stop playing")

    intents.stop_wanted.assert_called_once_with()


def test_while_recording_the_button_saves_and_nothing_can_be_played(page: ClipsPage, intents: MagicMock) -> None:
    page.show_state(state(recording="0:12"))

    press(page, "Save  0:12")

    intents.record_toggled.assert_called_once_with()
    (play,) = [each for each in page.findChildren(QPushButton) if each.text().strip() == "Play"]
    assert not play.isEnabled()


def test_the_choice_stays_when_the_list_changes(page: ClipsPage, intents: MagicMock) -> None:
    choose(page, 1)

    page.show_state(state(playing=MINE))
    press(page, "Export…")

    intents.export_wanted.assert_called_once_with(CALM)


def test_closing_is_told(page: ClipsPage, intents: MagicMock) -> None:
    page.reject()

    intents.clips_closed.assert_called_once_with()
