"""Keeps the remembered settings of a session and decides when they are written."""

from __future__ import annotations

from app.clock import NS_PER_S, Clock
from app.control import Problem
from app.remembered import Remembered
from app.settings_file import SettingsFile
from ui.notices import NoticeBoard
from ui.wording import notice_of

SAVE_AFTER_NS = NS_PER_S // 2
"""A slider moves many times a second; settings are written once it has rested this long."""

AGAIN_AFTER_NS = 30 * NS_PER_S
"""What could not be written is tried again after so long: space may have been made meanwhile."""


class Memory:
    """Current remembered values; `update` changes them, `tick` writes them when it is time.

    file: None remembers nothing beyond this session. A folder that cannot be written is said once.
    """

    def __init__(self, file: SettingsFile | None, clock: Clock, notices: NoticeBoard) -> None:
        self._file, self._clock, self._notices = file, clock, notices
        self._changed_ns: int | None = None
        self._said: Problem | None = None
        self.values = Remembered()
        if file is not None:
            loaded = file.load()
            self.values = loaded.values
            if loaded.notice is not None:
                notices.add(notice_of(loaded.notice))

    @property
    def keeps(self) -> bool:
        """Whether there is a file behind it."""
        return self._file is not None

    def update(self, values: Remembered) -> None:
        """Take new values; they are written soon."""
        if values != self.values:
            self.values = values
            self._changed_ns = self._clock.now_ns()

    def tick(self) -> None:
        """Write if a change has rested long enough."""
        if self._changed_ns is not None and self._clock.now_ns() - self._changed_ns >= SAVE_AFTER_NS:
            self.save()

    def save(self) -> None:
        """Write now if anything changed."""
        if self._changed_ns is None or self._file is None:
            return
        self._changed_ns = None
        trouble = self._file.save(self.values)
        if trouble is not None:
            self._changed_ns = self._clock.now_ns() + AGAIN_AFTER_NS - SAVE_AFTER_NS
        if trouble is not None and trouble != self._said:
            self._notices.add(notice_of(trouble))
        self._said = trouble
