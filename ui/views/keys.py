"""All keys of the window in one table. Esc is the panic key: it always goes away and never comes back by itself."""

from __future__ import annotations

from enum import Enum

from PySide6.QtGui import QKeySequence


class Keys(Enum):
    """What each key does, as text: Qt reads it only once there is an application. Ctrl is Command on a Mac."""

    LIVE = "Ctrl+L"
    AWAY = "Esc"
    AWAY_TOGGLE = "Ctrl+E"
    NEXT_AVATAR = "Ctrl+Right"
    PREVIOUS_AVATAR = "Ctrl+Left"
    ADD_PICTURE = "Ctrl+O"
    PASTE = "Ctrl+V"
    RECORD = "Ctrl+R"
    PAUSE = "Ctrl+P"
    SNAPSHOT = "Ctrl+S"
    CALIBRATE = "Ctrl+N"
    MIRROR = "Ctrl+Shift+M"
    POP_OUT = "Ctrl+D"
    VIRTUAL_CAMERA = "Ctrl+T"
    MUTE = "Ctrl+M"
    REFRESH = "F5"
    DOCTOR = "F1"
    KEYS = "Ctrl+K"
    QUIT = "Ctrl+Q"

    @property
    def sequence(self) -> QKeySequence:
        """As Qt needs it."""
        return QKeySequence(self.value)


PLACES = 9
"""The keys 1 to 9 show whoever is at that place of the gallery."""


class GalleryKeys(Enum):
    """Keys that work while the gallery has the keyboard."""

    RENAME = "F2"
    REMOVE = "Del"
    CUT = "F3"
    REFERENCES = "F4"
    EARLIER = "Alt+Left"
    LATER = "Alt+Right"

    @property
    def sequence(self) -> QKeySequence:
        """As Qt needs it."""
        return QKeySequence(self.value)


def written(key: Keys | GalleryKeys) -> str:
    """A key as this system writes it."""
    return key.sequence.toString(QKeySequence.SequenceFormat.NativeText)


def hint_with_key(hint: str, key: Keys) -> str:
    """A tool tip with `{key}` as this system writes it."""
    return hint.format(key=written(key))
