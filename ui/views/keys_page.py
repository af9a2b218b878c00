"""The list of keys, as a small window beside the main one."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ui import strings
from ui.views.controls import muted_label, section_title
from ui.views.keys import PLACES, GalleryKeys, Keys, written
from ui.views.pages import open_at, scrolled

SIZE = QSize(480, 720)


class KeysPage(QDialog):
    """What each key does, as this system writes them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(strings.KEYS_TITLE)
        list_of_keys = QWidget(self)
        self._rows = QGridLayout(list_of_keys)
        self._rows.setContentsMargins(16, 12, 16, 12)
        self._rows.setColumnStretch(0, 1)
        self._rows.setVerticalSpacing(6)
        places = (strings.KEYS_PLACES, strings.KEYS_PLACES_KEYS.format(last=PLACES))
        self._fill([(strings.KEY_NAMES[key.name], written(key)) for key in Keys] + [places])
        heading = section_title(strings.GALLERY_KEYS_TITLE, self)
        heading.setContentsMargins(0, 12, 0, 2)
        self._rows.addWidget(heading, self._rows.rowCount(), 0, 1, 2)
        self._fill((strings.GALLERY_KEY_NAMES[key.name], written(key)) for key in GalleryKeys)
        close = QPushButton(strings.KEYS_CLOSE, self)
        close.clicked.connect(self.close)
        body = QVBoxLayout(self)
        body.setContentsMargins(20, 18, 20, 16)
        body.setSpacing(14)
        body.addWidget(muted_label(strings.KEYS_HINT, self, wraps=True))
        body.addWidget(scrolled(list_of_keys, strings.KEYS_TITLE, self), 1)
        body.addWidget(close, alignment=Qt.AlignmentFlag.AlignRight)
        close.setDefault(True)
        close.setFocus()
        open_at(self, SIZE)

    def _fill(self, lines: Iterable[tuple[str, str]]) -> None:
        for name, key in lines:
            row = self._rows.rowCount()
            keys = QLabel(key, self)
            keys.setObjectName("key")
            self._rows.addWidget(QLabel(name, self), row, 0)
            self._rows.addWidget(keys, row, 1, alignment=Qt.AlignmentFlag.AlignRight)
