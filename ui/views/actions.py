"""The row of buttons: record, pause, snapshot, neutral face, away, mirror, picture in a window of its own."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from ui import strings
from ui.icons import icon
from ui.intents import LookIntents, OutputIntents
from ui.theme import LIGHT, Theme
from ui.views.controls import set_object_name, spaced
from ui.views.keys import Keys, hint_with_key

ICON_BUTTON_PX = 40
"""Of a button without words."""

AROUND_WORDS_PX = 52
"""Of a button beside its words: the icon, the gap after it, and the edges."""

SPACING_PX = 6
WIDEST = 16777215
"""Qt's word for any width."""


class ActionRow(QWidget):
    """Buttons for what is done during a call; every one has a key as well."""

    def __init__(self, outputs: OutputIntents, looks: LookIntents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._away = LIGHT, False
        self._length: str | None = None
        self._paused = False
        self._record = QPushButton(self)
        self._pause, self._snapshot = QPushButton(self), QPushButton(self)
        self._neutral = QPushButton(self)
        self._leave = QPushButton(self)
        self._mirror, self._pop_out = QPushButton(self), QPushButton(self)
        for button in (self._mirror, self._pop_out):
            button.setCheckable(True)
        self._record.clicked.connect(lambda: outputs.record_toggled())
        self._pause.clicked.connect(lambda: outputs.pause_toggled())
        self._snapshot.clicked.connect(lambda: outputs.snapshot_wanted())
        self._neutral.clicked.connect(lambda: outputs.calibrate())
        self._leave.clicked.connect(lambda: outputs.away_toggled())
        self._mirror.clicked.connect(lambda checked: looks.mirror_wanted(checked))
        self._pop_out.clicked.connect(lambda: looks.pop_out_toggled())
        self._set_hint(self._pop_out, strings.POP_OUT_HINT, Keys.POP_OUT)
        self._set_hint(self._record, strings.RECORD_HINT, Keys.RECORD)
        self._set_hint(self._snapshot, strings.SNAPSHOT_HINT, Keys.SNAPSHOT)
        self._set_hint(self._neutral, strings.CALIBRATE_HINT, Keys.CALIBRATE)
        self._set_hint(self._leave, strings.AWAY_HINT, Keys.AWAY_TOGGLE)
        self._set_hint(self._mirror, strings.MIRROR_HINT, Keys.MIRROR)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING_PX)
        for button, name in (
            (self._record, strings.RECORD),
            (self._pause, strings.PAUSE),
            (self._snapshot, strings.SNAPSHOT),
            (self._neutral, strings.CALIBRATE),
            (self._leave, strings.AWAY),
            (self._mirror, strings.MIRROR),
            (self._pop_out, strings.POP_OUT),
        ):
            button.setAccessibleName(name)
            button.setIconSize(QSize(18, 18))
        for button in (self._pause, self._snapshot, self._mirror, self._pop_out):
            button.setFixedWidth(ICON_BUTTON_PX)
        for button in (self._record, self._pause, self._snapshot, self._neutral, self._leave):
            layout.addWidget(button)
        layout.addStretch(1)
        layout.addWidget(self._mirror)
        layout.addWidget(self._pop_out)

    def minimumSizeHint(self) -> QSize:
        """Where there is little room, words go that the icon says too."""
        return QSize(self._width(self._words(roomy=False)), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._find_room()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._neutral.setIcon(icon("neutral", theme.text))
        self._mirror.setIcon(icon("mirror", theme.text))
        self._pop_out.setIcon(icon("popout", theme.text))
        self._snapshot.setIcon(icon("snapshot", theme.text))
        self._dress()

    def show_recording(self, length: str | None) -> None:
        """None: not recording."""
        if length != self._length:
            self._length = length
            self._dress()

    def show_paused(self, paused: bool) -> None:
        """Offer to pause, or to go on."""
        if paused != self._paused:
            self._paused = paused
            self._dress()

    def show_away(self, away: bool) -> None:
        """Offer to go, or to come back."""
        self._away = away
        self._dress()

    def show_mirror(self, mirror: bool) -> None:
        """Set the button."""
        self._mirror.setChecked(mirror)

    def show_pop_out(self, is_open: bool) -> None:
        """Set the button."""
        self._pop_out.setChecked(is_open)

    def _dress(self) -> None:
        recording = self._length is not None
        self._record.setIcon(icon("stop" if recording else "record", self._theme.danger))
        set_object_name(self._record, "recording" if recording else "")
        self._pause.setVisible(recording)
        self._pause.setIcon(icon("resume" if self._paused else "pause", self._theme.text))
        self._set_hint(self._pause, strings.RESUME_HINT if self._paused else strings.PAUSE_HINT, Keys.PAUSE)
        colour = self._theme.window if self._away else self._theme.text
        self._leave.setIcon(icon("back" if self._away else "away", colour))
        self._set_hint(self._leave, strings.BACK_HINT if self._away else strings.AWAY_HINT, Keys.AWAY_TOGGLE)
        set_object_name(self._leave, "gone" if self._away else "")
        self._find_room()

    def _words(self, *, roomy: bool) -> dict[QPushButton, str]:
        """What is written on the buttons that have words: little room leaves what goes on now."""
        length, back = self._length, strings.BACK if self._away else ""
        stop = "" if length is None else strings.RECORD_STOP.format(length=length)
        return {
            self._record: stop or (strings.RECORD if roomy else ""),
            self._neutral: strings.CALIBRATE if roomy else "",
            self._leave: back or (strings.AWAY if roomy else ""),
        }

    def _width(self, words: Mapping[QPushButton, str]) -> int:
        """Of all buttons that are shown now, with these words on them."""
        icons = 3 + (self._length is not None) + sum(1 for text in words.values() if not text)
        texts = [
            button.fontMetrics().horizontalAdvance(text) + AROUND_WORDS_PX for button, text in words.items() if text
        ]
        return sum(texts) + ICON_BUTTON_PX * icons + SPACING_PX * (icons + len(texts))

    def _find_room(self) -> None:
        words = self._words(roomy=True)
        if self._width(words) > self.width():
            words = self._words(roomy=False)
        for button, text in words.items():
            button.setText(spaced(text) if text else "")
            button.setMinimumWidth(0 if text else ICON_BUTTON_PX)
            button.setMaximumWidth(WIDEST if text else ICON_BUTTON_PX)
        self.updateGeometry()

    def _set_hint(self, button: QPushButton, hint: str, key: Keys) -> None:
        button.setToolTip(hint_with_key(hint, key))
