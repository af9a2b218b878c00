"""Draws every screen and page of the window into PNGs: `python -m tests.ui.draw_screens FOLDER --size 1280x800`.

One look of all of them a run: theme, language, size of the screen in pixels, and its scale. A page is drawn over the
main window as it would lie on the screen; what is larger than the screen is cut off in the picture, and said. Fonts are
this machine's. It opens nothing: no camera, no sound, no network.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QWidget

TITLE_BAR_PX = 30
"""Of a window, in logical pixels, drawn by the system around it."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    width, height = (int(each) for each in options.size.split("x"))
    _have_a_screen(width, height, options.scale)
    from PySide6.QtCore import QSize

    from app.remembered import Language
    from tests.ui.screens import MAIN, PAGES, a_set
    from ui.language import speak
    from ui.qt_application import qt_application
    from ui.theme import DARK, LIGHT

    app = qt_application()
    speak(Language(options.language))
    theme = DARK if options.theme == "dark" else LIGHT
    room = QSize(int(width / options.scale), int(height / options.scale) - TITLE_BAR_PX)
    options.folder.mkdir(parents=True, exist_ok=True)
    for screen in (*MAIN, *PAGES):
        if options.only and not any(part in screen.__name__ for part in options.only):
            continue
        with a_set(room, theme) as a:
            screen(a)
            app.processEvents()
            app.processEvents()
            _composed(a.window, screen.__name__).save(str(options.folder / f"{screen.__name__}.png"))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", default="1280x800", help="of the screen, in pixels")
    parser.add_argument("--scale", type=float, default=1.0, help="of the system, 2 is 200 %%")
    parser.add_argument("--theme", choices=("dark", "light"), default="dark")
    parser.add_argument("--language", choices=("en", "de", "zh"), default="en")
    parser.add_argument("--only", nargs="*", default=(), help="parts of the names of screens")
    return parser.parse_args(arguments)


def _have_a_screen(width: int, height: int, scale: float) -> None:
    """Qt reads all of this once, before the application is made."""
    screen = {"name": "a screen", "x": 0, "y": 0, "width": width, "height": height}
    dots = {"logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as file:
        json.dump({"screens": [{**screen, **dots}]}, file)
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={file.name}"
    os.environ["QT_SCALE_FACTOR"] = f"{scale:g}"
    os.environ.setdefault("UNDERSTUDY_STATE", tempfile.mkdtemp(prefix="understudy-screens-"))


def _composed(window: QWidget, name: str) -> QImage:
    """The screen with the main window, and whatever lies over it in the middle."""
    from PySide6.QtCore import QPoint, QRect, Qt
    from PySide6.QtGui import QColor, QImage, QPainter
    from PySide6.QtWidgets import QApplication

    ratio = window.devicePixelRatioF()
    room = window.screen().availableGeometry().size()
    canvas = QImage(room * ratio, QImage.Format.Format_RGB32)
    canvas.setDevicePixelRatio(ratio)
    canvas.fill(QColor("#50586a"))
    painter = QPainter(canvas)
    painter.drawPixmap(QPoint(0, TITLE_BAR_PX), window.grab())
    if window.width() > room.width() or window.height() > room.height() - TITLE_BAR_PX:
        sys.stdout.write(f"{name}: the window takes {window.width()} x {window.height()}\n")
    for page in QApplication.topLevelWidgets():
        if page is window or not page.isVisible():
            continue
        place = QRect(QPoint(), page.size())
        place.moveLeft((room.width() - page.width()) // 2)
        place.moveTop(max(TITLE_BAR_PX, (room.height() - page.height() + TITLE_BAR_PX) // 2))
        painter.fillRect(canvas.rect(), QColor(0, 0, 0, 110))
        painter.fillRect(place.adjusted(-1, -TITLE_BAR_PX, 1, 1), Qt.GlobalColor.darkGray)
        painter.drawPixmap(place.topLeft(), page.grab())
        if page.width() > room.width() or page.height() > room.height() - TITLE_BAR_PX:
            sys.stdout.write(f"{name}: its page takes {page.width()} x {page.height()}\n")
    painter.end()
    return canvas


if __name__ == "__main__":
    raise SystemExit(main())
