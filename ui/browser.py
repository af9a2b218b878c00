"""The presenter's part for the browser source: the switch, and the address for OBS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.control import EngineControl, EngineStatus
from app.errors import AppError
from app.output.destinations import BrowserWish
from ui import strings
from ui.notices import NoticeBoard
from ui.protocols import MainView
from ui.shown import BrowserLine
from ui.wording import notice_of_error

PART = "browser source"


@dataclass(frozen=True)
class BrowserParts:
    """What the switch needs. make_wish: port and token; may raise `AppError` where the token cannot be kept."""

    view: MainView
    engine: EngineControl
    notices: NoticeBoard
    make_wish: Callable[[], BrowserWish]


class BrowserDesk:
    """Switches the browser source on and off; off unless a flag says otherwise, and not remembered."""

    def __init__(self, parts: BrowserParts, wish: BrowserWish | None) -> None:
        self._parts, self._wish = parts, wish
        self._address: str | None = None

    @property
    def on(self) -> bool:
        """Whether it is wanted."""
        return self._wish is not None

    def wanted(self, on: bool) -> None:
        """The switch was pressed."""
        self._wish = None
        if on:
            try:
                self._wish = self._parts.make_wish()
            except AppError as error:
                self._parts.notices.add(notice_of_error(PART, error))
        self._parts.engine.set_browser_source(self._wish)

    def address_wanted(self) -> None:
        """Put the address into the clipboard."""
        if self._address is not None:
            self._parts.view.copy_text(self._address)

    def show(self, status: EngineStatus) -> None:
        """Bring the panel up to the engine's status."""
        self._address = None
        if self._wish is None:
            line = BrowserLine(False, strings.BROWSER_OFF)
        elif any(problem.part == PART for problem in status.problems):
            line = BrowserLine(True, strings.BROWSER_TROUBLE, trouble=True)
        elif status.browser_source is None:
            line = BrowserLine(True, strings.BROWSER_STARTING)
        else:
            self._address = self._wish.url(int(status.browser_source.rpartition(":")[2]))
            text = {0: strings.BROWSER_ON, 1: strings.BROWSER_SEEN}.get(status.browser_viewers, strings.BROWSER_SEEN_BY)
            line = BrowserLine(True, text.format(count=status.browser_viewers), listens=True)
        self._parts.view.show_browser_source(line)
