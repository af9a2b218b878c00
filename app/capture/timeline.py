"""When each picture of a file is due, through all its loops and in spite of broken time stamps."""

from __future__ import annotations

from app.clock import NS_PER_S

MAX_GAP_NS = 10 * NS_PER_S
"""A longer pause between two pictures is a damaged time stamp."""


class Timeline:
    """Turns time stamps, or their absence, into due times that always grow.

    step_ns: from one picture to the next where the file does not say, and from the last one to the first again.
    """

    def __init__(self, step_ns: int) -> None:
        self._step_ns = step_ns
        self._due_ns = 0
        self._stamp_ns: int | None = None
        self._begun = False

    def due_ns(self, stamp_ns: int | None) -> int:
        """When the next picture, stamped so in the file, is due; the first one at 0."""
        if self._begun:
            self._due_ns += self._gap_ns(stamp_ns)
        self._begun, self._stamp_ns = True, stamp_ns
        return self._due_ns

    def rewind(self) -> None:
        """The next picture is the file's first again."""
        self._stamp_ns = None

    def _gap_ns(self, stamp_ns: int | None) -> int:
        if stamp_ns is None or self._stamp_ns is None:
            return self._step_ns
        gap_ns = stamp_ns - self._stamp_ns
        return gap_ns if 0 < gap_ns <= MAX_GAP_NS else self._step_ns
