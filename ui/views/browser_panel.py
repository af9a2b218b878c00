"""The switch of the browser source, with its address to copy into OBS."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ui import strings
from ui.icons import icon
from ui.intents import OutputIntents
from ui.shown import BrowserLine
from ui.theme import Theme
from ui.views.controls import Switch, muted_label, section_title, set_object_name, spaced, switch_row


class BrowserPanel(QWidget):
    """Shows a `BrowserLine`. The address itself is not shown: on a shared screen everybody would see its token."""

    def __init__(self, intents: OutputIntents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._switch = Switch(strings.BROWSER, self)
        self._switch.setToolTip(strings.BROWSER_HINT)
        self._switch.clicked.connect(lambda checked: intents.browser_source_wanted(checked))
        self._text = muted_label("", self, wraps=True)
        self._copy = QPushButton(spaced(strings.BROWSER_COPY), self)
        self._copy.setIconSize(QSize(18, 18))
        self._copy.setToolTip(strings.BROWSER_COPY_HINT)
        self._copy.clicked.connect(lambda: intents.browser_address_wanted())
        head = switch_row(section_title(strings.BROWSER, self), self._switch)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(4)
        body.addLayout(head)
        body.addWidget(self._text)
        body.addWidget(self._copy)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._switch.apply_theme(theme)
        self._copy.setIcon(icon("copy", theme.text))

    def show_line(self, line: BrowserLine) -> None:
        """Set switch and words."""
        self._switch.setChecked(line.wanted)
        self._switch.setAccessibleDescription(line.text)
        self._text.setText(line.text)
        set_object_name(self._text, "trouble" if line.trouble else "muted")
        self._copy.setVisible(line.listens)
