"""The sink of headless runs: nothing leaves the program, but what would have left is counted."""

from __future__ import annotations

from app.output.base import require_rendered
from app.packets import RenderedFrame


class NullSink:
    """Counts frames; written by the sink's thread only, so that the count needs no lock."""

    name = "null"

    def __init__(self) -> None:
        self._frames = 0

    def open(self) -> None:
        """Nothing to acquire."""

    def send(self, frame: RenderedFrame) -> None:
        """Count the frame.

        Raises:
            TypeError: for anything that is not a `RenderedFrame`.
        """
        require_rendered(frame)
        self._frames += 1

    def close(self) -> None:
        """Nothing to give back; the count stays readable."""

    @property
    def frames(self) -> int:
        """How many frames arrived, whatever they showed."""
        return self._frames
