"""Which language the window speaks."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.remembered import Language
from ui import strings
from ui.intents import HelpIntents
from ui.views.controls import enum_choice, section_title


class LanguagePanel(QWidget):
    """One list."""

    def __init__(self, intents: HelpIntents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choice = enum_choice(strings.LANGUAGES, Language, strings.LANGUAGE, strings.LANGUAGE_HINT, self)
        self._choice.activated.connect(lambda: intents.language_chosen(self._choice.currentData()))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(section_title(strings.LANGUAGE, self))
        row.addWidget(self._choice, 1)

    def show_language(self, language: Language) -> None:
        """Set the list."""
        self._choice.setCurrentIndex(self._choice.findData(language))
