"""Hangs the keys of the window on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from ui.intents import GalleryIntents
from ui.views.keys import PLACES, Keys


def add_shortcuts(window: QWidget, wishes: Iterable[tuple[Keys, Callable[[], None]]]) -> None:
    """Each key is one wish, wherever in the window the keyboard is."""
    for key, wish in wishes:
        _add(window, key.sequence, wish)


def add_place_keys(window: QWidget, gallery: GalleryIntents) -> None:
    """The digits show whoever is at that place of the gallery."""
    for place in range(PLACES):
        _add(window, QKeySequence(str(place + 1)), lambda place=place: gallery.place_chosen(place))  # type: ignore[misc]


def _add(window: QWidget, sequence: QKeySequence, wish: Callable[[], None]) -> None:
    action = QAction(window)
    action.setShortcut(sequence)
    action.triggered.connect(lambda _checked=False: wish())
    window.addAction(action)
