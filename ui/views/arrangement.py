"""Where everything stands in the window: messages across, the picture with its row of portraits, the side panel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.views.controls import rule

SIDE_WIDTH = 316


@dataclass(frozen=True)
class Parts:
    """All of the window, from the top. bars: across its width; column: under the preview; panels: at the side."""

    bars: Sequence[QWidget]
    preview: QWidget
    column: Sequence[QWidget]
    panels: Sequence[QWidget]


class Arrangement(QWidget):
    """The middle of the main window; `arrange` is called once."""

    def arrange(self, parts: Parts) -> None:
        """Put everything in its place."""
        left = QVBoxLayout()
        left.setContentsMargins(16, 16, 16, 6)
        left.setSpacing(10)
        left.addWidget(parts.preview, 1)
        for part in parts.column:
            left.addWidget(part)
        columns = QHBoxLayout()
        columns.setSpacing(0)
        columns.addLayout(left, 1)
        columns.addWidget(self._side(parts.panels))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        for bar in parts.bars:
            whole.addWidget(bar)
        whole.addLayout(columns, 1)

    def _side(self, panels: Sequence[QWidget]) -> QWidget:
        side, body, scroll = QFrame(self), QWidget(self), QScrollArea(self)
        side.setObjectName("sidePanel")
        body.setObjectName("sidePanelBody")
        side.setFixedWidth(SIDE_WIDTH)
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(14)
        for place, panel in enumerate(panels):
            if place:
                column.addWidget(rule(body))
            column.addWidget(panel)
        column.addStretch(1)
        scroll.setWidget(body)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        frame = QVBoxLayout(side)
        frame.setContentsMargins(1, 0, 0, 0)
        frame.addWidget(scroll)
        return side
