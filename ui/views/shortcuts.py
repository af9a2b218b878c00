"""Hangs the keys of the window on it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from ui.protocols import Intents
from ui.views.keys import PLACES, Keys


def add_window_keys(window: QWidget, intents: Intents, sends: Callable[[], bool], paste: Callable[[], None]) -> None:
    """Each key is one wish, wherever in the window the keyboard is. sends: whether the virtual camera is on."""
    outputs, looks = intents.outputs, intents.looks
    wishes: tuple[tuple[Keys, Callable[[], None]], ...] = (
        (Keys.LIVE, outputs.live_toggled),
        (Keys.NEXT_AVATAR, lambda: intents.gallery.next_wanted(1)),
        (Keys.PREVIOUS_AVATAR, lambda: intents.gallery.next_wanted(-1)),
        (Keys.ADD_PICTURE, intents.portraits.add_picture),
        (Keys.PASTE, paste),
        (Keys.RECORD, outputs.record_toggled),
        (Keys.PAUSE, outputs.pause_toggled),
        (Keys.SNAPSHOT, outputs.snapshot_wanted),
        (Keys.CALIBRATE, outputs.calibrate),
        (Keys.AWAY_TOGGLE, outputs.away_toggled),
        (Keys.AWAY, lambda: outputs.away_wanted(True)),
        (Keys.MIRROR, looks.mirror_toggled),
        (Keys.POP_OUT, looks.pop_out_toggled),
        (Keys.VIRTUAL_CAMERA, lambda: outputs.virtual_camera_wanted(not sends())),
        (Keys.REFRESH, lambda: _look_again(intents)),
        (Keys.MUTE, intents.sound.mute_toggled),
        (Keys.DOCTOR, intents.doctor.doctor_wanted),
        (Keys.KEYS, intents.help.keys_wanted),
        (Keys.QUIT, lambda: _close(window)),
    )
    for key, wish in wishes:
        _add(window, key.sequence, wish)
    for place in range(PLACES):
        _add(window, QKeySequence(str(place + 1)), lambda place=place: intents.gallery.place_chosen(place))  # type: ignore[misc]


def _look_again(intents: Intents) -> None:
    intents.cameras.cameras_wanted()
    intents.sound.sounds_wanted()


def _close(window: QWidget) -> None:
    window.close()


def _add(window: QWidget, sequence: QKeySequence, wish: Callable[[], None]) -> None:
    action = QAction(window)
    action.setShortcut(sequence)
    action.triggered.connect(lambda _checked=False: wish())
    window.addAction(action)
