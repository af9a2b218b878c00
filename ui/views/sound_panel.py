"""The microphone with its meter, and the two places its sound can go to."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui import strings
from ui.intents import SoundIntents
from ui.shown import SoundChoice, SoundLine, SoundLists
from ui.theme import LIGHT, Theme
from ui.views.controls import section_title, set_object_name
from ui.views.keys import Keys, hint_with_key

LABEL_PX = 145
"""Room for a device's name in the side panel, whose width is fixed."""

LOUD = 0.95
"""From this part of the meter on the sound is about to be cut off: 3 dB below full scale."""


class LevelMeter(QWidget):
    """A bar as long as the sound is loud, with a mark at its peak."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._level, self._peak = LIGHT, 0.0, 0.0
        self.setAccessibleName(strings.SOUND_LEVEL)
        self.setToolTip(strings.SOUND_LEVEL_HINT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def show_level(self, level: float, peak: float) -> None:
        """Set both, from 0 to 1."""
        if (level, peak) != (self._level, self._peak):
            self._level, self._peak = level, peak
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, 10)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.border))
        whole = QRectF(0, 2, self.width(), 6)
        painter.drawRoundedRect(whole, 3, 3)
        painter.setBrush(QColor(self._theme.danger if self._peak >= LOUD else self._theme.live))
        painter.drawRoundedRect(QRectF(0, 2, whole.width() * self._level, 6), 3, 3)
        if self._peak > 0:
            painter.drawRect(QRectF(max(0.0, whole.width() * self._peak - 2), 1, 2, 8))
        painter.end()


class SoundPanel(QWidget):
    """Three lists, a mute button, the meter and one line of words."""

    def __init__(self, intents: SoundIntents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._microphone = self._list(strings.MICROPHONE, strings.MICROPHONE_HINT)
        self._output = self._list(strings.SOUND_OUTPUT, strings.SOUND_OUTPUT_HINT)
        self._monitor = self._list(strings.SOUND_MONITOR, strings.SOUND_MONITOR_HINT)
        self._microphone.activated.connect(lambda row: intents.microphone_chosen(row))
        self._output.activated.connect(lambda row: intents.output_chosen(row))
        self._monitor.activated.connect(lambda row: intents.monitor_chosen(row))
        self._mute = QPushButton(strings.MUTE, self)
        self._mute.setCheckable(True)
        self._mute.setToolTip(hint_with_key(strings.MUTE_HINT, Keys.MUTE))
        self._mute.clicked.connect(lambda checked: intents.muted_wanted(checked))
        self._meter, self._text = LevelMeter(self), QLabel(self)
        self._text.setWordWrap(True)
        self._lay_out()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._meter.apply_theme(theme)

    def show_devices(self, lists: SoundLists) -> None:
        """Set the lists; an open one is left alone until it closes."""
        for combo, choice in (
            (self._microphone, lists.microphone),
            (self._output, lists.output),
            (self._monitor, lists.monitor),
        ):
            if not combo.view().isVisible():
                self._fill(combo, choice)

    def show_line(self, line: SoundLine) -> None:
        """Set meter, button and words."""
        self._meter.show_level(line.level, line.peak)
        self._mute.setEnabled(line.on)
        self._mute.setChecked(line.muted)
        self._mute.setText(strings.UNMUTE if line.muted else strings.MUTE)
        for combo in (self._output, self._monitor):
            combo.setEnabled(line.on)
        self._text.setText(line.text)
        set_object_name(self._text, "trouble" if line.trouble else "muted")

    def _fill(self, combo: QComboBox, choice: SoundChoice) -> None:
        combo.clear()
        for place, label in enumerate(choice.labels):
            combo.addItem(combo.fontMetrics().elidedText(label, Qt.TextElideMode.ElideMiddle, LABEL_PX))
            combo.setItemData(place, label, Qt.ItemDataRole.ToolTipRole)
        combo.setCurrentIndex(choice.selected)

    def _list(self, name: str, hint: str) -> QComboBox:
        combo = QComboBox(self)
        combo.setAccessibleName(name)
        combo.setToolTip(hint)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(8)
        return combo

    def _lay_out(self) -> None:
        first, places, body = QHBoxLayout(), QGridLayout(), QVBoxLayout(self)
        first.setSpacing(6)
        first.addWidget(self._microphone, 1)
        first.addWidget(self._mute)
        places.setContentsMargins(0, 0, 0, 0)
        places.setColumnStretch(1, 1)
        rows = ((strings.SOUND_OUTPUT, self._output), (strings.SOUND_MONITOR, self._monitor))
        for row, (name, combo) in enumerate(rows):
            label = QLabel(name, self)
            label.setBuddy(combo)
            places.addWidget(label, row, 0)
            places.addWidget(combo, row, 1)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(8)
        body.addWidget(section_title(strings.MICROPHONE, self))
        body.addLayout(first)
        body.addWidget(self._meter)
        body.addLayout(places)
        body.addWidget(self._text)
