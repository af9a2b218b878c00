"""The presenter's part for explanations: the list of keys."""

from __future__ import annotations

from ui.protocols import MainView


class HelpDesk:
    """Implements `ui.intents.HelpIntents`."""

    def __init__(self, view: MainView) -> None:
        self._view = view

    def keys_wanted(self) -> None:
        self._view.show_keys()
