"""The one clock: monotonic nanoseconds. Passed in, so that tests can use a clock that never sleeps."""

from __future__ import annotations

import threading
import time
from typing import Protocol

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000


class Clock(Protocol):
    """Where time comes from and how to wait for it."""

    def now_ns(self) -> int:
        """Monotonic nanoseconds."""
        ...

    def wait_until_ns(self, deadline_ns: int, wake: threading.Event) -> bool:
        """Wait for the deadline; True if `wake` was set first."""
        ...


class SystemClock:
    """The machine's monotonic clock."""

    def now_ns(self) -> int:
        return time.monotonic_ns()

    def wait_until_ns(self, deadline_ns: int, wake: threading.Event) -> bool:
        remaining_s = (deadline_ns - time.monotonic_ns()) / NS_PER_S
        if remaining_s <= 0:
            return wake.is_set()
        return wake.wait(remaining_s)
