"""Which message the bar shows: failures of the engine come and go by themselves, notices stay until dismissed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app.control import Problem
from ui.shown import Notice
from ui.wording import notice_of

MAX_NOTICES = 8
"""More unread notices than this drop the oldest; nobody reads a hundred."""


class NoticeBoard:
    """Orders what there is to say, newest first, and remembers what was dismissed.

    A dismissed failure stays away until the engine has stopped reporting it once; then it counts as a new one.
    """

    def __init__(self) -> None:
        self._own: list[Notice] = []
        self._problems: list[Problem] = []
        self._dismissed: set[Problem] = set()
        self._position = 0

    def add(self, notice: Notice) -> None:
        """A message of the window itself; the same message is not shown twice."""
        if notice in self._own:
            self._own.remove(notice)
        self._own.insert(0, notice)
        del self._own[MAX_NOTICES:]
        self._position = 0

    def drop(self, notice: Notice) -> None:
        """The reason for a message is gone."""
        if notice in self._own:
            self._own.remove(notice)

    def report(self, problems: Iterable[Problem]) -> None:
        """All failures the engine has now."""
        now = list(dict.fromkeys(problems))
        self._dismissed &= set(now)
        if any(problem not in self._problems for problem in now):
            self._position = 0
        self._problems = now

    def current(self) -> Notice | None:
        """What to show, with its place among all."""
        everything = self._everything()
        if not everything:
            return None
        self._position %= len(everything)
        return replace(everything[self._position], index=self._position + 1, count=len(everything))

    def next(self) -> None:
        """Turn to the next message, round and round."""
        self._position += 1

    def dismiss(self) -> None:
        """Close the message that is shown."""
        open_problems = self._open_problems()
        if self._position < len(open_problems):
            self._dismissed.add(open_problems[self._position])
        elif self._position - len(open_problems) < len(self._own):
            del self._own[self._position - len(open_problems)]

    def _open_problems(self) -> list[Problem]:
        return [problem for problem in reversed(self._problems) if problem not in self._dismissed]

    def _everything(self) -> list[Notice]:
        return [notice_of(problem) for problem in self._open_problems()] + self._own
