"""The one application object of Qt, set up the same way for every window of this program."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from ui import strings
from ui.icons import app_icon


def qt_application() -> QApplication:
    """The application object; made at the first call."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication([strings.APP_NAME])
    app.setApplicationName(strings.APP_NAME)
    app.setApplicationDisplayName(strings.APP_NAME)
    app.setDesktopFileName("understudy")
    app.setStyle("Fusion")
    app.setWindowIcon(app_icon())
    app.setAttribute(Qt.ApplicationAttribute.AA_DontShowIconsInMenus, False)
    app.setQuitOnLastWindowClosed(False)  # the main window ends the program, dialogs or not
    return app
