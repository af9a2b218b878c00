"""What draws the picture, how good it shall be, and what keeps it from being better."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from app.governor.levels import QualityWish
from ui import strings
from ui.intents import LookIntents
from ui.shown import ModelLine, QualityLine
from ui.views.controls import enum_choice, muted_label, section_title


class QualityPanel(QWidget):
    """Shows a `ModelLine` and a `QualityLine`."""

    def __init__(self, intents: LookIntents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = QComboBox(self)
        self._model.setAccessibleName(strings.MODEL)
        self._model.setAccessibleDescription(strings.MODEL_HINT)
        self._model.setToolTip(strings.MODEL_HINT)
        self._model.activated.connect(lambda: intents.model_chosen(self._model.currentData()))
        self._models: ModelLine | None = None
        self._wish = enum_choice(strings.QUALITIES, QualityWish, strings.QUALITY, strings.QUALITY_HINT, self)
        self._wish.activated.connect(lambda: intents.quality_chosen(self._wish.currentData()))
        self._text: QLabel = muted_label("", self, wraps=True)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(6)
        body.addWidget(section_title(strings.MODEL, self))
        body.addWidget(self._model)
        body.addWidget(section_title(strings.QUALITY, self))
        body.addWidget(self._wish)
        body.addWidget(self._text)

    def show_models(self, line: ModelLine) -> None:
        """Set the list, which stays as it is while nothing in it changes: it may be open."""
        if line == self._models:
            return
        self._models = line
        self._model.clear()
        for entry in line.entries:
            self._model.addItem(entry.label, entry.name)
        self._model.setCurrentIndex(line.selected)

    def show_line(self, line: QualityLine) -> None:
        """Set choice and words."""
        self._wish.setCurrentIndex(self._wish.findData(line.wish))
        self._wish.setAccessibleDescription(line.text)
        self._text.setText(line.text)
