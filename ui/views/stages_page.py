"""The page that shows what the stages of the network decide: four small pictures with a sentence each."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent, QImage, QPixmap
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ui import strings
from ui.intents import HelpIntents
from ui.shown import Picture, StagesState
from ui.views.controls import muted_label, section_title
from ui.views.pages import open_at, scrolled

SIZE = QSize(500, 720)
SIDE_PX = 200
COLUMNS = 2


class StagesPage(QDialog):
    """A window of its own beside the main one; the network is asked only while it is open."""

    def __init__(self, intents: HelpIntents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._intents = intents
        self.setWindowTitle(strings.STAGES_TITLE)
        maps = QWidget(self)
        self._text, self._grid = muted_label("", self, wraps=True), QGridLayout(maps)
        self._grid.setContentsMargins(16, 14, 16, 14)
        self._grid.setHorizontalSpacing(24)
        self._pictures = [self._place(place, key) for place, key in enumerate(strings.STAGE_NAMES)]
        close = QPushButton(strings.STAGES_CLOSE, self)
        close.clicked.connect(self.close)
        body = QVBoxLayout(self)
        body.setContentsMargins(20, 18, 20, 16)
        body.setSpacing(12)
        body.addWidget(self._text)
        body.addWidget(scrolled(maps, strings.STAGES_TITLE, self), 1)
        body.addWidget(close, alignment=Qt.AlignmentFlag.AlignRight)
        open_at(self, SIZE)

    def show_state(self, state: StagesState) -> None:
        """Open the page, or bring it up to date."""
        self._text.setText(state.text)
        for label in self._pictures:
            label.clear()
        for label, stage in zip(self._pictures, state.pictures, strict=False):
            label.setPixmap(_pixmap(stage.picture, self.devicePixelRatioF()))
        self.show()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._intents.stages_closed()
        super().closeEvent(event)

    def reject(self) -> None:
        """Escape closes it like its button."""
        self._intents.stages_closed()
        super().reject()

    def _place(self, place: int, key: str) -> QLabel:
        row, column = divmod(place, COLUMNS)
        picture, hint = QLabel(self), muted_label(strings.STAGE_HINTS[key], self, wraps=True)
        picture.setFixedSize(SIDE_PX, SIDE_PX)
        picture.setObjectName("stage")
        picture.setAccessibleName(strings.STAGE_NAMES[key])
        hint.setFixedWidth(SIDE_PX)
        hint.setMinimumHeight(hint.heightForWidth(SIDE_PX))
        self._grid.addWidget(section_title(strings.STAGE_NAMES[key], self), 3 * row, column)
        self._grid.addWidget(picture, 3 * row + 1, column)
        self._grid.addWidget(hint, 3 * row + 2, column, alignment=Qt.AlignmentFlag.AlignTop)
        return picture


def _pixmap(picture: Picture, ratio: float) -> QPixmap:
    """Enlarged in blocks, so that each position of the map can be told."""
    h, w = picture.shape[:2]
    image = QImage(np.ascontiguousarray(picture).tobytes(), w, h, 3 * w, QImage.Format.Format_RGB888)
    side = round(SIDE_PX * ratio)
    made = QPixmap.fromImage(image.scaled(side, side))
    made.setDevicePixelRatio(ratio)
    return made
