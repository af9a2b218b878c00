"""Wait for something another process does, with a limit; for everything in this process use events."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_NEVER = threading.Event()


def pause(seconds: float) -> None:
    """Let time pass where time itself is the subject of the test (a rate, a time-out of another process)."""
    _NEVER.wait(seconds)


def wait_for(condition: Callable[[], bool], what: str, timeout_s: float = 10.0) -> None:
    """Return as soon as `condition` holds; fail with `what` was waited for otherwise."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"{what}: did not happen within {timeout_s:g} s"
        _NEVER.wait(0.01)
