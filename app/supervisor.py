"""The thread that makes what runs match what is wanted, so that no request waits for a device."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from app.outlet import offer
from app.part import Part
from app.slots import LatestSlot

LOOK_S = 0.25
"""Longest time between two looks at parts that failed and are to be tried again."""


class SupervisorStage:
    """Starts, replaces and ends the workers of all parts; run it in a `Worker`.

    parts: in the order of stopping: cameras first, so that nothing new comes; files last, so that all of it is written.
    """

    name = "engine"

    def __init__(self, parts: Sequence[Part[Any]], before_stop: Callable[[], None]) -> None:
        self._parts, self._before_stop = parts, before_stop
        self._wake: LatestSlot[bool] = LatestSlot("wake engine")
        self._t_deadline_s = 0.0

    def wake(self) -> None:
        """Look at the parts now; callable from any thread."""
        offer(self._wake, True)

    def stop_within(self, timeout_s: float) -> None:
        """How long all workers together may take to end; call it before stopping."""
        self._t_deadline_s = time.monotonic() + timeout_s

    def open(self) -> None:
        """Start everything."""
        self.wake()

    def step(self) -> None:
        try:
            self._wake.get(LOOK_S)
        except TimeoutError:
            pass
        for part in reversed(self._parts):
            part.reconcile()

    def release(self) -> None:
        """Stop in steps: 1. ask all parts to end; 2. wait for each, cameras first, files last; 3. tell the engine."""
        for part in self._parts:
            part.unblock()
        for part in self._parts:
            part.stop(max(0.1, self._t_deadline_s - time.monotonic()))
        self._before_stop()

    def unblock(self) -> None:
        """Wake a waiting step for the last time."""
        self._wake.close()
