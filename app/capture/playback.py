"""Where a file that plays as the camera is, so that its sound can be played with its pictures."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class PlayedLoop:
    """The picture stamped `stamp_ns` in the file is due at `t_due_ns`; what follows it follows at the file's pace.

    number: counts the loops, and the times at which playing went on late.
    """

    path: Path
    number: int
    stamp_ns: int
    t_due_ns: int


class Playback:
    """The newest loop. Written by the capture thread, read by the sound thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # protects the one below
        self._loop: PlayedLoop | None = None

    def tell(self, path: Path, stamp_ns: int, t_due_ns: int) -> None:
        """Another loop began, or playing went on late."""
        with self._lock:
            number = self._loop.number + 1 if self._loop is not None else 0
            self._loop = PlayedLoop(path, number, stamp_ns, t_due_ns)

    def loop_of(self, path: Path) -> PlayedLoop | None:
        """The newest loop of this file; None while it does not play."""
        with self._lock:
            loop = self._loop
        return loop if loop is not None and loop.path == path else None
