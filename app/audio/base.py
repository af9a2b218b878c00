"""How the rest of the program hears the microphone."""

from __future__ import annotations

import threading
from typing import Protocol

from app.packets import AudioBlock

RATE = 48_000
"""Samples a second of every block, whatever the device gives."""


class AudioListener(Protocol):
    """Is told of every block, on the sound thread (never PortAudio's own): returns within a few milliseconds.

    Blocks hold 10 to 20 ms at `RATE`, one or two channels, at the microphone's own time: nothing is delayed yet. While
    the microphone is muted they are silent; while there is none, none come.
    """

    def __call__(self, block: AudioBlock, /) -> None: ...


class AudioFanOut:
    """Gives every block to every listener; one that is gone is left out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # protects the mapping
        self._listeners: dict[str, AudioListener] = {}

    def connect(self, name: str, listen: AudioListener | None) -> None:
        """From now on `listen` is told, in place of the last one of this name; None takes it away."""
        with self._lock:
            if listen is None:
                self._listeners.pop(name, None)
            else:
                self._listeners[name] = listen

    def publish(self, block: AudioBlock) -> None:
        """Tell everyone."""
        with self._lock:
            listeners = tuple(self._listeners.values())
        for listen in listeners:
            listen(block)
