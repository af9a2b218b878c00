"""One background thread for work the window must not wait for; only the newest unbegun job is kept."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from app.slots import LatestSlot
from app.worker import StopTimeout, Worker

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True)
class _Job:
    run: Callable[[], None]


class _JobStage:
    """Takes jobs from a slot; what a job raises was already turned into its own `on_error`."""

    def __init__(self, name: str, on_release: Callable[[], None]) -> None:
        self.name = name
        self.inbox: LatestSlot[_Job] = LatestSlot(name)
        self._on_release = on_release

    def open(self) -> None:
        """Nothing to acquire."""

    def step(self) -> None:
        self.inbox.get().run()

    def release(self) -> None:
        self._on_release()

    def unblock(self) -> None:
        self.inbox.close()


class LatestJob:
    """Runs submitted work one at a time, in the background; submitting replaces what has not begun.

    `on_done` and `on_error` are called on the background thread. The thread starts with the first job;
    `on_release` is the last thing it does.
    """

    def __init__(self, name: str, on_release: Callable[[], None] | None = None) -> None:
        self._stage = _JobStage(name, on_release or _nothing)
        self._worker = Worker(self._stage, _log_failure)
        self._started = False

    def submit(
        self, work: Callable[[], T], on_done: Callable[[T], None], on_error: Callable[[Exception], None]
    ) -> None:
        """Queue `work`; exactly one of the callbacks is called for work that begins.

        Raises:
            Closed: after `close`.
        """

        def run() -> None:
            try:
                result = work()
            except Exception as error:  # noqa: BLE001 - handed over whole, to be shown to the person
                on_error(error)
            else:
                on_done(result)

        self._stage.inbox.put(_Job(run))
        if not self._started:
            self._started = True
            self._worker.start()

    def close(self, timeout_s: float = 1.0) -> None:
        """Drop what has not begun, and wait for what has at most `timeout_s`; idempotent.

        A job cannot be interrupted: one that takes longer is left to the end of the process.
        """
        try:
            self._worker.stop(timeout_s)
        except StopTimeout as error:
            log.info("left running at the end: %s", error)


def _log_failure(name: str, error: Exception) -> None:
    log.error("background work %r failed outside its job", name, exc_info=error)


def _nothing() -> None:
    """There is nothing to give back."""
