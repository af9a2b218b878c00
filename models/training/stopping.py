"""Ending and pausing a run from outside: Ctrl-C, SIGTERM, and a file that makes it wait."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

PAUSE_VARIABLE = "UNDERSTUDY_TRAIN_PAUSE"
PAUSE_POLL_S = 0.2


class StopRequest:
    """Turns the first Ctrl-C or SIGTERM inside the `with` into a wish; the second Ctrl-C interrupts at once.

    Outside the main thread signals cannot be caught; then only `ask` asks.
    """

    def __init__(self) -> None:
        self.asked = False
        self._before: dict[signal.Signals, Callable[[int, FrameType | None], object] | int | None] = {}

    def ask(self) -> None:
        """Wish for an end."""
        self.asked = True

    def __enter__(self) -> StopRequest:
        for name in (signal.SIGINT, signal.SIGTERM):
            try:
                self._before[name] = signal.signal(name, self._on_signal)
            except ValueError:  # not the main thread
                break
        return self

    def __exit__(self, *_: object) -> None:
        for name, before in self._before.items():
            signal.signal(name, before)
        self._before.clear()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.asked = True


class Stopwatch:
    """Time spent training: pauses do not count, and a resumed run counts on.

    While the file named by UNDERSTUDY_TRAIN_PAUSE exists, `wait_while_paused` does not return; measurements beside
    a long run use it.
    """

    def __init__(self, already_s: float = 0.0) -> None:
        self._begun_s = time.monotonic() - already_s

    @property
    def elapsed_s(self) -> float:
        """Seconds spent."""
        return time.monotonic() - self._begun_s

    def wait_while_paused(self, stop: StopRequest) -> None:
        """Sleep while the file is there and nobody wants an end."""
        named = os.environ.get(PAUSE_VARIABLE)
        if not named or not Path(named).exists():
            return
        since = time.monotonic()
        while Path(named).exists() and not stop.asked:
            time.sleep(PAUSE_POLL_S)
        self._begun_s += time.monotonic() - since
