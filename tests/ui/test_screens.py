"""Every screen of the window on small screens: nothing is cut off, everything is named and can be reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from app.remembered import Language
from tests.ui.conftest import settle
from tests.ui.cut_off import cut_off
from tests.ui.screens import (
    MAIN,
    PAGES,
    Set,
    a_set,
    capture_approval,
    everything_open,
    several_problems,
    side_panel,
    stages,
)
from ui.language import speak
from ui.theme import DARK

SMALL = QSize(640, 370)
"""1280 x 800 pixels at a scale of 200 %, less the title bar."""

LAPTOP = QSize(1280, 770)

ROW_PX = 24
"""Controls side by side may differ so much in height."""

Screen = Callable[[Set], None]


def pages_of(window: QWidget) -> Iterator[QWidget]:
    """The main window, and what is open beside it."""
    return (each for each in QApplication.topLevelWidgets() if each.isVisible())


def faults(screen: Screen, size: QSize, app: QApplication) -> list[str]:
    """What cannot be read or reached on this screen."""
    found = []
    with a_set(size, DARK) as a:
        screen(a)
        app.processEvents()
        app.processEvents()
        for page in pages_of(a.window):
            page.resize(page.size().boundedTo(size))  # as on a screen of this size; no smaller than its contents
            app.processEvents()
            found += cut_off(page)
            if page.width() > size.width() or page.height() > size.height():
                found.append(f"{type(page).__name__} is as large as {page.width()} x {page.height()}")
    settle(app)
    return found


@pytest.mark.parametrize("screen", [*MAIN, *PAGES], ids=lambda each: each.__name__)
def test_nothing_is_cut_off_on_a_small_screen_at_200_percent(qt_app: QApplication, screen: Screen) -> None:
    speak(Language.GERMAN)

    assert faults(screen, SMALL, qt_app) == []


@pytest.mark.parametrize("language", [Language.ENGLISH, Language.CHINESE], ids=lambda each: each.value)
@pytest.mark.parametrize("screen", [everything_open, capture_approval, stages], ids=lambda each: each.__name__)
def test_nothing_is_cut_off_on_a_laptop(qt_app: QApplication, screen: Screen, language: Language) -> None:
    speak(language)

    assert faults(screen, LAPTOP, qt_app) == []


def test_what_is_cut_off_is_found(qt_app: QApplication) -> None:
    page = QWidget()
    page.resize(100, 100)
    long, tall, beyond = QLabel("a long line of words", page), QLabel("many words " * 20, page), QPushButton("B", page)
    long.setGeometry(0, 0, 60, 20)
    tall.setWordWrap(True)
    tall.setGeometry(0, 30, 100, 20)
    beyond.setGeometry(80, 60, 60, 30)
    page.show()

    found = cut_off(page)
    page.deleteLater()

    assert [text.split("'")[0] for text in found] == ["label ", "label ", "QPushButton "]
    assert found[2] == "QPushButton 'B' lies beyond the sides of QWidget ''"


def way_of_the_tab_key(window: QWidget, app: QApplication) -> list[QWidget]:
    """Every control in the order the Tab key comes to it, once around."""
    window.activateWindow()
    seen: list[QWidget] = []
    while (now := app.focusWidget()) is not None and now not in seen:
        seen.append(now)
        QTest.keyClick(now, Qt.Key.Key_Tab)
    return seen


def where(control: QWidget, window: QWidget) -> tuple[bool, int]:
    """In the side panel or not, and how far down."""
    panel = window.findChild(QWidget, "sidePanelBody")
    assert isinstance(panel, QWidget)
    inside = panel.isAncestorOf(control)
    return inside, control.mapTo(panel if inside else window, QPoint(0, control.height() // 2)).y()


@pytest.mark.parametrize(
    ("screen", "size"), [(everything_open, LAPTOP), (side_panel, SMALL), (several_problems, SMALL)]
)
def test_the_tab_key_goes_down_the_picture_and_then_down_the_side(
    qt_app: QApplication, screen: Screen, size: QSize
) -> None:
    with a_set(size, DARK) as a:
        screen(a)
        qt_app.processEvents()
        way = [where(control, a.window) for control in way_of_the_tab_key(a.window, qt_app)]
    settle(qt_app)

    back = [(before, after) for before, after in pairwise((*way, way[0])) if (after[0], after[1] + ROW_PX) < before]
    assert len(way) >= 8
    assert len(back) == 1, back  # from the end to the beginning
