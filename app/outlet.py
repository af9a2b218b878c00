"""The producer's end of a hand-off: stays the same while consumers are stopped, replaced and restarted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from app.output.base import require_rendered
from app.packets import RenderedFrame
from app.slots import Closed, LatestSlot

T = TypeVar("T")


class Outlet(LatestSlot[T]):
    """Passes items on to the inbox of whichever consumer is there; without one they are dropped.

    A stage that stops closes its inbox, which must end neither its producer nor its successor.
    `on_put` is told of every item, on the producer's thread.
    """

    def __init__(self, name: str, on_put: Callable[[T], None] | None = None) -> None:
        super().__init__(name)
        self._on_put = on_put
        self._lock = threading.Lock()  # protects the two below
        self._inbox: LatestSlot[T] | None = None
        self._replaced_before = 0

    @property
    def replaced(self) -> int:
        """Items that no consumer read, over all consumers."""
        with self._lock:
            return self._replaced_before + (self._inbox.replaced if self._inbox else 0)

    def connect(self, inbox: LatestSlot[T] | None) -> None:
        """From now on items go to `inbox`."""
        with self._lock:
            if self._inbox is not None:
                self._replaced_before += self._inbox.replaced
            self._inbox = inbox

    def put(self, item: T) -> None:
        """Pass `item` on; never waits and never fails."""
        if self._on_put is not None:
            self._on_put(item)
        with self._lock:
            inbox = self._inbox
        if inbox is not None:
            offer(inbox, item)


class FanOut:
    """Gives every finished frame to every sink, each through a slot of its own; one that is gone is left out."""

    def __init__(self, on_put: Callable[[RenderedFrame], None]) -> None:
        self._on_put = on_put
        self._outlets: dict[str, Outlet[RenderedFrame]] = {}
        self._lock = threading.Lock()  # protects the mapping

    def connect(self, name: str, inbox: LatestSlot[RenderedFrame] | None) -> None:
        """From now on the sink `name` reads from `inbox`; None takes it away."""
        with self._lock:
            outlet = self._outlets.setdefault(name, Outlet(name))
        outlet.connect(inbox)

    def publish(self, frame: RenderedFrame) -> None:
        """Hand `frame` to all sinks; nothing but a `RenderedFrame` passes."""
        require_rendered(frame)
        with self._lock:
            outlets = list(self._outlets.values())
        for outlet in outlets:
            outlet.put(frame)
        self._on_put(frame)

    def replaced(self) -> dict[str, int]:
        """Frames each sink did not read, by name."""
        with self._lock:
            return {name: outlet.replaced for name, outlet in self._outlets.items()}


def offer(inbox: LatestSlot[T], item: T) -> bool:
    """Put `item` unless the slot is closed; whether it went in."""
    try:
        inbox.put(item)
    except Closed:
        return False
    return True
