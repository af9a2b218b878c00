"""A clock that never sleeps: waiting moves it."""

from __future__ import annotations

import threading

from app.clock import NS_PER_S


class FakeClock:
    """Time passes when it is waited for or told to; `waits_s` lists how long each wait was."""

    def __init__(self, now_s: float = 1000.0) -> None:
        self._now_ns = int(now_s * NS_PER_S)
        self.waits_s: list[float] = []

    def now_ns(self) -> int:
        return self._now_ns

    def advance(self, seconds: float) -> None:
        self._now_ns += round(seconds * NS_PER_S)

    def wait_until_ns(self, deadline_ns: int, wake: threading.Event) -> bool:
        if wake.is_set():
            return True
        if deadline_ns > self._now_ns:
            self.waits_s.append((deadline_ns - self._now_ns) / NS_PER_S)
            self._now_ns = deadline_ns
        return False
