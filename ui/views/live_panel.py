"""The big switch: whether others see the portrait."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ui import strings
from ui.intents import OutputIntents
from ui.shown import LiveLine
from ui.theme import Theme
from ui.views.controls import Switch, muted_label, set_object_name, switch_row
from ui.views.keys import Keys, hint_with_key

BIG, LARGER = 1.5, 1.4
"""The switch, and the letters of its title, at the head of the side panel."""


class LivePanel(QWidget):
    """Shows a `LiveLine`: at the head of the side panel, or slim, in one row with other things."""

    def __init__(self, intents: OutputIntents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line, self._slim = LiveLine(False, ""), False
        self.switch = Switch(strings.LIVE, self, BIG)
        self.switch.setToolTip(hint_with_key(strings.LIVE_HINT, Keys.LIVE))
        self.switch.clicked.connect(lambda checked: intents.live_wanted(checked))
        self._title, self._text = QLabel(self), muted_label("", self, wraps=True)
        self._usual = self._title.font()
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(2)
        body.addLayout(switch_row(self._title, self.switch))
        body.addWidget(self._text)
        self._dress()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.switch.apply_theme(theme)

    def set_slim(self, slim: bool) -> None:
        """Take one row only: what else is said is in the tool tip then."""
        if slim != self._slim:
            self._slim = slim
            self.switch.set_scale(1.0 if slim else BIG)
            self._dress()

    def show_line(self, line: LiveLine) -> None:
        """Set switch and words."""
        self._line = line
        self.switch.setChecked(line.live)
        self.switch.setAccessibleDescription(line.text)
        self._text.setText(line.text)
        self._dress()

    def _dress(self) -> None:
        line = self._line
        self._title.setText(strings.LIVE_ON if line.live and not line.trouble else strings.LIVE)
        self._title.setToolTip(line.text if self._slim else "")
        set_object_name(self._title, "liveTrouble" if self._slim and line.trouble else "liveTitle")
        font = self._title.font()  # after its new name, which brings an earlier one back
        font.setPointSizeF(self._usual.pointSizeF() * (1.0 if self._slim else LARGER))
        self._title.setFont(font)
        self._text.setVisible(not self._slim)
        set_object_name(self._text, "trouble" if line.trouble else "muted")
