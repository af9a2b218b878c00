"""The big switch: whether others see the portrait."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui import strings
from ui.intents import OutputIntents
from ui.shown import LiveLine
from ui.theme import Theme
from ui.views.controls import Switch, muted_label, set_object_name
from ui.views.keys import Keys, hint_with_key

BIG = 1.5


class LivePanel(QWidget):
    """Shows a `LiveLine`."""

    def __init__(self, intents: OutputIntents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._switch = Switch(strings.LIVE, self, BIG)
        self._switch.setToolTip(hint_with_key(strings.LIVE_HINT, Keys.LIVE))
        self._switch.clicked.connect(lambda checked: intents.live_wanted(checked))
        self._title, self._text = QLabel(self), muted_label("", self, wraps=True)
        self._title.setObjectName("liveTitle")
        font = self._title.font()
        font.setPointSizeF(font.pointSizeF() * 1.4)
        self._title.setFont(font)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._switch)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(2)
        body.addLayout(head)
        body.addWidget(self._text)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._switch.apply_theme(theme)

    def show_line(self, line: LiveLine) -> None:
        """Set switch and words."""
        self._switch.setChecked(line.live)
        self._switch.setAccessibleDescription(line.text)
        self._title.setText(strings.LIVE_ON if line.live else strings.LIVE)
        self._text.setText(line.text)
        set_object_name(self._text, "trouble" if line.trouble else "muted")
