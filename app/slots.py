"""The hand-off between two threads: one item, latest wins."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Closed(Exception):
    """The slot was closed: the stream it carried has ended."""


class LatestSlot(Generic[T]):
    """Holds at most one item; putting a second replaces the unread first and counts it.

    `put` never waits, so a slow consumer cannot slow the camera down. `get` waits for an item, for `close`, or
    for the timeout. Closing throws the unread item away: on shutdown a stale frame is worth nothing.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._changed = threading.Condition()  # protects everything below
        self._item: T | None = None
        self._closed = False
        self._replaced = 0

    @property
    def replaced(self) -> int:
        """How many items nobody read."""
        with self._changed:
            return self._replaced

    def put(self, item: T) -> None:
        """Offer `item`.

        Raises:
            Closed: after `close`.
        """
        with self._changed:
            if self._closed:
                raise Closed(self.name)
            if self._item is not None:
                self._replaced += 1
            self._item = item
            self._changed.notify()

    def get(self, timeout_s: float | None = None) -> T:
        """Wait for an item and take it.

        Raises:
            Closed: once the slot is closed.
            TimeoutError: nothing came within `timeout_s`.
        """
        with self._changed:
            if not self._changed.wait_for(self._has_news, timeout_s):
                raise TimeoutError(f"nothing arrived in slot {self.name!r} within {timeout_s} s")
            if self._closed:
                raise Closed(self.name)
            item, self._item = self._item, None
        assert item is not None  # _has_news and not _closed
        return item

    def take(self) -> T | None:
        """The unread item or None, at once; for the GUI thread and for settings."""
        with self._changed:
            item, self._item = self._item, None
        return item

    def close(self) -> None:
        """Wake both sides; idempotent, callable from any thread."""
        with self._changed:
            self._closed, self._item = True, None
            self._changed.notify_all()

    def _has_news(self) -> bool:
        return self._closed or self._item is not None
