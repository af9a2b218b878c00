"""The switch of the remote control, with its address to copy."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ui import strings
from ui.intents import RemoteIntents
from ui.shown import RemoteLine
from ui.theme import Theme
from ui.views.controls import Switch, muted_label, section_title, switch_row


class RemotePanel(QWidget):
    """Shows a `RemoteLine`. The address is shown without its token: a shared screen would tell it to everybody."""

    def __init__(self, intents: RemoteIntents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._switch = Switch(strings.REMOTE, self)
        self._switch.setToolTip(strings.REMOTE_HINT)
        self._switch.clicked.connect(lambda checked: intents.remote_wanted(checked))
        self._text: QLabel = muted_label("", self, wraps=True)
        self._address = QLineEdit(self)
        self._address.setReadOnly(True)
        self._address.setAccessibleName(strings.REMOTE_ADDRESS)
        self._copy = QPushButton(strings.REMOTE_COPY, self)
        self._copy.setIconSize(QSize(18, 18))
        self._copy.setToolTip(strings.REMOTE_COPY_HINT)
        self._copy.clicked.connect(lambda: intents.address_wanted())
        head, row = switch_row(section_title(strings.REMOTE, self), self._switch), QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self._address, 1)
        row.addWidget(self._copy)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(4)
        body.addLayout(head)
        body.addWidget(self._text)
        body.addLayout(row)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._switch.apply_theme(theme)

    def show_line(self, line: RemoteLine) -> None:
        """Set switch, words and address."""
        self._switch.setChecked(line.wanted)
        self._switch.setAccessibleDescription(line.text)
        self._text.setText(line.text)
        self._address.setText(line.address)
        self._address.setCursorPosition(0)
        for widget in (self._address, self._copy):
            widget.setVisible(bool(line.address))
