"""All keys of the window in one table. Esc is the panic key: it always goes away and never comes back by itself."""

from __future__ import annotations

from enum import Enum

from PySide6.QtGui import QKeySequence


class Keys(Enum):
    """What each key does, as text: Qt reads it only once there is an application. Ctrl is Command on a Mac."""

    ADD_PICTURE = "Ctrl+O"
    PASTE = "Ctrl+V"
    RECORD = "Ctrl+R"
    PAUSE = "Ctrl+P"
    SNAPSHOT = "Ctrl+S"
    CALIBRATE = "Ctrl+N"
    AWAY_TOGGLE = "Ctrl+E"
    AWAY = "Esc"
    MIRROR = "Ctrl+Shift+M"
    VIRTUAL_CAMERA = "Ctrl+T"
    MUTE = "Ctrl+M"
    REFRESH = "F5"
    DOCTOR = "F1"
    QUIT = "Ctrl+Q"

    @property
    def sequence(self) -> QKeySequence:
        """As Qt needs it."""
        return QKeySequence(self.value)


def hint_with_key(hint: str, key: Keys) -> str:
    """A tool tip with `{key}` as this system writes it."""
    return hint.format(key=key.sequence.toString(QKeySequence.SequenceFormat.NativeText))
