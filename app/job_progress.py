"""How far a long job is, read by the window while it runs; and the way to end it from there. Light to import."""

from __future__ import annotations

import threading


class Cancelled(Exception):
    """The person did not want to wait for it any longer: no failure, and nothing to be said."""


class JobProgress:
    """One job's: `report` is called on its thread, everything else on any."""

    def __init__(self) -> None:
        self._share = 0.0  # one writer; reading a float needs no lock
        self._cancelled = threading.Event()

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        return self._share

    def report(self, share: float) -> None:
        """So much is done.

        Raises:
            Cancelled: nobody wants the rest.
        """
        if self._cancelled.is_set():
            raise Cancelled
        self._share = min(1.0, max(0.0, share))

    def cancel(self) -> None:
        """End the job at its next report. Idempotent."""
        self._cancelled.set()
