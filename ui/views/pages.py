"""What the windows beside the main one share: a size the screen has room for, and contents that scroll."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QScrollArea, QWidget

FRAME = QSize(8, 40)
"""What the system draws around a window, at the most usual."""


def open_at(window: QWidget, size: QSize) -> None:
    """Give a window this size, or as much of it as the screen has room for."""
    window.resize(size.boundedTo(window.screen().availableSize() - FRAME))


def scrolled(body: QWidget, name: str, parent: QWidget) -> QScrollArea:
    """`body` in a frame that scrolls up and down, with the arrow keys too. name: for screen readers."""
    area = QScrollArea(parent)
    area.setObjectName("page")
    area.setAccessibleName(name)
    area.setWidget(body)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
