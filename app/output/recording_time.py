"""When something belongs in a recording: the one clock without the pauses, the same for pictures and for sound.

Both tracks ask by the time at which a frame was rendered or a sample was heard, never by the time at which it is
written: a late writer then cuts at the same moment as a quick one, and the tracks cannot drift apart at a pause.
"""

from __future__ import annotations

import threading


class RecordingTime:
    """Maps monotonic nanoseconds to nanoseconds since the recording's first frame. For any thread.

    It outlives recordings: `restart` begins the next one, `begin` says which frame is its first.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()  # protects everything below
        self._start_ns: int | None = None
        self._pauses: list[tuple[int, int]] = []  # those that are over: first and last nanosecond + 1
        self._paused_ns: int | None = None  # since when

    @property
    def paused(self) -> bool:
        """Whether nothing is recorded now."""
        with self._lock:
            return self._paused_ns is not None

    def pause(self, t_ns: int) -> None:
        """What happens from `t_ns` on is left out; nothing where it is already."""
        with self._lock:
            if self._paused_ns is None:
                self._paused_ns = t_ns

    def resume(self, t_ns: int) -> None:
        """What happens from `t_ns` on belongs to the recording again."""
        with self._lock:
            if self._paused_ns is not None and t_ns > self._paused_ns:
                self._pauses.append((self._paused_ns, t_ns))
            self._paused_ns = None

    def restart(self) -> None:
        """Another recording: its first frame is yet to come. A pause that lasts goes on lasting."""
        with self._lock:
            self._start_ns = None
            self._pauses.clear()

    def begin(self, t_ns: int) -> None:
        """A frame of that time may be the first; nothing where there is one, or in a pause."""
        with self._lock:
            if self._start_ns is None and not self._left_out(t_ns):
                self._start_ns = t_ns

    def file_ns(self, t_ns: int) -> int | None:
        """Time in the recording; None before its first frame and in a pause."""
        with self._lock:
            start_ns = self._start_ns
            if start_ns is None or t_ns < start_ns or self._left_out(t_ns):
                return None
            paused_ns = sum(min(end, t_ns) - max(begin, start_ns) for begin, end in self._over(start_ns, t_ns))
            return t_ns - start_ns - paused_ns

    def _over(self, start_ns: int, t_ns: int) -> list[tuple[int, int]]:
        return [pause for pause in self._pauses if pause[1] > start_ns and pause[0] < t_ns]

    def _left_out(self, t_ns: int) -> bool:
        if self._paused_ns is not None and t_ns >= self._paused_ns:
            return True
        return any(begin <= t_ns < end for begin, end in self._pauses)
