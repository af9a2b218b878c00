"""Buttons at the end of the side panel: pages of their own that are needed now and then."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ui import strings
from ui.protocols import Intents
from ui.views.keys import Keys, hint_with_key


class ToolsPanel(QWidget):
    """Each button opens one page."""

    def __init__(self, intents: Intents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(8)
        self._add(strings.CAPTURE, strings.CAPTURE_BUTTON_HINT, intents.captures.capture_wanted)
        self._add(strings.CLIPS, strings.CLIPS_HINT, intents.clips.clips_wanted)
        self._add(strings.STAGES, strings.STAGES_HINT, intents.help.stages_wanted)
        self._add(strings.DOCTOR, hint_with_key(strings.DOCTOR_HINT, Keys.DOCTOR), intents.doctor.doctor_wanted)
        self._add(strings.GUIDE, strings.GUIDE_HINT, intents.help.guide_wanted)
        self._add(strings.KEYS, hint_with_key(strings.KEYS_BUTTON_HINT, Keys.KEYS), intents.help.keys_wanted)

    def _add(self, text: str, hint: str, wish: Callable[[], None]) -> None:
        button = QPushButton(text, self)
        button.setToolTip(hint)
        button.clicked.connect(lambda: wish())
        self._body.addWidget(button)
