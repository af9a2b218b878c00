"""What the tests of the whole window share: a mock for every wish, and controls found as a screen reader does."""

from __future__ import annotations

from dataclasses import dataclass
from unittest.mock import MagicMock

from PySide6.QtWidgets import QAbstractButton, QWidget

from ui.views.main_window import MainWindow


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
    references: MagicMock
    notice_dismissed: MagicMock
    notice_next: MagicMock
    notice_folder_wanted: MagicMock
    notice_copy_wanted: MagicMock
    try_again: MagicMock


def named(window: QWidget, kind: type, name: str) -> object:
    """The control of a kind that a screen reader calls `name`."""
    found = [each for each in window.findChildren(kind) if name in (each.accessibleName(), words_on(each))]
    assert len(found) == 1, f"{len(found)} controls are called {name!r}"
    return found[0]


def words_on(control: QWidget) -> str:
    """What is written on a button."""
    return control.text().strip() if isinstance(control, QAbstractButton) else ""


def button(window: MainWindow, name: str) -> QAbstractButton:
    """The button of this name."""
    found = named(window, QAbstractButton, name)
    assert isinstance(found, QAbstractButton)
    return found
