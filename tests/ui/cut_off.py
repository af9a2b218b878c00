"""Finds words that do not fit the widget they stand in, and widgets that lie outside what they belong to."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QCheckBox,
    QComboBox,
    QLabel,
    QPushButton,
    QScrollArea,
    QWidget,
)

from ui.views.controls import ElidedLabel

ROUNDING_PX = 1
ARROW_PX = 46
"""Of a list: its arrow and its edges."""


def cut_off(page: QWidget) -> list[str]:
    """What of a window cannot be read or reached, in words. What scrolls into sight is reached."""
    return [*_too_long(page), *_outside(page)]


def _too_long(page: QWidget) -> Iterator[str]:
    for widget in _seen(page):
        if isinstance(widget, QLabel) and widget.text() and not isinstance(widget, ElidedLabel):
            room, needed = widget.contentsRect(), widget.sizeHint() - (widget.size() - widget.contentsRect().size())
            lines = widget.heightForWidth(widget.width()) if widget.wordWrap() else widget.sizeHint().height()
            if not widget.wordWrap() and needed.width() > room.width() + ROUNDING_PX:
                yield f"label {widget.text()!r} needs {needed.width()}, has {room.width()}"
            elif lines > widget.height() + ROUNDING_PX:
                yield f"label {widget.text()!r} needs a height of {lines}, has {widget.height()}"
        elif isinstance(widget, QPushButton | QCheckBox) and widget.text():
            if widget.sizeHint().width() > widget.width() + ROUNDING_PX:
                yield f"button {widget.text()!r} needs {widget.sizeHint().width()}, has {widget.width()}"
        elif isinstance(widget, QComboBox):
            needed_px = widget.fontMetrics().horizontalAdvance(widget.currentText()) + ARROW_PX
            if needed_px > widget.width() + ROUNDING_PX:
                yield f"list {widget.currentText()!r} needs {needed_px}, has {widget.width()}"


def _outside(page: QWidget) -> Iterator[str]:
    for widget in _seen(page):
        if not isinstance(widget, QLabel | QAbstractButton | QComboBox | QAbstractItemView):
            continue
        inside, place = widget.parentWidget(), QRect(QPoint(), widget.size())
        while inside is not None:
            place.moveTopLeft(widget.mapTo(inside, QPoint()))
            outer = inside.parentWidget()
            scrolls = isinstance(outer, QAbstractScrollArea) and inside is outer.viewport()
            if place.left() < -ROUNDING_PX or place.right() > inside.width() + ROUNDING_PX:
                yield f"{_name(widget)} lies beyond the sides of {_name(inside)}"
                break
            if scrolls or inside is page:
                break
            inside = outer
        if inside is page and (place.top() < -ROUNDING_PX or place.bottom() > page.height() + ROUNDING_PX):
            yield f"{_name(widget)} lies above or below the window"


def _seen(page: QWidget) -> Iterator[QWidget]:
    for widget in page.findChildren(QWidget):
        listed = isinstance(widget.parentWidget(), QComboBox | QAbstractItemView)
        scrolls = isinstance(widget, QScrollArea)
        if widget.isVisible() and widget.window() is page and not listed and not scrolls:
            yield widget


def _name(widget: QWidget) -> str:
    words = getattr(widget, "text", lambda: "")() or widget.accessibleName() or widget.objectName()
    return f"{type(widget).__name__} {words!r}"
